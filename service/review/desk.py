"""The work page: a record's form beside the document that it was drafted from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.operations import comments, documents, records, reviews, worklist
from service.operations.actor import Actor
from service.operations.records import Record
from service.operations.reviews import REJECT_REASONS
from service.operations.revisions import evidence_in
from service.review import reasons, rows, runs, words
from service.review.alike import Alike, alike
from service.review.fields import Body, Typed
from service.review.fixes import Fix, fixes
from service.review.holds import Hold, hold_of
from service.review.original import Leaf, leaves
from service.review.rows import Group, Row, Sources
from service.review.runs import Mark, Paragraph
from service.review.words import Headline
from service.store.models import Comment, Document, ReviewItem
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family

MOST_RECORDS = 1000
# Of a longer text only this much before the first and behind the last evidence is shown; the rest is a link away.
LONGEST_SHOWN = 60_000
AROUND = 15_000


@dataclass(frozen=True, slots=True)
class Note:
    """Another record of the document (or this one), beside the paragraph of its trigger."""

    event_id: UUID
    family: Family
    headline: Headline
    modality: str
    state: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with the number of the field that it is about, if there is one."""

    number: int | None
    label: str
    told: str


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a record's history."""

    at: str
    told: str
    fields: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, with the number and label of the field that it is about; None and "" for the whole record."""

    comment: Comment
    number: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Desk:
    record: Record
    document: Document
    family: Family
    headline: Headline
    hold: Hold
    groups: list[Group]
    paragraphs: list[tuple[Paragraph, list[Note]]]
    excerpt: tuple[int, int] | None
    reasons: list[Reason]
    history: list[Step]
    fixes: list[Fix]
    remarks: list[Remark]
    mergeable: list[Note]
    records_in_document: int
    alike: list[Alike]
    leaves: list[Leaf]
    older: UUID | None
    newer: UUID | None

    @property
    def has_newer_draft(self) -> bool:
        """Whether the machine has drafted it from a newer version than the one that it stands on."""
        return self.record.event.draft_revision is not None and self.record.event.document_id != self.document.id

    @property
    def body(self) -> Body:
        return self.record.current.body

    @property
    def rows(self) -> list[Row]:
        return rows.rows_of(self.groups)

    @property
    def open_remarks(self) -> int:
        return sum(remark.comment.resolved_at is None for remark in self.remarks)

    @property
    def to_check(self) -> int:
        return sum(row.is_to_check for row in self.rows)

    @property
    def trigger(self) -> Row:
        return self.rows[0]


def desk(
    session: Session,
    event_id: UUID,
    *,
    by: Actor,
    lease: int,
    typed: Typed | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> Desk:
    """All that the work page shows; `typed` and `errors` are a form that was not accepted. Raises NotFoundError."""
    now = dt.datetime.now(dt.UTC)
    record = records.get(session, event_id, by=by)
    document = documents.get_with_text(session, record.current.document_id, by=by)
    siblings = _with(record, records.standing_in(session, document.id, by=by, limit=MOST_RECORDS))
    items = worklist.items_of(session, [other.event.id for other in siblings], by=by)
    holds = {other: hold_of(item, by, now, lease) for other, item in items.items()}
    waits = holds[event_id].state != "decided"
    evidence = evidence_in(record.current)
    sources = Sources.of(record.current.body, evidence, typed, errors, text=document.text, waits=waits)
    groups = rows.groups(sources)
    excerpt, paragraphs = _text(document.text, rows.rows_of(groups), record)
    notes = [(_trigger_start(other), _note(other, holds, event_id)) for other in siblings]
    return Desk(
        record,
        document,
        FAMILY_OF[record.event.type],
        words.headline(record.current.body),
        holds[event_id],
        groups,
        [(one, [note for start, note in notes if one.holds(start)]) for one in paragraphs],
        excerpt,
        _came_back(items[event_id]) + _reasons(record, rows.rows_of(groups)),
        [_step(entry, record) for entry in reversed(records.history(session, event_id, by=by))],
        _fixes(record, document),
        _remarks(comments.find(session, event_id, by=by), rows.rows_of(groups)),
        [note for _, note in notes if _is_mergeable(note, record, items)],
        len(siblings),
        alike(session, document.id, by=by, family=record.event.type),
        leaves(session, document.id, rows.rows_of(groups)),
        *documents.beside(session, document),
    )


def _with(record: Record, listed: Sequence[Record]) -> Sequence[Record]:
    """A document's records with this one among them: a check that is known for one is where its original would be."""
    is_listed = any(other.event.id == record.event.id for other in listed)
    return listed if is_listed else [record if other.event.id == record.event.gold_of else other for other in listed]


def _is_mergeable(note: Note, record: Record, items: Mapping[UUID, ReviewItem]) -> bool:
    """Whether another record of the document can become part of this one: drafts of one family that no two people
    read.
    """
    item = items[note.event_id]
    waits = item.decided_at is None and item.stage == "first"
    return waits and not note.is_here and note.family.name == record.event.type


def _remarks(found: Sequence[Comment], shown: Sequence[Row]) -> list[Remark]:
    at = {row.path: row for row in shown}
    return [
        Remark(one, at[one.field].number, at[one.field].label) if one.field in at else Remark(one, None, "")
        for one in found
    ]


def _fixes(record: Record, document: Document) -> list[Fix]:
    """What the last decision changed."""
    made = record.decision.changes if record.decision else []
    return fixes(made, FAMILY_OF[record.event.type], record.current.body, document.text)


def _text(text: str, shown: Sequence[Row], record: Record) -> tuple[tuple[int, int] | None, list[Paragraph]]:
    marks = rows.marks(shown, record.event.type)
    return marked_text(text, marks, next(((mark.start, mark.end) for mark in marks if mark.kind == "trigger"), None))


def marked_text(
    text: str, marks: Sequence[Mark], trigger: tuple[int, int] | None
) -> tuple[tuple[int, int] | None, list[Paragraph]]:
    """A document's paragraphs with marks in them, and the sentence of the trigger; of a long document, those around
    them, and where they are.
    """
    said = runs.sentence_at(text, *trigger) if trigger else None
    paragraphs = runs.paragraphs(text, marks, said)
    spans = [(mark.start, mark.end) for mark in marks] + ([trigger] if trigger else [])
    if len(text) <= LONGEST_SHOWN or not spans:
        return None, paragraphs
    first = min(start for start, _ in spans) - AROUND
    last = max(end for _, end in spans) + AROUND
    near = [one for one in paragraphs if one.end > first and one.start < last]
    return (near[0].start, near[-1].end), near


def _trigger_start(record: Record) -> int:
    return next((item.start for item in record.current.evidence if item.field == "trigger"), -1)


def _note(record: Record, holds: Mapping[UUID, Hold], here: UUID) -> Note:
    body = record.current.body
    event = record.event
    state = state_in_words(event.state, holds[event.id])
    return Note(event.id, FAMILY_OF[event.type], words.headline(body), body["modality"], state, event.id == here)


def state_in_words(state: str, hold: Hold) -> str:
    """Where a record stands: "waiting", "held by you", "approved"."""
    if state != "draft":
        return state
    return {"mine": "held by you", "other": f"held by {hold.holder}"}.get(hold.state, "waiting")


def _came_back(item: ReviewItem) -> list[Reason]:
    """Why an item is here again: what somebody wrote who put it off or sent it back, or what the machine did."""
    return [Reason(None, "Here again", item.note)] if item.note else []


def _reasons(record: Record, shown: Sequence[Row]) -> list[Reason]:
    numbers = {row.path: row.number for row in shown}
    numbers["details/action"] = numbers["trigger"]
    found = reasons.reasons(record.current.body, evidence_in(record.current))
    return [
        Reason(
            numbers.get(reason.path),
            reason.label if reason.confidence is None else f"{reason.label}, {words.percent(reason.confidence)}",
            reason.told,
        )
        for reason in found
    ]


def _step(entry: Mapping[str, Any], record: Record) -> Step:
    review = entry["review"]
    if review is None:
        rules = ", ".join(record.draft.body["rules"]) if record.draft else ""
        return Step(entry["at"], "Drafted by " + (f"rule {rules}" if rules else "the machine"))
    family, body = FAMILY_OF[record.event.type], record.current.body
    changed = (words.field_label(family, change["field"], body) for change in review["changes"])
    verdict = {"fixed": "Fixed and approved"}.get(review["decision"], review["decision"].capitalize())
    reason = REJECT_REASONS.get(review["reason"] or "", "")
    return Step(
        review["at"],
        f"{verdict} by {review['reviewer']}",
        tuple(dict.fromkeys(changed)),
        ". ".join(filter(None, (reason, review["reason_text"]))),
    )


def hold_of_event(session: Session, event_id: UUID, *, by: Actor, lease: int) -> Hold:
    """Who holds an item now. Raises NotFoundError."""
    return hold_of(reviews.item_of(session, event_id, by=by), by, dt.datetime.now(dt.UTC), lease)
