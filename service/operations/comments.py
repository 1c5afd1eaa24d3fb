"""Comments: what people note on a record, or on one field of it, for the others."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from service.errors import InvalidInputError, NotFoundError
from service.operations import audit, claims, probes
from service.operations.actor import Actor
from service.operations.changes import LISTS, Body
from service.operations.versions import ANY, Seen, version_of
from service.storable import is_blank
from service.store.models import Comment, Event, ReviewItem, Revision, new_id
from workers.extraction.families import FAMILY_OF

LONGEST = 2_000


def add(session: Session, event_id: UUID, text: str, *, by: Actor, field: str | None = None) -> Comment:
    """Raises InvalidInputError for a text of blanks and for a field that the record does not have, NotFoundError."""
    by.require("review")
    _check_text(text)
    with session.begin():
        event = _event(session, event_id, by)
        if field is not None:
            _check_field(session, event, field)
        comment = Comment(id=new_id(), event_id=event_id, field=field, text=text.strip(), by=by.user_id)
        session.add(comment)
        session.flush()
        session.refresh(comment)
        after = {"comment": str(comment.id), "field": field, "text": comment.text}
        audit.note(session, "comment.added", ("event", event_id), by=by, after=after)
        return comment


def version(comment: Comment) -> str:
    return version_of(comment.field, comment.text, comment.resolved_at)


def get(session: Session, event_id: UUID, comment_id: UUID, *, by: Actor) -> Comment:
    """One that is shown to this person. Raises NotFoundError."""
    by.require("read")
    with session.begin():
        return _one(session, event_id, comment_id, by)


def resolve(session: Session, event_id: UUID, comment_id: UUID, *, by: Actor, seen: Seen = ANY) -> Comment:
    """Says that it has been seen to; once more changes nothing. Raises NotFoundError, VersionChangedError."""
    by.require("review")
    with session.begin():
        claims.locked(session, event_id)
        comment = _one(session, event_id, comment_id, by)
        seen.check(version(comment))
        if comment.resolved_at is None:
            comment.resolved_at, comment.resolved_by = claims.now(session), by.user_id
            session.flush()
            session.refresh(comment)
            audit.note(session, "comment.resolved", ("event", event_id), by=by, after={"comment": str(comment_id)})
        return comment


def find(session: Session, event_id: UUID, *, by: Actor) -> Sequence[Comment]:
    """A record's comments, oldest first. What people noted who read it blindly is kept from the others until it is
    decided. Raises NotFoundError.
    """
    by.require("read")
    with session.begin():
        _event(session, event_id, by)
        return _visible(session, event_id, by)


def _one(session: Session, event_id: UUID, comment_id: UUID, by: Actor) -> Comment:
    _event(session, event_id, by)
    comment = next((one for one in _visible(session, event_id, by) if one.id == comment_id), None)
    if comment is None:
        raise NotFoundError("comment", comment_id)
    return comment


def _event(session: Session, event_id: UUID, by: Actor) -> Event:
    event = session.scalar(select(Event).where(Event.id == event_id, probes.is_known_to(by)))
    if event is None:
        raise NotFoundError("event", event_id)
    return event


def _visible(session: Session, event_id: UUID, by: Actor) -> Sequence[Comment]:
    item = session.get_one(ReviewItem, event_id, populate_existing=True)
    wanted = (
        select(Comment)
        .where(Comment.event_id == event_id)
        .order_by(Comment.id)
        .options(joinedload(Comment.author), joinedload(Comment.resolver))
        .execution_options(populate_existing=True)
    )
    hidden = set(item.readers) - {by.user_id} if item.decided_at is None else set()
    return [comment for comment in session.scalars(wanted) if comment.by not in hidden]


def _check_text(text: str) -> None:
    if is_blank(text):
        raise InvalidInputError({"text": ["Must not be blank."]})
    if len(text) > LONGEST:
        raise InvalidInputError({"text": [f"Must not be longer than {LONGEST:,} characters."]})


def _check_field(session: Session, event: Event, field: str) -> None:
    body = session.get_one(Revision, (event.id, event.revision)).body
    if field not in _fields(body):
        raise InvalidInputError({"field": [f"The record has no field {field!r}."]})


def _fields(body: Body) -> set[str]:
    """As evidence calls them, those without a value too."""
    details = {f"details/{detail.name}" for detail in FAMILY_OF[body["type"]].details[1:]}
    items = {f"{name}/{i}" for name in LISTS for i in range(len(body[name]))}
    return {"trigger", "modality", "date", "place"} | details | items
