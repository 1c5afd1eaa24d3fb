"""Documents: taking them in, reading them, drafting failed ones again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session, aliased, undefer

from service.dispatch import Dispatch
from service.errors import NotFoundError, NotOwnerError, NotReplayableError, TooManyInWorkError
from service.operations import audit, idempotency, probes
from service.operations.actor import Actor
from service.operations.idempotency import Claim
from service.operations.versions import ANY, Seen
from service.store.models import IN_WORK, Content, Document, Event, ReviewItem, Run, new_id

# Others may add records to a locked document. Whoever locks both locks the document first and then records of it, so
# that two transactions never wait for each other.
LOCK = {"key_share": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A document as it came (`original`) and as it reads (`text`, decoded and otherwise unchanged; None where a worker
    is to read it), and what its sender tells of it. `priority` is that of its records in the review.
    """

    original: bytes
    text: str | None
    encoding: str | None
    media_type: str
    filename: str | None = None
    title: str | None = None
    source: str | None = None
    published: dt.date | None = None
    language: str | None = None
    external_id: str | None = None
    priority: int = 0
    tags: tuple[str, ...] = ()


# Seconds. Some are drafted by then, wherever workers run.
RETRY_IN_WORK = 10

SORTS = NEWEST, OLDEST = "newest", "oldest"
SENDER, REVIEWER = "sender", "corrected"
"""Whom a document's title, source, day and language are from, where they are not from itself."""
CREATED, KNOWN, ANEW = "created", "known", "anew"


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of an upload: a new document (CREATED), or the one that has the same bytes, as it is (KNOWN) or to be
    drafted once more (ANEW).
    """

    document: Document
    outcome: str

    @property
    def is_new(self) -> bool:
        return self.outcome == CREATED


def submit(
    session: Session,
    upload: Upload,
    *,
    by: Actor,
    dispatch: Dispatch,
    force: bool = False,
    claim: Claim | None = None,
    most_in_work: int | None = None,
) -> Submission:
    """Keeps a document and has it drafted. The same bytes again are the same document, which `force` has drafted anew;
    other bytes under an `external_id` that the same account has used are the newest version of that document.

    Needs the scope "upload", and with `force` "admin" as any drafting anew. With a claim on the request's key nothing
    is done that an earlier try has done. A key with `most_in_work` documents in work is refused more; only those that
    come at the same moment can pass it. Raises ScopeMissingError, RequestInProgressError, TooManyInWorkError.
    """
    by.require("upload")
    if force:
        by.require("admin")
    with session.begin():
        if claim and claim.document_id and claim.outcome:
            return Submission(session.get_one(Document, claim.document_id), claim.outcome)
        submission = _submit(session, upload, force, by)
        if most_in_work and submission.outcome != KNOWN:
            _check_in_work(session, most_in_work, by)
        if claim:
            idempotency.note_outcome(session, claim, submission.document.id, submission.outcome)
    if submission.outcome != KNOWN:
        dispatch.ring(submission.document.id)
    return submission


def _submit(session: Session, upload: Upload, force: bool, by: Actor) -> Submission:
    sha256 = hashlib.sha256(upload.original).hexdigest()
    same = select(Document).where(Document.content_sha256 == sha256)
    known = session.scalar(same)
    created = None if known else _insert(session, upload, sha256, _to_replace(session, upload, by), by)
    document = known or session.scalars(same).one()
    if created:
        after = {"sha256": sha256, "media_type": upload.media_type, "characters": _length(upload)}
        after |= {"replaces": str(document.replaces)} if document.replaces else {}
        audit.note(session, "document.submitted", ("document", document.id), by=by, after=after)
        return Submission(document, CREATED)
    if force:
        _draft_anew(session, document, by)
    return Submission(document, ANEW if force else KNOWN)


def _check_in_work(session: Session, most: int, by: Actor) -> None:
    """Raises TooManyInWorkError when there are more; the caller's transaction keeps nothing then."""
    more = select(Document.id).where(Document.created_with == by.key_id, text(IN_WORK)).offset(most).limit(1)
    if session.scalar(more):
        raise TooManyInWorkError(most, RETRY_IN_WORK)


def _draft_anew(session: Session, document: Document, by: Actor) -> None:
    """Has the document drafted anew, whether it is drafted or has failed; one that waits for that is left to it."""
    session.refresh(document, with_for_update=LOCK)
    if document.state == "drafted":
        _redraft(session, document.id, by)
    elif document.state == "failed":
        _replay(session, document, by)


def _to_replace(session: Session, upload: Upload, by: Actor) -> Document | None:
    """The newest version of what this account sent under the same name, which nobody else replaces until the caller's
    transaction ends: of two versions that come at once, one replaces the other.
    """
    if upload.external_id is None:
        return None
    name = f"{by.user_id} {upload.external_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    same = Document.created_by == by.user_id, Document.external_id == upload.external_id
    return session.scalar(select(Document).where(*same, ~is_replaced()).order_by(Document.id.desc()).limit(1))


def is_replaced() -> Exists:
    """Whether a document of the query has a newer version."""
    newer = aliased(Document)
    return exists().where(newer.replaces == Document.id)


def _insert(session: Session, upload: Upload, sha256: str, old: Document | None, by: Actor) -> UUID | None:
    """The new document's id, or None when another transaction was first with the same bytes."""
    document_id = new_id()
    session.execute(insert(Content).values(sha256=sha256, original=upload.original).on_conflict_do_nothing())
    row = insert(Document).values(
        id=document_id,
        replaces=old.id if old else None,
        series=old.series if old else document_id,
        content_sha256=sha256,
        media_type=upload.media_type,
        encoding=upload.encoding,
        filename=upload.filename,
        title=upload.title,
        source=upload.source,
        published=upload.published,
        language=upload.language,
        external_id=upload.external_id,
        priority=upload.priority,
        tags=list(upload.tags),
        text=upload.text,
        characters=_length(upload),
        origins={name: SENDER for name in FOUND if getattr(upload, name)},
        created_by=by.user_id,
        created_with=by.key_id,
    )
    return session.scalar(row.on_conflict_do_nothing(index_elements=["content_sha256"]).returning(Document.id))


def _length(upload: Upload) -> int | None:
    return None if upload.text is None else len(upload.text)


def get(session: Session, document_id: UUID, *, by: Actor) -> Document:
    """Raises NotFoundError."""
    by.require("read")
    with session.begin():
        document = session.get(Document, document_id)
    if document is None:
        raise NotFoundError("document", document_id)
    return document


def refresh(session: Session, document: Document, *, by: Actor) -> None:
    """Brings a document up to how far its drafting is now. Needs the scope "upload": its sender waits for it."""
    by.require("upload")
    with session.begin():
        session.refresh(document)


def get_with_text(session: Session, document_id: UUID, *, by: Actor) -> Document:
    """The same with its text. Raises NotFoundError."""
    by.require("read")
    with session.begin():
        # A document that the session knows without its text is read again: it must not be fetched behind our back.
        document = session.get(Document, document_id, options=[undefer(Document.text)], populate_existing=True)
    if document is None:
        raise NotFoundError("document", document_id)
    return document


def get_original(session: Session, document_id: UUID, *, by: Actor) -> tuple[Document, bytes]:
    """A document with its bytes as they came. Raises NotFoundError."""
    document = get(session, document_id, by=by)
    with session.begin():
        return document, session.scalars(
            select(Content.original).where(Content.sha256 == document.content_sha256)
        ).one()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """Which documents are wanted: those for which all hold that is not None."""

    state: str | None = None
    source: str | None = None
    language: str | None = None
    external_id: str | None = None
    tag: str | None = None
    failure: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        plain = ("state", "source", "language", "external_id", "failure")
        wanted = [(name, getattr(self, name)) for name in plain]
        found = [getattr(Document, name) == value for name, value in wanted if value is not None]
        return [*found, Document.tags.contains([self.tag])] if self.tag is not None else found


def find(
    session: Session,
    wanted: DocumentFilter | None = None,
    *,
    by: Actor,
    before: UUID | None = None,
    limit: int = 50,
    sort: str = NEWEST,
) -> Sequence[Document]:
    """Documents, NEWEST or OLDEST first; `before` is the last id of the page that came before."""
    by.require("read")
    is_newest = sort == NEWEST
    found = select(Document).order_by(Document.id.desc() if is_newest else Document.id).limit(limit)
    found = found.where(*(wanted or DocumentFilter()).conditions())
    if before:
        found = found.where(Document.id < before if is_newest else Document.id > before)
    with session.begin():
        return session.scalars(found).all()


def notes(session: Session, document_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """For each document, what its drafting complained of and went on: a family that failed, say."""
    noted = (
        select(Run.document_id, Run.notes)
        .where(Run.document_id.in_(document_ids), Run.outcome == "drafted")
        .order_by(Run.id)
    )
    found: dict[UUID, list[str]] = {document_id: [] for document_id in document_ids}
    with session.begin():
        for document_id, complaints in session.execute(noted):
            found[document_id] = complaints
    return found


def versions(session: Session, found: Sequence[Document]) -> dict[UUID, list[UUID]]:
    """For each document the ids of all its versions, the oldest first."""
    series = {document.series for document in found}
    wanted = select(Document.series, Document.id).where(Document.series.in_(series)).order_by(Document.id)
    of_series: dict[UUID, list[UUID]] = {one: [] for one in series}
    with session.begin():
        for one, document_id in session.execute(wanted):
            of_series[one].append(document_id)
    return {document.id: of_series[document.series] for document in found}


def beside(session: Session, document: Document) -> tuple[UUID | None, UUID | None]:
    """The version before this one, and the one after it."""
    ids = versions(session, [document])[document.id]
    return document.replaces, next((one for one in ids if one > document.id), None)


def count_events(session: Session, document_ids: Sequence[UUID], *, by: Actor) -> dict[UUID, dict[str, int]]:
    """For each document, how many of its records are in each state."""
    by.require("read")
    counted = (
        select(Event.document_id, Event.state, func.count())
        .where(Event.document_id.in_(document_ids), probes.is_listed_for(by))
        .group_by(Event.document_id, Event.state)
    )
    counts: dict[UUID, dict[str, int]] = {document_id: {} for document_id in document_ids}
    with session.begin():
        for document_id, state, number in session.execute(counted):
            counts[document_id][state] = number
    return counts


FOUND = ("title", "source", "published", "language")
"""What a document can tell of itself."""
METADATA = ("title", "source", "published", "language", "external_id", "priority", "tags")


def change(
    session: Session,
    document_id: UUID,
    wanted: Mapping[str, Any],
    *,
    by: Actor,
    dispatch: Dispatch,
    seen: Seen = ANY,
) -> Document:
    """Changes what is told of a document: those of METADATA that are wanted, as `may_change` allows. With another
    day of publication it is drafted again, since relative dates count from that day; another priority is that of its
    records that wait with the one it had.

    Raises ScopeMissingError, NotFoundError, NotOwnerError, VersionChangedError.
    """
    by.require("upload", "review")
    with session.begin():
        document = session.get(Document, document_id, with_for_update=LOCK, populate_existing=True)
        if document is None:
            raise NotFoundError("document", document_id)
        if not may_change(document, wanted, by):
            raise NotOwnerError("It was sent by another account.")
        seen.check(document.revision)
        before = _metadata(document)
        for name, value in wanted.items():
            setattr(document, name, list(value) if name == "tags" else value)
        after = _metadata(document)
        if before == after:
            return document
        corrected = [name for name in FOUND if before[name] != after[name]]
        document.origins = {**document.origins, **dict.fromkeys(corrected, REVIEWER)}
        document.revision += 1
        if document.priority != before["priority"]:
            _prioritize_waiting(session, document, before["priority"])
        if after["published"] != before["published"]:
            _start_anew(session, document)
        changed = [name for name in METADATA if before[name] != after[name]]
        was, now = ({name: told[name] for name in changed} for told in (before, after))
        audit.note(session, "document.changed", ("document", document_id), by=by, before=was, after=now)
    if document.state == "received":
        dispatch.ring(document_id)
    return document


def may_change(document: Document, wanted: Iterable[str], by: Actor) -> bool:
    """Whether he may change these of METADATA: all of them its own sender with the scope "upload" and anybody with
    "admin"; what its text can tell (FOUND) whoever reviews.
    """
    is_own = document.created_by == by.user_id and "upload" in by.scopes
    return is_own or "admin" in by.scopes or ("review" in by.scopes and set(wanted) <= set(FOUND))


def _metadata(document: Document) -> dict[str, Any]:
    told = {name: getattr(document, name) for name in METADATA}
    return {**told, "published": document.published and document.published.isoformat(), "tags": list(document.tags)}


def _prioritize_waiting(session: Session, document: Document, before: int) -> None:
    """Records that somebody gave another priority keep it."""
    waiting = ReviewItem.document_id == document.id, ReviewItem.decided_at.is_(None), ReviewItem.priority == before
    for item in session.scalars(select(ReviewItem).where(*waiting).order_by(ReviewItem.event_id).with_for_update()):
        item.priority = document.priority


def _start_anew(session: Session, document: Document) -> None:
    """Has a document drafted with what is told of it now. A worker at it loses his lease; a failed document stays."""
    if document.state == "drafting":
        document.state, document.attempts = "received", 0
        document.lease_token = document.lease_until = None
        left = Run.document_id == document.id, Run.outcome.is_(None)
        session.execute(update(Run).where(*left).values(outcome="abandoned", ended_at=func.now()))
    else:
        session.flush()
        draft_again(session, document.id)


def lock_of(session: Session, event_id: UUID) -> None:
    """Locks the document of a record, in the caller's transaction."""
    of_event = select(Event.document_id).where(Event.id == event_id).scalar_subquery()
    session.execute(select(Document.id).where(Document.id == of_event).with_for_update(key_share=True))


def draft_again(session: Session, document_id: UUID) -> None:
    """Has a drafted document drafted once more, in the caller's transaction; one that is under way is left as it is.
    The sweeper rings for it.
    """
    document = session.get_one(Document, document_id, with_for_update=LOCK, populate_existing=True)
    if document.state == "drafted":
        document.state, document.attempts, document.drafted_at = "received", 0, None


def redraft(session: Session, document_id: UUID, *, by: Actor, dispatch: Dispatch) -> Document:
    """Has a drafted document drafted again, by the model and rules of today. Records that come out as before are left
    alone; those that come out differently are to be reviewed again. Raises NotReplayableError, NotFoundError.
    """
    by.require("admin")
    with session.begin():
        document = session.get(Document, document_id, with_for_update=LOCK, populate_existing=True)
        if document is None:
            raise NotFoundError("document", document_id)
        if document.state != "drafted":
            raise NotReplayableError(f"The document is {document.state}.", state=document.state)
        _redraft(session, document.id, by)
    dispatch.ring(document_id)
    return document


def _redraft(session: Session, document_id: UUID, by: Actor) -> None:
    draft_again(session, document_id)
    audit.note(session, "document.redrafted", ("document", document_id), by=by)


def redraft_outdated(session: Session, *, by: Actor, limit: int) -> int:
    """Has up to `limit` documents drafted again whose last run was of another version or model than the newest run of
    all, the oldest first; returns how many. The sweeper rings for them.
    """
    by.require("admin")
    with session.begin():
        ids = session.scalars(_outdated().limit(limit)).all()
        for document_id in ids:
            _redraft(session, document_id, by)
    return len(ids)


def _outdated() -> Select[UUID]:
    drafted = select(Run).where(Run.outcome == "drafted")
    newest = drafted.order_by(Run.id.desc()).limit(1).subquery()
    last = drafted.ext(distinct_on(Run.document_id)).order_by(Run.document_id, Run.id.desc()).subquery()
    differs = (last.c.extractor_version != newest.c.extractor_version) | (last.c.model != newest.c.model)
    return (
        select(Document.id)
        .join(last, last.c.document_id == Document.id)
        .join(newest, differs)
        .where(Document.state == "drafted")
        .order_by(Document.id)
    )


def replay(session: Session, document_id: UUID, *, by: Actor, dispatch: Dispatch) -> Document:
    """Has a failed document drafted again, with a fresh count of attempts. Raises NotReplayableError, NotFoundError."""
    by.require("admin")
    with session.begin():
        document = session.get(Document, document_id, with_for_update=LOCK)
        if document is None:
            raise NotFoundError("document", document_id)
        if document.state != "failed":
            raise NotReplayableError(f"The document is {document.state}.", state=document.state)
        _replay(session, document, by)
    dispatch.ring(document_id)
    return document


def replay_failed(session: Session, failure: str, *, by: Actor, limit: int) -> int:
    """Has up to `limit` documents drafted again that failed in this way, the oldest first; returns how many. Those that
    somebody else replays at this moment are left to him. The sweeper rings for them.
    """
    by.require("admin")
    failed = select(Document).where(Document.state == "failed", Document.failure == failure).order_by(Document.id)
    with session.begin():
        found = session.scalars(failed.limit(limit).with_for_update(skip_locked=True, key_share=True)).all()
        for document in found:
            _replay(session, document, by)
    return len(found)


def count_failed(session: Session, *, by: Actor) -> dict[str, int]:
    """How many documents have failed in each way, the commonest first."""
    by.require("admin")
    number = func.count()
    counted = select(Document.failure, number).where(Document.state == "failed").group_by(Document.failure)
    with session.begin():
        rows = session.execute(counted.order_by(number.desc(), Document.failure)).all()
    return {failure: counted for failure, counted in rows if failure}


def _replay(session: Session, document: Document, by: Actor) -> None:
    audit.note(session, "document.replayed", ("document", document.id), by=by, before={"failure": document.failure})
    document.state, document.attempts = "received", 0
    document.failure = document.failure_detail = None
    document.rung_at = func.now()
