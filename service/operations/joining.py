"""Two records of one event as one, as pure functions: the first wins, the second fills what the first left open."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.operations.changes import LISTS, Body
from workers.extraction.records import Evidence

# What makes two items of a list the same one.
SAME = {"participants": ("role", "name"), "attributed_to": ("name",)}


@dataclass(frozen=True, slots=True)
class Joined:
    """`places` says where fields of the second record are now: {"participants/0": "participants/2"}."""

    body: Body
    places: Mapping[str, str]


def join(first: Body, second: Body) -> Joined:
    body = copy.deepcopy(first)
    places = {"trigger": "trigger"}
    for name in ("modality", "date", "place"):
        if body[name] is None:
            body[name] = copy.deepcopy(second[name])
        if second[name] is not None and body[name] == second[name]:
            places[name] = name
    for name, value in second["details"].items():
        if body["details"].setdefault(name, value) == value:
            places[f"details/{name}"] = f"details/{name}"
    for name in LISTS:
        places |= _join_list(name, body[name], second[name])
    taken = {places[path]: sure for path, sure in second["confidence"].items() if path in places}
    body["confidence"] = taken | first["confidence"]
    body["rules"] = list(dict.fromkeys([*first["rules"], *second["rules"]]))
    return Joined(body, places)


def _join_list(name: str, mine: list[Body], theirs: Sequence[Body]) -> dict[str, str]:
    places = {}
    known = {tuple(item[part] for part in SAME[name]): i for i, item in enumerate(mine)}
    for i, item in enumerate(theirs):
        key = tuple(item[part] for part in SAME[name])
        if key not in known:
            known[key] = len(mine)
            mine.append(copy.deepcopy(item))
        places[f"{name}/{i}"] = f"{name}/{known[key]}"
    return places


def join_evidence(first: Sequence[Evidence], second: Sequence[Evidence], joined: Joined) -> list[Evidence]:
    """All words that back the joined record, each once."""
    known = {(item.field, item.start, item.end) for item in first}
    came = [
        dataclasses.replace(item, field=joined.places[item.field]) for item in second if item.field in joined.places
    ]
    return [*first, *(item for item in came if (item.field, item.start, item.end) not in known)]
