"""Event records: reading them, and the published form that docs/record.md tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload, raiseload, undefer

from service.errors import NotFoundError, RetractedError
from service.operations import probes
from service.operations.actor import Actor
from service.operations.documents import OLDEST
from service.operations.record_schema import EDITABLE
from service.store.models import Change, Decision, Document, Event, Revision, Run
from workers.extraction.families import FAMILY_OF
from workers.extraction.records import Attribution, EventDate, Participant, Place

EXPORT_CHUNK = 200
VERDICTS = {
    "approve": "approved",
    "fix": "fixed",
    "reject": "rejected",
    "settle": "settled",
    "send_back": "sent_back",
    "add": "added",
    "split": "split",
    "merge": "merged",
    "absorb": "superseded",
    "undo": "undone",
}

Draft = aliased(Revision, name="draft")
# What the published form needs of revisions, and, where nothing else is made of them, all that it needs.
PUBLISHED = undefer(Revision.backing), undefer(Draft.backing)
PUBLISHED_ALONE = (*PUBLISHED, raiseload(Revision.evidence), raiseload(Draft.evidence))


@dataclass(frozen=True, slots=True)
class Record:
    """An event with its current revision, the machine's draft beside it (none for a record that a person made), and the
    decision that made the revision.
    """

    event: Event
    current: Revision
    draft: Revision | None
    decision: Decision | None

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        event = self.event
        return published_form(event, event.state, self.current, self.draft, event.run, self.decision)


def published_form(
    event: Event, state: str, current: Revision, draft: Revision | None, run: Run | None, decision: Decision | None
) -> dict[str, Any]:
    """A record as docs/record.md tells it, with this revision as the current one, and this draft of this run."""
    return {
        "id": str(event.id),
        "schema_version": FAMILY_OF[event.type].schema_version,
        "revision": current.number,
        "state": state,
        **_record_json(current),
        "document": _document_json(current.document),
        "extractor": _extractor_json(run, draft),
        "draft": _record_json(draft) if draft else None,
        "review": decision_json(decision) if decision else None,
    }


def _extractor_json(run: Run | None, draft: Revision | None) -> dict[str, Any] | None:
    if run is None or draft is None:
        return None
    return {"version": run.extractor_version, "model": run.model, "rules": draft.body["rules"]}


def _record_json(revision: Revision) -> dict[str, Any]:
    """A revision in the order of docs/record.md; the database keeps no order of keys."""
    body = {name: _ordered(name, revision.body[name]) for name in ("type", *EDITABLE)}
    family = FAMILY_OF[body["type"]]
    body["details"] = {d.name: body["details"][d.name] for d in family.details if d.name in body["details"]}
    return {**body, "evidence": revision.backing, "confidence": revision.body["confidence"]}


PARTS = {
    "date": EventDate.__slots__,
    "place": Place.__slots__,
    "participants": Participant.__slots__,
    "attributed_to": Attribution.__slots__,
}


def _ordered(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_ordered(name, item) for item in value]
    if isinstance(value, dict) and name in PARTS:
        return {key: value[key] for key in PARTS[name]}
    return value


def _document_json(document: Document) -> dict[str, Any]:
    return {
        "id": str(document.id),
        "sha256": document.content_sha256,
        "text_sha256": document.text_sha256,
        "title": document.title,
        "published": _iso(document.published),
        "source": document.source,
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "decision": VERDICTS[decision.decision],
        "reviewer": decision.reviewer.username,
        "at": _iso(decision.at),
        "changes": decision.changes,
        "reason": decision.reason,
        "reason_text": decision.reason_text,
    }


def _iso(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None


def is_beside(number: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """Whether the draft of this number stands beside the revision of a query: in the same text. That of a newer version
    of the document waits for who decides on it.
    """
    is_draft = (Draft.event_id == Revision.event_id) & (Draft.number == number)
    return is_draft & (Draft.document_id == Revision.document_id)


def select_records() -> Select[Event, Revision, Revision | None, Decision]:
    return (
        select(Event, Revision, Draft, Decision)
        .join(Revision, (Revision.event_id == Event.id) & (Revision.number == Event.revision))
        .outerjoin(Draft, is_beside(Event.draft_revision))
        .outerjoin(Decision, Decision.id == Revision.decision_id)
        .options(joinedload(Revision.document, innerjoin=True), joinedload(Event.document, innerjoin=True))
        .options(joinedload(Event.run), *PUBLISHED)
        .order_by(Event.id)
    )


def get(session: Session, event_id: UUID, *, by: Actor) -> Record:
    """Raises NotFoundError."""
    by.require("read")
    with session.begin():
        row = session.execute(select_records().where(Event.id == event_id, probes.is_known_to(by))).one_or_none()
    if row is None:
        raise NotFoundError("event", event_id)
    return Record(*row)


def refuse_if_retracted(session: Session, record: Record, *, by: Actor) -> None:
    """Raises RetractedError for a record that was published and has ended, but for reviewers, who go on with it."""
    if "review" in by.scopes or record.event.state not in ("retracted", "superseded"):
        return
    last = select(Change).where(Change.event_id == record.event.id).order_by(Change.seq.desc()).limit(1)
    with session.begin():
        told = session.scalar(last)
    if told is None or told.op != "retract":
        return
    raise RetractedError(
        f"It was retracted on {told.at:%Y-%m-%d}.",
        id=str(told.event_id),
        reason=told.reason,
        superseded_by=str(told.superseded_by) if told.superseded_by else None,
        seq=told.seq,
        at=_iso(told.at),
    )


def find(
    session: Session,
    *,
    by: Actor,
    state: str | None = None,
    type: str | None = None,
    document_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
    sort: str = OLDEST,
) -> Sequence[Record]:
    """Records, NEWEST or OLDEST first; `after` is the last id of the page that came before."""
    by.require("read")
    is_oldest = sort == OLDEST
    order = Event.id if is_oldest else Event.id.desc()
    wanted = _filtered(state, type, document_id, by).order_by(None).order_by(order).limit(limit)
    if after:
        wanted = wanted.where(Event.id > after if is_oldest else Event.id < after)
    with session.begin():
        return [Record(*row) for row in session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Exported:
    """Which approved records to export: of these families, none for all; approved on these days (UTC), both included;
    of one document; behind the record `after` in the order of ids.
    """

    types: Sequence[str] = ()
    approved_from: dt.date | None = None
    approved_to: dt.date | None = None
    document_id: UUID | None = None
    after: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        conditions = [Event.state == "approved", Event.gold_of.is_(None)]
        if self.types:
            conditions.append(Event.type.in_(self.types))
        if self.approved_from:
            conditions.append(cast(Decision.at, Date) >= self.approved_from)
        if self.approved_to:
            conditions.append(cast(Decision.at, Date) <= self.approved_to)
        if self.document_id:
            conditions.append(Event.document_id == self.document_id)
        if self.after:
            conditions.append(Event.id > self.after)
        return conditions


def export(session: Session, wanted: Exported = Exported(), *, by: Actor) -> Iterator[Record]:
    """Approved records by id, through a cursor of the server: as they all are at one moment, of which only some are in
    memory at a time.
    """
    by.require("read")
    with session.begin():
        yield from exported(session, wanted)


def exported(session: Session, wanted: Exported) -> Iterator[Record]:
    """The same, in a transaction of the caller's."""
    records = select_records().where(*wanted.conditions()).options(*PUBLISHED_ALONE)
    for row in session.execute(records.execution_options(yield_per=EXPORT_CHUNK)):
        yield Record(*row)


def standing_in(session: Session, document_id: UUID, *, by: Actor, limit: int) -> Sequence[Record]:
    """The records of a document and its newer versions whose evidence counts in its text, oldest first."""
    by.require("read")
    series = select(Document.series).where(Document.id == document_id).scalar_subquery()
    newer = select(Document.id).where(Document.series == series, Document.id >= document_id)
    here = Event.document_id.in_(newer), Revision.document_id == document_id, probes.is_listed_for(by)
    with session.begin():
        return [Record(*row) for row in session.execute(select_records().where(*here).limit(limit))]


def _filtered(
    state: str | None, type: str | None, document_id: UUID | None, by: Actor
) -> Select[Event, Revision, Revision | None, Decision]:
    """The list of a document is what its reader works beside; a list of all is the same for everybody."""
    wanted = select_records().where(probes.is_listed_for(by) if document_id else Event.gold_of.is_(None))
    for column, value in ((Event.state, state), (Event.type, type), (Event.document_id, document_id)):
        if value is not None:
            wanted = wanted.where(column == value)
    return wanted


def history(session: Session, event_id: UUID, *, by: Actor) -> list[dict[str, Any]]:
    """Every revision of a record, oldest first: number, time, and for all but the machine's the decision behind it.

    While it is a draft, answers to it are shown to nobody, be they waiting for a second one or taken back: whoever
    reads it next is to read the text. Raises NotFoundError.
    """
    by.require("read")
    wanted = (
        select(Revision, Decision)
        .join(Event, Event.id == Revision.event_id)
        .outerjoin(Decision, Decision.id == Revision.decision_id)
        .where(Revision.event_id == event_id, probes.is_known_to(by), (Event.state != "draft") | _is_open())
        .options(undefer(Revision.backing), raiseload(Revision.evidence))
        .order_by(Revision.number)
    )
    with session.begin():
        rows = session.execute(wanted).all()
    if not rows:
        raise NotFoundError("event", event_id)
    return [
        {
            "revision": revision.number,
            "at": _iso(revision.at),
            "document": str(revision.document_id),
            "record": _record_json(revision),
            "review": decision_json(decision) if decision else None,
        }
        for revision, decision in rows
    ]


def _is_open() -> ColumnElement[bool]:
    """Whether a revision of the query tells no answer of a person: it is the machine's, or how people made the record,
    or the one that all see anyway.
    """
    made = Revision.run_id.is_not(None) | Decision.decision.in_(("add", "split", "merge"))
    return made | (Revision.number == Event.revision)
