"""A reviewer's changes to a record, as pure functions.

Changes are {path: new value}. A path names a field as evidence does: "modality", "date/edtf", "participants/0",
"participants/1/country", "details/killed". None empties a field, or takes an item out of a list; "participants/2" on a
record with two participants adds one. "evidence" gives new words for fields: [{"field", "start", "end"}], code points.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from service.errors import InvalidInputError
from service.operations.record_schema import EDITABLE, schema_of
from workers.extraction.records import Evidence

Body = dict[str, Any]
LISTS = ("participants", "attributed_to")
MOST_EVIDENCE = 1000  # items that one decision points at
INDEX = re.compile(r"0|[1-9]\d{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed record. `moves` says where list items went: {"participants/1": "participants/0"}, None for away."""

    body: Body
    moves: Mapping[str, str | None]


def apply(family: str, body: Body, changes: Mapping[str, Any]) -> Changed:
    """The record after the changes, checked against its family. Raises InvalidInputError, by path."""
    changed = copy.deepcopy(body)
    wanted = {path: value for path, value in changes.items() if path != "evidence"}
    for path in sorted(wanted, key=_by_index):
        _set(changed, path, wanted[path])
    _check_containers(changed)
    moves: dict[str, str | None] = {}
    for name in LISTS:
        moves |= _moves(name, body[name], changed[name], replaced=name in wanted)
        changed[name] = [item for item in changed[name] if item is not None]
    changed["details"] = {name: value for name, value in changed["details"].items() if value is not None}
    try:
        editable = schema_of(family).load({name: changed[name] for name in EDITABLE})
    except ValidationError as error:
        raise InvalidInputError(dict(error.messages_dict)) from error
    _forget_old_place(body, editable, wanted)
    return Changed({**changed, **editable}, moves)


LOOKED_UP = ("country", "geonames_id", "lat", "lon")


def _forget_old_place(body: Body, editable: Body, wanted: Mapping[str, Any]) -> None:
    """A place with another name is another place: what was looked up for the old one goes, unless it is given anew."""
    old, new = body["place"], editable["place"]
    if old and new and "place" not in wanted and new["name"] != old["name"]:
        new.update({part: None for part in LOOKED_UP if f"place/{part}" not in wanted})


def _by_index(path: str) -> list[tuple[int, str]]:
    """Sorts "participants/9" before "participants/10", so that items are added in their order."""
    return [(_index(part), part) for part in path.split("/")]


def _index(part: str) -> int:
    """The part of a path as an index into a list; -1 when it is none."""
    return int(part) if INDEX.fullmatch(part) else -1


def _check_containers(changed: Body) -> None:
    """Lists are lists and details an object, before anything walks over them. The rest is the schema's to say."""
    for name in LISTS:
        if changed[name] is None:
            changed[name] = []
        if not isinstance(changed[name], list):
            raise InvalidInputError({name: ["Must be a list."]})
    if not isinstance(changed["details"], dict):
        raise InvalidInputError({"details": ["Must be an object."]})


def _moves(name: str, old: list[Any], new: list[Any], *, replaced: bool) -> dict[str, str | None]:
    """A list replaced as a whole keeps track of its items by their being equal, otherwise by their places. Items that
    are None are about to go.
    """
    moves: dict[str, str | None] = {}
    taken: set[int] = set()
    for i, item in enumerate(old):
        equal = (place for place, other in enumerate(new) if other == item and place not in taken)
        place = next(equal, None) if replaced else i
        if place is None or new[place] is None:
            moves[f"{name}/{i}"] = None
        else:
            taken.add(place)
            moves[f"{name}/{i}"] = f"{name}/{place - new[:place].count(None)}"
    return moves


def _set(body: Body, path: str, value: Any) -> None:
    first, *rest = path.split("/")
    if first not in EDITABLE:
        raise InvalidInputError({path: ["There is no such field that can be changed."]})
    if not rest:
        body[first] = value
        return
    container = body
    for key in [first, *rest[:-1]]:
        container = _step(container, key, path)
    if isinstance(container, list) and rest[-1] == str(len(container)):
        container.append(value)
    else:
        container[_key(container, rest[-1], path)] = value


def _step(container: Any, key: str, path: str) -> Any:
    found = container.get(key) if isinstance(container, dict) else container[_key(container, key, path)]
    if found is None and key in ("date", "place") and isinstance(container, dict):
        found = container[key] = {}
    return found


def _key(container: Any, key: str, path: str) -> Any:
    """The key or index; whether a dictionary may have the key is the schema's to say."""
    if isinstance(container, dict):
        return key
    if isinstance(container, list) and 0 <= _index(key) < len(container):
        return _index(key)
    raise InvalidInputError({path: ["There is no such field that can be changed."]})


def differences(before: Body, after: Body) -> list[dict[str, Any]]:
    """What changed, smallest parts first named: [{"field", "from", "to"}]."""
    found = []
    for name in EDITABLE:
        found += list(_differ(name, before[name], after[name]))
    return found


def _differ(path: str, old: Any, new: Any) -> Iterable[dict[str, Any]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differ(f"{path}/{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (was, now) in enumerate(zip(old, new, strict=True)):
            yield from _differ(f"{path}/{i}", was, now)
    else:
        yield {"field": path, "from": old, "to": new}


def carry_evidence(changed: Changed, evidence: list[Evidence], pointed: list[Evidence]) -> list[Evidence]:
    """The evidence of the changed record: fields that were emptied lose theirs, list items keep theirs when the list
    shifts, and what the reviewer `pointed` at replaces what the machine had for that field; words that the machine had
    found, too, stay its find.

    Raises InvalidInputError when he pointed at words for a field without a value.
    """
    for item in pointed:
        if not has_value(changed.body, item.field):
            raise InvalidInputError({item.field or "evidence": ["There is no value here that these words could back."]})
    if len(pointed) > MOST_EVIDENCE:
        raise InvalidInputError({"evidence": [f"Must not have more than {MOST_EVIDENCE} items."]})
    replaced = {item.field for item in pointed}
    moved = [dataclasses.replace(item, field=changed.moves.get(item.field, item.field) or "") for item in evidence]
    found = {_place(item): item for item in moved}
    kept = [item for item in moved if item.field not in replaced and has_value(changed.body, item.field)]
    return kept + [found.get(_place(item), item) for item in pointed]


def _place(item: Evidence) -> tuple[str, int, int]:
    return item.field, item.start, item.end


def carry_confidence(changed: Changed, made: list[dict[str, Any]]) -> dict[str, float]:
    """How sure the machine is of what is still its own: what a person changed or took out has no confidence."""
    touched = [difference["field"] for difference in made]
    kept = {}
    for path, value in changed.body["confidence"].items():
        field = changed.moves.get(path, path)
        if path == "record" or (field and has_value(changed.body, field) and not _is_touched(path, touched)):
            kept[field or path] = value
    return kept


def _is_touched(path: str, touched: list[str]) -> bool:
    return any(field == path or field.startswith(f"{path}/") for field in touched)


def has_value(body: Body, field: str) -> bool:
    """Whether a record has something at the path of a field."""
    if field == "trigger":
        return True
    if field.partition("/")[0] not in EDITABLE:
        return False
    value: Any = body
    for key in field.split("/"):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and 0 <= _index(key) < len(value):
            value = value[_index(key)]
        else:
            return False
    return value is not None


def point(text: str, given: Any) -> list[Evidence]:
    """Evidence that a reviewer pointed at. Raises InvalidInputError for a span outside the text."""
    pointed = []
    for item in given if isinstance(given, list) else [given]:
        if not _is_span(item, len(text)):
            raise InvalidInputError({"evidence": ["Needs field, start and end, inside the document's text."]})
        if unknown := item.keys() - {"field", "start", "end"}:
            raise InvalidInputError({"evidence": [f"Unknown members: {sorted(unknown)}."]})
        found = Evidence.at(item["field"], text, item["start"], item["end"])
        pointed += [found] if found not in pointed else []
    return pointed


def _is_span(item: Any, length: int) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("field"), str):
        return False
    start, end = item.get("start"), item.get("end")
    return type(start) is int and type(end) is int and 0 <= start < end <= length  # a boolean is an int to Python
