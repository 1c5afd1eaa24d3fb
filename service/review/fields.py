"""Between a record and its form: the values that the form shows, and the changes that a reviewer made in it.

A form field is named by its path in the record: "date/edtf", "participants/0/name", "details/measures". Its value is
text on one line; of a choice of many, a tuple. What is compared is what was shown with what came back, both in that
form, so that nothing counts as a change that nobody made. "evidence:participants/0" has words of the text that somebody
pointed at for a row, as "start-end", in code points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from service.errors import InvalidInputError
from service.review.words import line
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family
from workers.extraction.records import KINDS

Body = Mapping[str, Any]
Value = str | tuple[str, ...]
Span = tuple[int, int]
PARTS = {
    "participants": ("role", "name", "kind", "country", "office"),
    "attributed_to": ("name", "cue", "country"),
    "date": ("text", "edtf"),
    "place": ("name", "country"),
}
LISTS = ("participants", "attributed_to")
# Fields that evidence calls by another name than the form, or that have more in the form than evidence backs.
_FORM_PATHS = {"trigger": ("details/action",), "modality": ("modality", "background")}
MUST_BE_FILLED = ("role", "name", "kind", "cue")
MOST_ITEMS = 100  # of a list in one form; more than any text names, and a bound for what a request can ask for
POINTED = "evidence:"
_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
_WITH_EVIDENCE = re.compile(r"trigger|modality|date|place|details/\w+|(?:participants|attributed_to)/\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form has in it: values by path, the list items that are to go, and the words that somebody pointed at, by
    the path of their row; those take the place of all words that the row had.
    """

    values: Mapping[str, Value]
    removed: frozenset[str] = frozenset()
    evidence: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    def text(self, path: str) -> str:
        value = self.values.get(path, "")
        return value if isinstance(value, str) else ""

    def items(self, name: str) -> list[int]:
        """The numbers of a list's items, those that are new in the form included."""
        numbers = {path.split("/")[1] for path in self.values if path.startswith(f"{name}/")}
        return sorted(int(number) for number in numbers)


def shown(body: Body) -> Typed:
    """The form of a record as it is."""
    family = FAMILY_OF[body["type"]]
    values: dict[str, Value] = {"modality": body["modality"], "background": "yes" if body["background"] else ""}
    for name in ("date", "place"):
        values |= _part_values(name, name, body[name] or {})
    for name in LISTS:
        for i, item in enumerate(body[name]):
            values |= _part_values(name, f"{name}/{i}", item)
    for detail in family.details:
        values[f"details/{detail.name}"] = _detail_value(body["details"].get(detail.name))
    return Typed(values)


def _part_values(name: str, path: str, item: Body) -> dict[str, Value]:
    return {f"{path}/{part}": line(item.get(part)) for part in PARTS[name]}


def _detail_value(value: Any) -> Value:
    if isinstance(value, list | tuple):
        return tuple(value)
    return "" if value is None else line(str(value))


def read(body: Body, form: MultiDict[str, str]) -> Typed:
    """The form as it came back. Fields that it lacks are as they were, so that a part of a form changes nothing else;
    a marker "has:PATH" tells an emptied choice, which browsers leave out, from a missing one.
    """
    was = shown(body).values
    family = FAMILY_OF[body["type"]]
    many = {f"details/{detail.name}" for detail in family.details if detail.kind == "choices"}
    values: dict[str, Value] = {}
    for path in [*was, *_new_paths(form, was)]:
        if path in many:
            values[path] = tuple(form.getlist(path)) if f"has:{path}" in form else was[path]
        elif path == "background":
            values[path] = form.get(path, "") if f"has:{path}" in form else was[path]
        else:
            values[path] = clean(path, form[path]) if path in form else was.get(path, "")
    removed = frozenset(path for path in form.getlist("remove") if path.partition("/")[0] in LISTS)
    return Typed(values, removed, _pointed(form))


def _pointed(form: MultiDict[str, str]) -> dict[str, tuple[Span, ...]]:
    """Raises InvalidInputError for a span that is none; unknown rows are passed over, as other unknown fields are."""
    found = {}
    for name in form:
        path = name.removeprefix(POINTED)
        if name.startswith(POINTED) and _WITH_EVIDENCE.fullmatch(path):
            found[path] = tuple(dict.fromkeys(span(path, value) for value in form.getlist(name)))
    return found


def span(path: str, value: str) -> Span:
    """Raises InvalidInputError for what is not "start-end"."""
    ends = _SPAN.fullmatch(value)
    if ends is None or int(ends[1]) >= int(ends[2]):
        raise InvalidInputError({path: ["Words are named by where they start and end, as in 120-131."]})
    return int(ends[1]), int(ends[2])


def as_form(typed: Typed) -> list[tuple[str, str]]:
    """The fields that a form must have so that read() gives the same again, for whatever body."""
    sent = [("remove", path) for path in sorted(typed.removed)]
    sent += [(POINTED + path, f"{start}-{end}") for path, spans in typed.evidence.items() for start, end in spans]
    for path, value in typed.values.items():
        many = value if isinstance(value, tuple) else (value,)
        sent += [(f"has:{path}", "1")] if isinstance(value, tuple) or path == "background" else []
        sent += [(path, one) for one in many if one or path != "background"]
    return sent


def _new_paths(form: MultiDict[str, str], was: Mapping[str, Value]) -> Iterator[str]:
    for path in form:
        name, _, rest = path.partition("/")
        number, _, part = rest.partition("/")
        if name in LISTS and part in PARTS[name] and number.isdecimal() and int(number) < MOST_ITEMS:
            yield from (f"{name}/{int(number)}/{part}" for part in PARTS[name] if f"{name}/{number}/{part}" not in was)


def clean(path: str, value: str) -> str:
    """What was typed, on one line and without blanks around it."""
    return line(value).upper() if path.endswith("/country") else line(value)


def put_back(body: Body, typed: Typed, row: str) -> Typed:
    """The form with one row as the record has it."""
    paths = _FORM_PATHS.get(row, (row,))
    was = {
        path: value
        for path, value in shown(body).values.items()
        if any(path == name or path.startswith(f"{name}/") for name in paths)
    }
    evidence = {path: spans for path, spans in typed.evidence.items() if path != row}
    return Typed({**typed.values, **was}, typed.removed - {row}, evidence)


def blank_item(name: str, family: Family) -> dict[str, str]:
    """A new participant or source, as its row starts."""
    first = {"role": family.role_names[-1], "kind": KINDS[0]}
    return {part: first.get(part, "") for part in PARTS[name]}


def with_new(typed: Typed, name: str, family_name: str) -> Typed:
    """The form with one more row in a list."""
    number = max(typed.items(name), default=-1) + 1
    new = {f"{name}/{number}/{part}": value for part, value in blank_item(name, FAMILY_OF[family_name]).items()}
    return replace(typed, values={**typed.values, **new})


def changes(body: Body, typed: Typed) -> dict[str, Any]:
    """What to change in the record so that it is as typed; see operations/changes.py for the form of it."""
    family = FAMILY_OF[body["type"]]
    was = shown(body)
    found: dict[str, Any] = {}
    if typed.text("modality") != was.text("modality"):
        found["modality"] = typed.text("modality")
    if bool(typed.text("background")) != body["background"]:
        found["background"] = bool(typed.text("background"))
    found |= _part_changes("date", body, was, typed)
    found |= _place_changes(body, was, typed)
    for name in LISTS:
        found |= _list_changes(name, body, was, typed)
    return found | _detail_changes(family, was, typed) | _evidence_changes(body, typed)


def _part_changes(name: str, body: Body, was: Typed, typed: Typed) -> dict[str, Any]:
    if body[name] is not None and not any(typed.text(f"{name}/{part}") for part in PARTS[name]):
        return {name: None}
    return _differing(name, name, was, typed)


def _place_changes(body: Body, was: Typed, typed: Typed) -> dict[str, Any]:
    """A place with another name is another place: what was looked up for the old one goes."""
    found = _part_changes("place", body, was, typed)
    if "place/name" in found and body["place"]:
        looked_up = ("geonames_id", "lat", "lon")
        found |= {f"place/{part}": None for part in looked_up if body["place"].get(part) is not None}
    if "place/country" in found and body["place"] is None:
        found.setdefault("place/name", "")
    return found


def _differing(name: str, path: str, was: Typed, typed: Typed) -> dict[str, Any]:
    return {
        f"{path}/{part}": _part(part, typed.text(f"{path}/{part}"))
        for part in PARTS[name]
        if typed.text(f"{path}/{part}") != was.text(f"{path}/{part}")
    }


def _part(part: str, value: str) -> str | None:
    return value or ("" if part in MUST_BE_FILLED else None)


def _list_changes(name: str, body: Body, was: Typed, typed: Typed) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for i in range(len(body[name])):
        path = f"{name}/{i}"
        found |= {path: None} if path in typed.removed else _differing(name, path, was, typed)
    for place, i in enumerate(_added(name, body, typed), len(body[name])):
        found[f"{name}/{place}"] = {part: _part(part, typed.text(f"{name}/{i}/{part}")) for part in PARTS[name]}
    return found


def _added(name: str, body: Body, typed: Typed) -> list[int]:
    """New items; a new row that somebody left empty is none."""
    telling = [part for part in PARTS[name] if part not in ("role", "kind")]
    return [
        i
        for i in typed.items(name)
        if i >= len(body[name])
        and f"{name}/{i}" not in typed.removed
        and any(typed.text(f"{name}/{i}/{part}") for part in telling)
    ]


def _detail_changes(family: Family, was: Typed, typed: Typed) -> dict[str, Any]:
    found = {}
    for detail in family.details:
        path = f"details/{detail.name}"
        if typed.values[path] != was.values[path]:
            found[path] = _READERS[detail.kind](typed.values[path])
    return found


def _evidence_changes(body: Body, typed: Typed) -> dict[str, Any]:
    """Words by the place that their field has in the changed record; a row that is not in it has none."""
    fields = ((_in_record(path, body, typed), spans) for path, spans in typed.evidence.items())
    pointed = [{"field": path, "start": start, "end": end} for path, spans in fields if path for start, end in spans]
    return {"evidence": pointed} if pointed else {}


def _in_record(path: str, body: Body, typed: Typed) -> str | None:
    """The path of a row in the changed record, where lists have no gaps; None for a row that does not get there."""
    name, _, number = path.partition("/")
    if name not in LISTS:
        return path
    places = _places(name, body, typed)
    return f"{name}/{places.index(int(number))}" if int(number) in places else None


def _count(value: Value) -> int | str | None:
    """Digits as a number; what is none stays as typed, for the record's schema to refuse."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else _text(value)


def _text(value: Value) -> str | None:
    return str(value) or None


def _many(value: Value) -> list[str] | None:
    return list(value) or None


_READERS: dict[str, Callable[[Value], Any]] = {"choice": _text, "text": _text, "count": _count, "choices": _many}


def by_path(body: Body, typed: Typed, errors: Mapping[str, Any]) -> dict[str, list[str]]:
    """The schema's complaints at the form's paths. In a list the schema counts what is left of it, the form all."""
    flat: dict[str, list[str]] = {}
    for path, complaints in flatten(errors):
        flat.setdefault(_in_form(path, body, typed), []).extend(complaints)
    return flat


def flatten(errors: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, list[str]]]:
    for key, value in errors.items():
        path = f"{above}/{key}" if above else str(key)
        if isinstance(value, Mapping):
            yield from flatten(value, path)
        else:
            yield path, [str(complaint) for complaint in value]


def _places(name: str, body: Body, typed: Typed) -> list[int]:
    """The numbers that a list's items have in the form, in the order of the changed record."""
    kept = [i for i in range(len(body[name])) if f"{name}/{i}" not in typed.removed]
    return [*kept, *_added(name, body, typed)]


def _in_form(path: str, body: Body, typed: Typed) -> str:
    name, _, rest = path.partition("/")
    number, _, part = rest.partition("/")
    if name not in LISTS or not number.isdecimal():
        return path
    places = _places(name, body, typed)
    return "/".join(filter(None, (name, str(places[int(number)]), part))) if int(number) < len(places) else path
