"""A decision that was refused because the record or its claim has moved on, and the one that is made of what was seen,
what is now, and what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from service.errors import (
    AlreadyDecidedError,
    BeingDraftedError,
    HeldByAnotherError,
    LeaseLostError,
    OwnReadingError,
    RevisionChangedError,
    TransitionError,
)
from service.operations import lifecycle, records, reviews
from service.operations.actor import Actor
from service.operations.records import Record
from service.review import fields, merging
from service.review.fields import Typed, Value
from service.review.merging import Difference, Slot, Version

CONFLICTS = (
    *(AlreadyDecidedError, BeingDraftedError, HeldByAnotherError, LeaseLostError),
    *(OwnReadingError, RevisionChangedError, TransitionError),
)
CHOOSE_FIRST = "Choose one of these first."


@dataclass(frozen=True, slots=True)
class Intention:
    """What the reviewer was about to decide: "reject" with its reason, else "save"."""

    verdict: str
    reason: str
    reason_text: str

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> Intention:
        verdict = "reject" if form.get("decision", form.get("verdict")) == "reject" else "save"
        return cls(verdict, form.get("reason", ""), form.get("reason_text", ""))


@dataclass(frozen=True, slots=True)
class Merge:
    """The three versions, and what was chosen of them so far. `standing` is the record's (see operations/lifecycle.py),
    `seen` and `now` are numbers of revisions.
    """

    record: Record
    standing: str
    seen: int
    was: Version
    theirs: Version
    mine: Version
    differences: list[Difference]
    same: list[Slot]
    choices: Mapping[int, str]
    others: Mapping[int, tuple[Value, ...]]
    intention: Intention

    @property
    def now(self) -> int:
        return self.record.event.revision

    @property
    def is_open(self) -> bool:
        """Whether somebody has to claim the item before he decides."""
        return self.standing not in lifecycle.ENDS

    @property
    def saves(self) -> bool:
        """Whether the decision is possible where the record stands."""
        decision = "reject" if self.intention.verdict == "reject" else "fix" if self.differences else "approve"
        return (self.standing, decision) in lifecycle.TRANSITIONS

    @property
    def result(self) -> Typed:
        """The form of the record as it is now, changed to what was chosen."""
        return merging.merged(self.theirs, self.differences, self.choices, self.others)

    @property
    def changes(self) -> dict[str, Any]:
        return fields.changes(self.theirs.body, self.result)

    def missing(self) -> dict[int, list[str]]:
        """Complaints about the differences that wait for a choice."""
        return {
            one.number: [CHOOSE_FIRST] for one in self.differences if not (self.choices.get(one.number) or one.default)
        }

    def at_differences(self, errors: Mapping[str, Any]) -> dict[int, list[str]]:
        """The schema's complaints at the differences that they are about; -1 has those about none of them."""
        targets = merging.targets_of(self.theirs, self.differences)
        found: dict[int, list[str]] = {}
        for path, complaints in fields.by_path(self.theirs.body, self.result, errors).items():
            number = next((n for n, row in targets.items() if path in (row, *merging.form_paths(row))), -1)
            found.setdefault(number, []).extend(complaints)
        return found


def merge_of(session: Session, event_id: UUID, form: MultiDict[str, str], *, by: Actor) -> Merge:
    """From a refused form, or from the page that told of it; "onto" is what that page showed as the present revision.

    When the record has moved on since that page, too, what was chosen there counts as typed on what it showed.
    """
    record = records.get(session, event_id, by=by)
    standing = lifecycle.standing(record.event, reviews.item_of(session, event_id, by=by))
    told = records.history(session, event_id, by=by)
    history = {entry["revision"]: entry["record"] for entry in told}
    text_of = {entry["revision"]: entry["document"] for entry in told}
    now = record.event.revision
    seen = _known(history, form.get("revision", now, type=int), now)
    onto = _known(history, form.get("onto", now, type=int), now)
    typed = fields.read(history[seen], form)
    if text_of[seen] != text_of[now]:  # words that somebody pointed at in an older version of the document
        typed = replace(typed, evidence={})
    merge = _compared((record, standing), history, (seen, onto), typed, form)
    if onto == now:
        return merge
    moved = _compared((record, standing), history, (onto, now), merge.result, MultiDict())
    return replace(moved, intention=merge.intention)


def _known(history: Mapping[int, Any], number: int, now: int) -> int:
    return number if number in history else now


def _compared(
    at: tuple[Record, str],
    history: Mapping[int, Any],
    numbers: tuple[int, int],
    typed: Typed,
    form: MultiDict[str, str],
) -> Merge:
    seen, now = (history[number] for number in numbers)
    was, theirs, mine = Version.of(seen), Version.of(now), Version.of(seen, typed)
    differences, same = merging.compare(was, theirs, mine)
    return Merge(
        *at, numbers[0], was, theirs, mine, differences, same,
        choices=_choices(form, differences),
        others={one.number: _other(form, one) for one in differences},
        intention=Intention.of(form),
    )  # fmt: skip


def _choices(form: MultiDict[str, str], differences: Sequence[Difference]) -> dict[int, str]:
    found = {one.number: form.get(f"choose:{one.number}", "") for one in differences}
    return {number: choice for number, choice in found.items() if choice in merging.CHOICES}


def _other(form: MultiDict[str, str], one: Difference) -> tuple[Value, ...]:
    """What was typed as another value; what the form lacks is as it was typed before, or as it is now."""
    held = one.mine or one.theirs or one.was
    assert held is not None
    names = (other_name(one.number, path) for path in merging.form_paths(one.slot.path))
    return tuple(typed_value(form, name, before) for name, before in zip(names, held.values, strict=True))


def other_name(number: int, path: str) -> str:
    return f"other:{number}:{path.rpartition('/')[2]}"


def typed_value(form: MultiDict[str, str], name: str, before: Value) -> Value:
    if isinstance(before, tuple):
        return tuple(form.getlist(name)) if f"has:{name}" in form else before
    if f"has:{name}" in form:
        return form.get(name, "")
    return fields.clean(name.replace(":", "/"), form[name]) if name in form else before
