"""Where two answers to a record differ, field by field, and the record that is made of what was chosen. Pure.

The answers are A and B, in an order that does not tell who was first. Fields are named as in A's record; what only B
has comes behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.errors import InvalidInputError
from service.operations import changes
from service.operations.answers import as_text
from service.operations.changes import LISTS, Body
from workers.extraction.families import FAMILY_OF
from workers.extraction.records import Evidence

SIDES = ("a", "b")
DECISION = "decision"
CHOOSE = "Choose a or b, or give another value."


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader answered. A rejection has a reason, and the record as he found it."""

    decision: str
    body: Body
    evidence: Sequence[Evidence]
    changes: Sequence[Mapping[str, Any]] = ()
    reason: str | None = None
    reason_text: str | None = None

    @property
    def is_rejection(self) -> bool:
        return self.decision == "reject"


@dataclass(frozen=True, slots=True)
class Side:
    """A field in one answer, with the words behind it. `path` is where it stands there; None where it is not there."""

    path: str | None
    value: Any
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    a: Side
    b: Side


@dataclass(frozen=True, slots=True)
class Settlement:
    """What somebody makes of a dispute: of each field that differs the side, "a" or "b", or another value as changes
    (see operations/changes.py); or a rejection, with its reason.
    """

    choices: Mapping[str, str]
    changes: Mapping[str, Any]
    reason: str | None = None
    reason_text: str | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    a: Answer
    b: Answer

    @property
    def is_about_the_decision(self) -> bool:
        """Whether one rejects what the other accepts. Then nothing else is compared: a rejection has no fields."""
        return self.a.is_rejection != self.b.is_rejection

    def side(self, name: str) -> Answer:
        return self.a if name == "a" else self.b

    @property
    def base(self) -> Answer:
        """The record that a settlement changes: A's, or that of the one who accepts."""
        return self.b if self.a.is_rejection else self.a

    def differences(self) -> list[Difference]:
        if self.is_about_the_decision:
            return [Difference(DECISION, *(Side(DECISION, _verdict(one), ()) for one in (self.a, self.b)))]
        return [one for one in self._fields() if as_text(one.a.value) != as_text(one.b.value)]

    def _fields(self) -> Iterator[Difference]:
        """Every field, in the order of the form."""
        details = [f"details/{detail.name}" for detail in FAMILY_OF[self.a.body["type"]].details]
        for path in (details[0], "modality", "background", "date", "place"):
            yield self._at(path, path, path)
        yield from self._items("participants")
        for path in details[1:]:
            yield self._at(path, path, path)
        yield from self._items("attributed_to")

    def _at(self, field: str, path: str | None, other: str | None) -> Difference:
        return Difference(field, _side(self.a, path), _side(self.b, other))

    def _items(self, name: str) -> Iterator[Difference]:
        ours, theirs = self.a.body[name], self.b.body[name]
        became = align(ours, theirs)
        for i in range(len(ours)):
            yield self._at(f"{name}/{i}", f"{name}/{i}", f"{name}/{became[i]}" if i in became else None)
        only_theirs = (j for j in range(len(theirs)) if j not in became.values())
        for place, j in enumerate(only_theirs, len(ours)):
            yield self._at(f"{name}/{place}", None, f"{name}/{j}")


def _verdict(answer: Answer) -> dict[str, Any]:
    told = {"decision": answer.decision, "reason": answer.reason, "reason_text": answer.reason_text}
    return {**told, "changes": list(answer.changes)}


def _side(answer: Answer, path: str | None) -> Side:
    if path is None:
        return Side(None, None, ())
    field = evidence_field(path)
    return Side(path, value_at(answer.body, path), tuple(item for item in answer.evidence if item.field == field))


def evidence_field(path: str) -> str:
    """What evidence calls a field: the words of the action are the trigger."""
    return "trigger" if path == "details/action" else path


def value_at(body: Body, path: str) -> Any:
    """The value of a field that the record can have; None where it has none."""
    first, _, rest = path.partition("/")
    if first in LISTS:
        return body[first][int(rest)]
    return body["details"].get(rest) if first == "details" else body[first]


Item = Mapping[str, Any]


def align(ours: Sequence[Item], theirs: Sequence[Item]) -> dict[int, int]:
    """Which item of one list is which of the other, by their places: equal ones, then those of the same name, then,
    in lists as long as each other, those at the same place.
    """
    rules: list[Callable[[int, int], bool]] = [
        lambda i, j: ours[i] == theirs[j],
        lambda i, j: bool(ours[i]["name"] == theirs[j]["name"]),
    ]
    if len(ours) == len(theirs):
        rules.append(lambda i, j: i == j)
    found: dict[int, int] = {}
    for is_same in rules:
        for i in (i for i in range(len(ours)) if i not in found):
            free = (j for j in range(len(theirs)) if j not in found.values() and is_same(i, j))
            if (j := next(free, None)) is not None:
                found[i] = j
    return found


# What is made of it


@dataclass(frozen=True, slots=True)
class Settled:
    """The record that a settlement makes; `taken` are the differences of which it has B's side, with their places."""

    changed: changes.Changed
    taken: Sequence[tuple[Difference, str]]
    evidence: list[Evidence]
    confidence: dict[str, float]


def rejects(dispute: Dispute, settlement: Settlement) -> Answer | None:
    """The rejection that the settlement takes over or is; None when the record is accepted."""
    if settlement.reason is not None:
        return replace(dispute.base, decision="reject", reason=settlement.reason, reason_text=settlement.reason_text)
    chosen = settlement.choices.get(DECISION) if dispute.is_about_the_decision else None
    answer = dispute.side(chosen) if chosen else None
    return answer if answer and answer.is_rejection else None


def check(dispute: Dispute, settlement: Settlement) -> None:
    """Raises InvalidInputError for what is chosen where nothing differs, and for what waits for a choice. What is given
    as another value needs no choice.
    """
    differences = dispute.differences()
    fields = [one.field for one in differences]
    errors = {field: ["Must be a or b."] for field, side in settlement.choices.items() if side not in SIDES}
    errors |= {field: ["Nothing differs here."] for field in settlement.choices if field not in fields}
    if not dispute.is_about_the_decision:
        strange = (path for path in settlement.changes if path != "evidence" and not _field_of(path, fields))
        errors |= {path: ["Nothing differs here."] for path in strange}
    if rejects(dispute, settlement):
        more = settlement.changes or (settlement.reason is not None and settlement.choices)
        errors |= {"reason": ["A rejection has no changes, and no choices beside its reason."]} if more else {}
    else:
        answered = {*settlement.choices, *(_field_of(path, fields) for path in settlement.changes)}
        errors |= {field: [CHOOSE] for field in fields if field not in answered}
    if errors:
        raise InvalidInputError(errors)


def _field_of(path: str, fields: Sequence[str]) -> str | None:
    """The field of these that a path is of, or in."""
    return next((field for field in fields if path == field or path.startswith(f"{field}/")), None)


def settle(dispute: Dispute, settlement: Settlement, pointed: Sequence[Evidence]) -> Settled:
    """The accepted record. The evidence of B's values comes with them; `pointed` is what the settler points at.

    Raises InvalidInputError.
    """
    check(dispute, settlement)
    base = dispute.base
    wanted, taken = _wanted(dispute, settlement)
    changed = changes.apply(base.body["type"], base.body, wanted)
    places = {one.field: _place(target, wanted, changed) for one, target in taken}
    came = [
        replace(item, field=evidence_field(places[one.field]))
        for one, _ in taken
        if one.b.value is not None
        for item in one.b.evidence
    ]
    named = {item.field for item in pointed}
    evidence = changes.carry_evidence(
        changed, list(base.evidence), [*(item for item in came if item.field not in named), *pointed]
    )
    made = changes.differences(base.body, changed.body)
    confidence = changes.carry_confidence(changed, made)
    for one, _ in taken:
        if one.b.path in dispute.b.body["confidence"] and not _is_overridden(one.field, settlement):
            confidence[places[one.field]] = dispute.b.body["confidence"][one.b.path]
    return Settled(changed, taken, evidence, confidence)


def _is_overridden(field: str, settlement: Settlement) -> bool:
    return any(_field_of(path, [field]) for path in settlement.changes)


def _wanted(dispute: Dispute, settlement: Settlement) -> tuple[dict[str, Any], list[tuple[Difference, str]]]:
    """The settlement as changes of the base, and the differences of which B's side is taken, with their paths in them.
    What the base lacks is added behind it, one after the other.
    """
    if dispute.is_about_the_decision:
        return {path: value for path, value in settlement.changes.items() if path != "evidence"}, []
    free = {name: len(dispute.base.body[name]) for name in LISTS}
    wanted: dict[str, Any] = {}
    taken = []
    for one in dispute.differences():
        typed = _typed(one.field, settlement)
        is_taken = settlement.choices.get(one.field) == "b" and one.field not in typed
        target = one.field
        if one.a.path is None and (is_taken or typed):
            name = one.field.partition("/")[0]
            target = f"{name}/{free[name]}"
            free[name] += 1
        if is_taken:
            wanted[target] = one.b.value
            taken.append((one, target))
        wanted |= {target + path.removeprefix(one.field): value for path, value in typed.items()}
    return wanted, taken


def _typed(field: str, settlement: Settlement) -> dict[str, Any]:
    return {path: value for path, value in settlement.changes.items() if _field_of(path, [field])}


def _place(target: str, wanted: Mapping[str, Any], changed: changes.Changed) -> str:
    """Where a field stands once the items that went have left its list."""
    name, _, number = target.partition("/")
    if name not in LISTS or target in changed.moves:
        return changed.moves.get(target) or target
    gone = sum(f"{name}/{i}" in wanted and wanted[f"{name}/{i}"] is None for i in range(int(number)))
    return f"{name}/{int(number) - gone}"
