"""What an event family is: names, roles and details. Everything that shows or checks records reads it from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the web process reads families without loading the machinery of their rules
    from workers.extraction.findings import Finding, Rule
    from workers.extraction.reading import Reading

DetailKind = Literal["choice", "choices", "text", "count"]


@dataclass(frozen=True, slots=True)
class DetailField:
    """One field of a family's `details`: one of `choices`, any of `choices`, free text, or a count of people (>= 0)."""

    name: str
    label: str
    kind: DetailKind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A part that a participant plays."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Family:
    """An event family. `details[0]` is always the choice "action". `place_label` says what `place` means here.

    `rules` are tried in order on each trigger of seeds/lexicons/<name>.toml; the first that finds something wins.
    `settle` completes a finding (roles, place, details), or refuses it with None. Roles in `inherits` are filled from
    the nearest other mention when one leaves them open ("the embargo was lifted in 2018"). `contested`: actions that
    are a claim where one of the participants says that they happened, as with shots at a border. `schema_version` is
    that of its records' published schema (service/published/).
    """

    name: str
    label: str
    roles: tuple[Role, ...]
    details: tuple[DetailField, ...]
    place_label: str
    rules: tuple[Rule, ...] = ()
    settle: Callable[[Finding, Reading], Finding | None] | None = None
    inherits: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    schema_version: int = 2

    def __post_init__(self) -> None:
        first = self.details[0]
        if (first.name, first.kind) != ("action", "choice"):
            raise ValueError(f"{self.name}: the first detail must be the choice 'action'")

    @property
    def actions(self) -> tuple[str, ...]:
        return self.details[0].choices

    @property
    def role_names(self) -> tuple[str, ...]:
        return tuple(role.name for role in self.roles)
