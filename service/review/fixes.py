"""What a decision changed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.review import words
from service.review.fields import Body
from workers.extraction.family import Family

NOTHING = "nothing"
# What stands for a value that has several parts, the first that is told.
_TELLING = ("name", "edtf", "text")


@dataclass(frozen=True, slots=True)
class Fix:
    label: str
    was: str
    now: str


def fixes(changes: Iterable[Mapping[str, Any]], family: Family, body: Body, text: str) -> list[Fix]:
    """`changes` are a decision's, `text` the document's."""
    return [fix for change in changes for fix in _fixes(change, family, body, text)]


def _fixes(change: Mapping[str, Any], family: Family, body: Body, text: str) -> Iterator[Fix]:
    field, was, now = change["field"], change["from"], change["to"]
    if field != "evidence":
        yield Fix(words.field_label(family, field, body), _in_words(was), _in_words(now))
        return
    before, after = _by_field(was), _by_field(now)
    for path in dict.fromkeys([*before, *after]):
        if before.get(path) != after.get(path):
            label = f"Words of {words.field_label(family, path, body).lower()}"
            yield Fix(label, _quotes(before.get(path, []), text), _quotes(after.get(path, []), text))


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return next((str(value[part]) for part in _TELLING if value.get(part)), NOTHING)
    if isinstance(value, list):
        return ", ".join(_in_words(one) for one in value) or NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return NOTHING if value is None else str(value)


def _by_field(spans: Sequence[Sequence[Any]]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for path, start, end in spans:
        found.setdefault(path, []).append((start, end))
    return found


def _quotes(spans: Sequence[tuple[int, int]], text: str) -> str:
    return ", ".join(f"“{words.line(text[start:end])}”" for start, end in spans) or NOTHING
