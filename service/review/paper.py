"""The document page: its path through the house, and its text with every record beside its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from service.operations import documents, reading, records, worklist
from service.operations.actor import Actor
from service.operations.reading import Part
from service.operations.records import Record
from service.review import reasons, runs, words
from service.review.alike import Alike, alike
from service.review.desk import MOST_RECORDS, state_in_words
from service.review.holds import Hold, hold_of
from service.review.listing import Entry
from service.review.runs import Mark, Paragraph
from service.store.models import Document

PART = 100_000  # code points of a long text on one page, to the end of the paragraph
FAILURES = {
    "encrypted": "It is protected by a password. Save it without one, and send that.",
    "no_text_layer": "It is pictures of pages, and holds no text.",
    "too_large": "It holds more than is read of one document.",
    "bomb": "It unpacks to far more than it is, as no document does.",
    "corrupt": "It is damaged, or not what it says it is. Save it anew, and send that.",
    "unsupported_type": "Documents of its kind are not read. Save it as PDF, and send that.",
    "unsupported_language": "It is not in English. Its text is kept; nothing is drafted from it.",
    "worker_lost": "The worker that drafted it ended each time.",
    "parser_error": "The parser could not work through its text.",
    "drafting_error": "Its parsed text could not be turned into records.",
    "timeout": "It took too long.",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the document's path: `status` is done, now, todo or failed."""

    name: str
    label: str
    status: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A record beside its words. `standing` is its state for the colour, `told` in words."""

    number: int
    entry: Entry
    standing: str
    told: str
    note: str


@dataclass(frozen=True, slots=True)
class Paper:
    document: Document
    stages: list[Stage]
    paragraphs: list[tuple[Paragraph, list[Beside]]]
    records: list[Beside]
    summary: str
    run: str
    part: int
    parts: int
    alike: list[Alike]
    inside: list[Part]
    outside: list[UUID]
    older: UUID | None
    newer: UUID | None

    @property
    def failure(self) -> str:
        return FAILURES.get(self.document.failure or "", "It could not be drafted.")


def paper(session: Session, document_id: UUID, *, by: Actor, lease: int, part: int = 1) -> Paper:
    """Raises NotFoundError."""
    document = documents.get_with_text(session, document_id, by=by)
    found = sorted(records.standing_in(session, document_id, by=by, limit=MOST_RECORDS), key=_first_word)
    items = worklist.items_of(session, [record.event.id for record in found], by=by)
    now = dt.datetime.now(dt.UTC)
    holds = {event_id: hold_of(item, by, now, lease) for event_id, item in items.items()}
    beside = [_beside(number, record, holds[record.event.id]) for number, record in enumerate(found, 1)]
    marks = [mark for one in beside for mark in _marks(one)]
    parts = _parts(runs.paragraphs(document.text, marks)) if document.text else [[]]
    part = min(max(part, 1), len(parts))
    return Paper(
        document,
        stages(document, _states(found)),
        [(one, [b for b in beside if one.holds(_first_word(b.entry.record))]) for one in parts[part - 1]],
        beside,
        summary(_states(found)),
        _run(found),
        part,
        len(parts),
        alike(session, document_id, by=by),
        reading.parts_of(session, [document_id])[document_id],
        reading.parents_of(session, [document_id])[document_id],
        *documents.beside(session, document),
    )


def _first_word(record: Record) -> int:
    return next((item.start for item in record.current.evidence if item.field == "trigger"), 0)


def _marks(beside: Beside) -> list[Mark]:
    event, evidence = beside.entry.record.event, beside.entry.record.current.evidence
    return [
        Mark(item.start, item.end, beside.number, "trigger", event.type) for item in evidence if item.field == "trigger"
    ]


def _beside(number: int, record: Record, hold: Hold) -> Beside:
    entry = Entry.of(record)
    state = record.event.state
    standing = state if state != "draft" else {"mine": "held", "other": "held"}.get(hold.state, "waiting")
    told = state_in_words(state, hold)
    if record.decision:
        fixes = len(record.decision.changes)
        told += f" with {words.count(fixes, 'fix', 'fixes')}" if fixes else ""
    return Beside(number, entry, standing, told, _note(record, entry))


def _note(record: Record, entry: Entry) -> str:
    """Its date, and who decided, or how much there is to check."""
    if record.decision:
        return f"{entry.date}, {record.decision.reviewer.username}"
    unsure = sum(reason.confidence is not None for reason in reasons.reasons(record.current.body))
    return f"{entry.date}, {words.count(unsure, 'field')} to check" if unsure else entry.date


def _states(found: Sequence[Record]) -> dict[str, int]:
    states: dict[str, int] = {}
    for record in found:
        states[record.event.state] = states.get(record.event.state, 0) + 1
    return states


def stages(document: Document, states: Mapping[str, int]) -> list[Stage]:
    if document.state == "failed":
        told = "Drafting failed" if document.characters else "Not read"
        return [Stage("received", "Received", "done"), Stage("failed", told, "failed")]
    if document.state == "unpacked":
        return [Stage("received", "Received", "done"), Stage("unpacked", "Unpacked", "done")]
    if document.characters is None:
        told = "Being read" if document.state == "reading" else "Waiting to be read"
        return [Stage("received", "Received", "done"), Stage("reading", told, "now"), _todo("Drafted")]
    if document.state != "drafted":
        drafting = "Being drafted" if document.state == "drafting" else "Waiting to be drafted"
        return [Stage("received", "Received", "done"), Stage("drafting", drafting, "now"), _todo("Drafted")]
    done = [Stage("received", "Received", "done"), Stage("drafted", "Drafted", "done")]
    number, waiting = sum(states.values()), states.get("draft", 0)
    if not number:
        return [*done, Stage("none", "No event found", "done")]
    status = "now" if waiting else "done"
    return [*done, Stage("review", f"Reviewed, {number - waiting} of {number}", status)]


def _todo(label: str) -> Stage:
    return Stage(label.lower(), label, "todo")


def summary(states: Mapping[str, int]) -> str:
    """ "3 records: 1 approved, 2 waiting"."""
    if not states:
        return ""
    names = {"draft": "waiting"}
    told = ", ".join(f"{number} {names.get(state, state)}" for state, number in sorted(states.items()))
    return f"{words.count(sum(states.values()), 'record')}: {told}"


def _run(found: Sequence[Record]) -> str:
    run = found[0].event.run if found else None
    return f"{run.extractor_version}, {run.model}" if run and run.extractor_version else ""


def _parts(paragraphs: Sequence[Paragraph]) -> list[list[Paragraph]]:
    parts: list[list[Paragraph]] = [[]]
    for one in paragraphs:
        if parts[-1] and one.end - parts[-1][0].start > PART:
            parts.append([])
        parts[-1].append(one)
    return parts
