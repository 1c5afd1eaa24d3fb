"""A worker's side of drafting: take waiting documents, keep the lease, record what was found or why it failed.

A document is taken by a lease with a random token. Whoever comes late, because he hung or was cut off, has an old
token, and his result is refused: each document gets its drafts once. Attempts are counted before the work, so that one
that kills its worker is counted too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from service.errors import DraftLeaseLostError, UnsupportedLanguageError
from service.operations import audit, reading, redrafting, replacing, twins
from service.operations.replacing import Replacement
from service.operations.reviews import audit_view
from service.operations.revisions import add_revision
from service.store.models import Document, Event, ReviewItem, Run, new_id
from workers.extraction.records import EventRecord, keys_of
from workers.extraction.source_text import SourceText
from workers.readers.reading import DETECTED, Told


@dataclass(frozen=True, slots=True)
class Job:
    """A document to draft, under a lease."""

    document_id: UUID
    run_id: UUID
    token: UUID
    source: SourceText
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Drafts:
    """What was found in a document, by what, a sketch of its text, and what that tells of itself."""

    records: Sequence[EventRecord]
    notes: Sequence[str]
    extractor_version: str
    model: str
    sketch: Sequence[int] = ()
    told: Mapping[str, Told] = field(default_factory=dict)


def take(session: Session, *, documents: int, characters: int, lease: int, attempts: int) -> list[Job]:
    """Takes waiting documents, oldest first: as many as fit into both bounds, but always one, however long.

    One that failed before is taken alone, so that a document that kills its worker takes no other with it.
    """
    with session.begin():
        waiting = select(Document).where(_waits(attempts)).order_by(Document.id).limit(documents)
        found = session.scalars(waiting.with_for_update(skip_locked=True, key_share=True)).all()
        return [_start(session, document, lease) for document in _batch(found, characters)]


def take_short(session: Session, *, documents: int, characters: int, lease: int) -> list[Job]:
    """The same, but only documents that never failed and are no longer than `characters` in all: those that may go
    before a long one is done.
    """
    with session.begin():
        short = Document.characters <= characters
        waiting = select(Document).where(_waits(1), short)
        wanted = waiting.order_by(Document.id).limit(documents).with_for_update(skip_locked=True, key_share=True)
        found = session.scalars(wanted).all()
        return [_start(session, document, lease) for document in _batch(found, characters)]


def _waits(attempts: int) -> ColumnElement[bool]:
    waits = (Document.state == "received") & Document.text.is_not(None)
    return waits & (Document.attempts < attempts) & replacing.no_older_waits()


def _batch(found: Sequence[Document], characters: int) -> list[Document]:
    batch: list[Document] = []
    room = characters
    for document in found:
        alone = document.attempts > 0 or document.characters > characters
        if batch and (alone or document.characters > room):
            continue
        batch.append(document)
        room -= document.characters
        if alone:
            break
    return batch


def _start(session: Session, document: Document, lease: int) -> Job:
    token = uuid4()
    document.state, document.attempts = "drafting", document.attempts + 1
    document.lease_token, document.lease_until = token, _in(lease)
    run = Run(id=new_id(), document_id=document.id, attempt=document.attempts)
    session.add(run)
    source = SourceText(document.text, document.title, document.source, document.published)
    return Job(document.id, run.id, token, source, document.language)


def _in(seconds: int) -> ColumnElement[dt.datetime]:
    """That many seconds from now, by the database's clock."""
    return func.now() + dt.timedelta(seconds=seconds)


def renew(session: Session, jobs: Sequence[Job], *, lease: int) -> None:
    """Keeps the leases for another `lease` seconds. Leases that were lost stay lost; `record` will find out."""
    with session.begin():
        session.execute(
            update(Document).where(Document.lease_token.in_([job.token for job in jobs])).values(lease_until=_in(lease))
        )


def record(session: Session, job: Job, drafts: Drafts) -> list[UUID]:
    """Stores the drafts and puts them into the review, all or nothing. Returns the new events' ids.

    What becomes of records that an earlier run of the same document found is told in operations/redrafting.py.
    Raises DraftLeaseLostError.
    """
    with session.begin():
        document = _held(session, job)
        found = dict(zip(keys_of(drafts.records), drafts.records, strict=True))
        ids = _record(session, job, document, found)
        _end_run(session, job, "drafted", drafts)
        if drafts.sketch:
            twins.note(session, document.id, drafts.sketch)
        reading.tell(document, drafts.told)
        document.state, document.drafted_at = "drafted", func.now()
        document.lease_token = document.lease_until = None
        audit.note(session, "document.drafted", ("document", document.id), by=None, after={"events": len(ids)})
    return ids


def _record(session: Session, job: Job, document: Document, found: Mapping[str, EventRecord]) -> list[UUID]:
    """What becomes of the records of an older version is told in operations/replacing.py. Of a document that has itself
    a newer version by now, only those are updated that have stayed with it.
    """
    known = redrafting.update_known(session, document.id, job.run_id, found)
    if replacing.is_outdated(session, document):
        return []
    older = replacing.to_compare(session, document)
    replacement = Replacement(session, older, document, job.run_id, found) if older else None
    carried, superseded = replacement.carry_over() if replacement else (set(), [])
    new = {key: record for key, record in found.items() if key not in known | carried}
    stored = {key: _store(session, job, key, record, document.priority) for key, record in new.items()}
    for event, key in superseded:
        assert replacement
        replacement.supersede(event, stored.get(key) if key else None)
    return list(stored.values())


def _held(session: Session, job: Job) -> Document:
    held = select(Document).where(Document.id == job.document_id, Document.lease_token == job.token)
    document = session.scalar(held.with_for_update(key_share=True).execution_options(populate_existing=True))
    if document is None:
        raise DraftLeaseLostError()
    return document


def _store(session: Session, job: Job, key: str, found: EventRecord, priority: int) -> UUID:
    event = Event(
        id=new_id(), document_id=job.document_id, run_id=job.run_id, key=key, type=found.type, draft_revision=1
    )
    session.add(event)
    session.flush()
    add_revision(session, event.id, redrafting.body_of(found), found.evidence, run_id=job.run_id)
    item = ReviewItem(event_id=event.id, family=event.type, document_id=event.document_id, priority=priority)
    redrafting.rank(session, item, found)
    session.add(item)
    after = {**audit_view(event), "document": str(event.document_id), "type": event.type}
    audit.note(session, "event.drafted", ("event", event.id), by=None, after=after)
    return event.id


def fail(session: Session, job: Job, failure: str, detail: str, *, attempts: int) -> bool:
    """Gives a document back after an error, or ends it as failed when it has had its attempts. True if it failed.

    Raises DraftLeaseLostError.
    """
    with session.begin():
        document = _held(session, job)
        _end_run(session, job, "failed")
        return end_attempt(session, document, failure, detail, attempts=attempts)


def refuse_language(session: Session, job: Job, code: str) -> None:
    """Ends a document in another language than English: it keeps its text. Raises DraftLeaseLostError."""
    with session.begin():
        document = _held(session, job)
        _end_run(session, job, "failed")
        document.lease_token = document.lease_until = None
        reading.tell(document, {"language": Told(code, DETECTED)})
        document.state, document.failure = "failed", UnsupportedLanguageError.failure
        document.failure_detail = f"It is in the language {code!r}."
        after = {"failure": document.failure, "language": code}
        audit.note(session, "document.failed", ("document", document.id), by=None, after=after)


def end_attempt(session: Session, document: Document, failure: str, detail: str, *, attempts: int) -> bool:
    """Takes the lease off a locked document: it waits again, or has failed. True if it failed."""
    document.lease_token = document.lease_until = None
    if document.attempts < attempts:
        document.state = "received"
        return False
    document.state, document.failure, document.failure_detail = "failed", failure, detail
    after = {"failure": failure, "attempts": document.attempts}
    audit.note(session, "document.failed", ("document", document.id), by=None, after=after)
    return True


def _end_run(session: Session, job: Job, outcome: str, drafts: Drafts | None = None) -> None:
    run = session.get_one(Run, job.run_id, populate_existing=True)
    run.outcome, run.ended_at = outcome, func.now()
    if drafts:
        run.extractor_version, run.model, run.notes = drafts.extractor_version, drafts.model, list(drafts.notes)
