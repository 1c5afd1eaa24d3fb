"""What an event family is: names, roles and details. Everything that shows or checks records reads it from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    """An event family. `details[0]` is always the choice "action". `place_label` says what `place` means here."""

    name: str
    label: str
    roles: tuple[Role, ...]
    details: tuple[DetailField, ...]
    place_label: str

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
