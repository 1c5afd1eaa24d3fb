"""Who acts. Every operation is told by whom, checks his scope, and writes it into the audit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from service.errors import ScopeMissingError
from service.store.access import KeyInUse

ROLE_SCOPES: dict[str, frozenset[str]] = {
    "administrator": frozenset({"upload", "read", "review", "adjudicate", "admin"}),
    "adjudicator": frozenset({"read", "review", "adjudicate"}),
    "reviewer": frozenset({"read", "review"}),
    "reader": frozenset({"read"}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, in a browser or through an API key of his. `families` are those that he reviews, none for all."""

    user_id: UUID
    username: str
    scopes: frozenset[str]
    key: KeyInUse | None = None
    families: frozenset[str] = frozenset()

    @property
    def key_id(self) -> UUID | None:
        return self.key.id if self.key else None

    def require(self, scope: str, *others: str) -> None:
        """One of these. Raises ScopeMissingError."""
        if self.scopes.isdisjoint((scope, *others)):
            named = " or ".join(map(repr, (scope, *others)))
            raise ScopeMissingError(f"This needs the scope {named}.", scope=scope)
