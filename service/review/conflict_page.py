"""The page of a refused decision: the fields that differ, who changed them, and the sentences in question."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from service.errors import BeingDraftedError, LegationError, OwnReadingError, RevisionChangedError
from service.operations import documents, records
from service.operations.actor import Actor
from service.operations.records import Record
from service.operations.reviews import REJECT_REASONS
from service.review import desk, fields, merging, rows, runs, words
from service.review.conflict import Merge, other_name
from service.review.fields import Value
from service.review.holds import Hold
from service.review.merging import Difference, Slot, Version
from service.review.rows import Control, Row
from service.review.runs import Mark, Paragraph
from service.review.told import Told, controls_of, in_words, rows_by_path
from service.review.words import Headline
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the merge: the sides, which of them is chosen, and the controls for another value."""

    number: int
    label: str
    changed_by: str
    was: Told
    theirs: Told
    mine: Told
    chosen: str
    controls: tuple[Control, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the page shows. `kept` is what was typed, to be sent again; `saves` tells whether saving is possible now."""

    event_id: UUID
    family: Family
    headline: Headline
    title: str
    told: str
    hold: Hold
    who: str
    merge: Merge
    choices: list[Choice]
    same: list[tuple[str, Told]]
    passages: list[Paragraph]
    reject_reason: str
    kept: list[tuple[str, str]]
    errors: tuple[str, ...]

    @property
    def waits(self) -> int:
        """How many fields still wait for a choice."""
        return sum(not one.chosen for one in self.choices)

    @property
    def is_held(self) -> bool:
        """Whether another holds the item; it can be taken over from him."""
        return self.merge.is_open and self.hold.state == "other"

    @property
    def is_free(self) -> bool:
        """Whether the item can be claimed, to go on in its form."""
        return self.merge.is_open and self.hold.state in ("free", "mine")


def conflict(
    session: Session,
    event_id: UUID,
    merge: Merge,
    error: LegationError | None,
    *,
    by: Actor,
    lease: int,
    errors: Mapping[int, Sequence[str]] | None = None,
) -> Conflict:
    """The page of a refused decision; `errors` are about a merge that was refused in its turn."""
    record, errors = merge.record, errors or {}
    hold = desk.hold_of_event(session, event_id, by=by, lease=lease)
    text = documents.get_with_text(session, record.current.document_id, by=by).text
    present = _Presenter.of(merge, text)
    choices = [present.choice(one, errors.get(one.number, ())) for one in merge.differences]
    return Conflict(
        event_id,
        FAMILY_OF[record.event.type],
        words.headline(record.current.body),
        _title(error, record, hold, by),
        _told(choices, merge),
        hold,
        _who(record, by),
        merge,
        choices,
        [present.same(slot) for slot in merge.same],
        present.passages(),
        REJECT_REASONS.get(merge.intention.reason, ""),
        fields.as_form(merge.mine.typed),
        tuple(errors.get(-1, ())),
    )


def _title(error: LegationError | None, record: Record, hold: Hold, by: Actor) -> str:
    if isinstance(error, OwnReadingError | BeingDraftedError):
        return str(error).rstrip(".")
    if record.decision:
        verdict = {"fixed": "fixed and approved"}.get(_verdict_of(record), _verdict_of(record))
        at = f"{record.decision.at:%H:%M} UTC"
        return f"{_who(record, by)} {verdict} this record at {at}: revision {record.event.revision}"
    if hold.state == "other":
        return f"{hold.holder} holds this item now, and you no longer did"
    if isinstance(error, RevisionChangedError):
        return f"The record is at revision {record.event.revision} now"
    return "Your claim on this item was given up; nobody else holds it"


def _told(choices: Sequence[Choice], merge: Merge) -> str:
    if not choices:
        return "You had changed no field. Nothing is sent until you decide."
    waits = sum(not one.chosen for one in choices)
    differ = f"{words.count(len(choices), 'field differs', 'fields differ')}"
    choose = f", {waits} {'needs' if waits == 1 else 'need'} your choice" if waits else ""
    return f"Nothing of yours is lost: {differ}{choose}. Nothing is sent until you save."


def _who(record: Record, by: Actor) -> str:
    """Who made the revision that the record is at."""
    if record.decision is None:
        return "Now"
    return "You" if record.decision.by == by.user_id else record.decision.reviewer.username


def _verdict_of(record: Record) -> str:
    assert record.decision is not None
    return records.VERDICTS[record.decision.decision]


@dataclass(frozen=True, slots=True)
class _Presenter:
    """A merge in words."""

    merge: Merge
    text: str
    was: Mapping[str, Row]
    theirs: Mapping[str, Row]
    mine: Mapping[str, Row]

    @classmethod
    def of(cls, merge: Merge, text: str) -> _Presenter:
        sides = (merge.was, merge.theirs, merge.mine)
        return cls(merge, text, *(rows_by_path(side.body, side.typed) for side in sides))

    def choice(self, one: Difference, errors: Sequence[str]) -> Choice:
        slot = one.slot
        return Choice(
            one.number,
            self._label(slot),
            one.changed_by,
            dataclasses.replace(self._side(self.was, self.merge.was, slot.was, one), is_as_before=False),
            self._side(self.theirs, self.merge.theirs, slot.theirs, one),
            self._side(self.mine, self.merge.mine, slot.mine, one),
            self.merge.choices.get(one.number, one.default),
            tuple(self._other(one)),
            tuple(errors),
        )

    def same(self, slot: Slot) -> tuple[str, Told]:
        return self._label(slot), in_words(self.theirs, slot.theirs, ())

    def _label(self, slot: Slot) -> str:
        sides = ((self.theirs, slot.theirs), (self.was, slot.was), (self.mine, slot.mine))
        rows, path = next((rows, path) for rows, path in sides if path)
        return controls_of(rows, path)[0].label if path == "background" else rows[path].label

    def _side(self, rows: Mapping[str, Row], version: Version, path: str | None, one: Difference) -> Told:
        held, before = version.at(path), self.merge.was.at(one.slot.was)
        new = held.words if held and (before is None or held.words != before.words) else ()
        quotes = tuple(words.line(self.text[start:end]) for start, end in new)
        return dataclasses.replace(
            in_words(rows, path, self._roles(one.slot)), quotes=quotes, is_as_before=held == before
        )

    def _roles(self, slot: Slot) -> set[Value]:
        """The roles that a participant has in the three versions."""
        sides = ((self.was, slot.was), (self.theirs, slot.theirs), (self.mine, slot.mine))
        controls = (rows[path].label_control for rows, path in sides if path and path != "background")
        return {control.value for control in controls if control}

    def _other(self, one: Difference) -> Iterator[Control]:
        """The controls for another value, with what was typed in them."""
        sides = ((self.mine, one.slot.mine), (self.theirs, one.slot.theirs), (self.was, one.slot.was))
        rows, path = next((rows, path) for rows, path in sides if path)
        values = dict(zip(merging.form_paths(path), self.merge.others[one.number], strict=True))
        role = rows[path].label_control if path in rows else None
        for control in sorted(controls_of(rows, path), key=lambda control: control is role):
            name = other_name(one.number, control.path)
            yield dataclasses.replace(control, path=name, value=values[control.path], errors=())

    def passages(self) -> list[Paragraph]:
        """The sentences in question: those of the words behind what differs, and the one that reports the event."""
        marks = list(self._marks())
        spans = (runs.sentence_at(self.text, mark.start, mark.end) for mark in marks)
        return runs.passages(self.text, spans, marks)

    def _marks(self) -> Iterator[Mark]:
        family = self.merge.record.event.type
        slots = [one.slot for one in self.merge.differences]
        sides = [(self.merge.was, slot.was) for slot in slots] + [(self.merge.mine, slot.mine) for slot in slots]
        for version, path in [
            (self.merge.theirs, "trigger"),
            *((self.merge.theirs, slot.theirs) for slot in slots),
            *sides,
        ]:
            held = version.at(path)
            for start, end in held.words if held else ():
                if end <= len(self.text):
                    kind = rows.EVIDENCE_KINDS.get((path or "").partition("/")[0], "detail")
                    yield Mark(start, end, 0, kind, family)
