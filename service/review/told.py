"""Fields of two answers side by side, in words: what the pages share that let somebody choose between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from service.review import rows
from service.review.fields import Body, Typed, Value
from service.review.rows import Control, Row, Sources


@dataclass(frozen=True, slots=True)
class Told:
    """A field on one side: its value, what else belongs to it, and words that it did not have before."""

    value: str
    more: str = ""
    quotes: tuple[str, ...] = ()
    is_as_before: bool = False


def rows_by_path(body: Body, typed: Typed | None = None) -> dict[str, Row]:
    """The rows of a record's form, as it is or as it was typed."""
    return {row.path: row for row in rows.rows_of(rows.groups(Sources.of(body, (), typed)))}


def controls_of(shown: Mapping[str, Row], path: str) -> tuple[Control, ...]:
    """The controls of a slot; "modality" and "background" share a row, and are merged apart."""
    row = shown["modality" if path == "background" else path]
    if row.path == "modality":
        return tuple(control for control in row.controls if control.path == path)
    return row.every_control


def in_words(shown: Mapping[str, Row], path: str | None, roles: Collection[Value]) -> Told:
    """A field's value, and what else belongs to it. The role stands in the label, unless the versions differ in it."""
    if path is None:
        return Told("not in the record")
    if path == "background":
        return Told("yes" if controls_of(shown, path)[0].value else "no")
    role = shown[path].label_control
    telling = [control for control in controls_of(shown, path) if control is not role]
    telling += [role] if role and len(roles) > 1 else []
    told = [told for control in telling if (told := rows.in_words([control], typed=True))]
    return Told(told[0] if told else "nothing", ", ".join(told[1:]))
