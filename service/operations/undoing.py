"""Undo: a person takes his last decisions back, one after the other, for a while.

The record stands again where it stood. What was published is no longer from the moment that the transaction ends.
Nothing is erased: the undo is a decision of its own, and the record as it was becomes its newest revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.errors import NothingToUndoError
from service.operations import audit, claims, lifecycle, replacing
from service.operations.actor import Actor
from service.operations.claims import Lease
from service.operations.lifecycle import UNDO_WITHIN
from service.operations.reviews import audit_view
from service.operations.revisions import add_revision, evidence_in
from service.store.models import Decision, Document, Event, ReviewItem, Revision, new_id

MOST_SHOWN = 50
INSEPARABLE = ("split", "merge", "absorb")


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back. `lease` is the claim on the record to go on with, if it can be decided anew."""

    event_ids: tuple[UUID, ...]
    lease: Lease | None


def undoable(session: Session, *, by: Actor) -> Sequence[Decision]:
    """This person's decisions that he can take back now, the newest first; of those made together, one."""
    by.require("review")
    with session.begin():
        found = session.scalars(_of(by).limit(MOST_SHOWN)).all()
    return list({one.batch_id or one.id: one for one in reversed(found)}.values())[::-1]


def undo(
    session: Session, *, by: Actor, seconds: int, decision_id: UUID | None = None, batch_id: UUID | None = None
) -> Undone:
    """Takes back the person's last decision, or this one, or the last of a batch, with all that was decided together
    with it. The record is his again, for `seconds`.

    Raises NothingToUndoError when there is none, it is too old, or others have gone on from it; HeldByAnotherError.
    """
    by.require("review")
    with session.begin():
        target = session.scalar(_target(by, decision_id, batch_id))
        if target is None:
            raise NothingToUndoError()
        together = _together(session, target, by)
        for decision in together:
            _take_back(session, decision, by)
        item = _to_go_on_with(session, target, together)
        lease = claims.hold(session, item, by, seconds) if item else None
    return Undone(tuple(decision.event_id for decision in together), lease)


def _target(by: Actor, decision_id: UUID | None, batch_id: UUID | None) -> Select[Decision]:
    wanted = _of(by).limit(1)
    if decision_id:
        wanted = wanted.where(Decision.id == decision_id)
    if batch_id:
        wanted = wanted.where(Decision.batch_id == batch_id, ~_is_held_by_another(by))
    return wanted


def _is_held_by_another(by: Actor) -> ColumnElement[bool]:
    return ~claims.is_free() & (ReviewItem.holder_id != by.user_id)


def _of(by: Actor) -> Select[Decision]:
    """Decisions that can be taken back: recent, not taken back yet, and nothing came after them on their record, no new
    draft of the machine or version of the document either. A second reading that differs from the first is left to who
    settles them: its maker knows now that it differs, and could try until it does not.
    """
    reopened = (Event.state != "draft") & ReviewItem.decided_at.is_(None)
    differs = (ReviewItem.stage == "adjudication") & ReviewItem.decided_at.is_(None)
    return (
        select(Decision)
        .join(Event, Event.id == Decision.event_id)
        .join(ReviewItem, ReviewItem.event_id == Decision.event_id)
        .where(
            ~reopened,
            ~differs,
            Decision.by == by.user_id,
            Decision.decision != "undo",
            Decision.at > func.now() - UNDO_WITHIN,
            ~is_undone(),
            ~_is_followed(Decision),
            ~_is_torn(),
            ~_is_carried_over(),
        )
        .order_by(Decision.id.desc())
    )


def is_undone(decision: type[Decision] = Decision) -> Exists:
    """Whether a decision of the query has been taken back."""
    undo = aliased(Decision)
    return exists().where(undo.undoes == decision.id)


def _is_followed(decision: type[Decision]) -> Exists:
    """Whether something that still counts was decided on the same record later."""
    later, undo = aliased(Decision), aliased(Decision)
    counts = (later.decision != "undo") & ~exists().where(undo.undoes == later.id)
    return exists().where(later.event_id == decision.event_id, later.id > decision.id, counts)


def _is_torn() -> Exists:
    """Whether others have gone on from the other record of a split or a merger."""
    other = aliased(Decision)
    is_one = Decision.decision.in_(INSEPARABLE) & (other.batch_id == Decision.batch_id)
    return exists().where(is_one, _is_followed(other))


def _is_carried_over() -> ColumnElement[bool]:
    """Whether a newer version of the document has ended the record since, or has taken over what was decided."""
    newer, now, made = aliased(Document), aliased(Revision), aliased(Revision)
    is_newer = newer.series == Document.series, newer.id > Document.id, replacing.has_been_drafted(newer)
    has_newer = exists().where(Document.id == Event.document_id, *is_newer)
    is_current = (now.event_id == Event.id) & (now.number == Event.revision)
    moved = exists().where(is_current, made.decision_id == Decision.id, made.document_id != now.document_id)
    return or_(and_(Event.state == "superseded", Decision.decision != "absorb", has_newer), moved)


def _together(session: Session, target: Decision, by: Actor) -> list[Decision]:
    """The decisions to take back, their items locked in the order of their ids, so that two people never wait for each
    other. Of many records decided at once, one that others have gone on from or hold now is left as it is; two records
    that one decision made of each other go back together or not at all.
    """
    ids, is_one = [target.id], target.decision in INSEPARABLE
    if target.batch_id:
        ids = list(session.scalars(select(Decision.id).where(Decision.batch_id == target.batch_id)))
    wanted = _of(by).where(Decision.id.in_(ids))
    for event_id in sorted(decision.event_id for decision in session.scalars(wanted)):
        item = claims.locked(session, event_id)
        if is_one or event_id == target.event_id:
            claims.refuse_if_held_by_another(session, item, by)
    found = session.scalars(wanted.where(~_is_held_by_another(by))).all()  # now that nobody can go on from them
    if target.id not in {decision.id for decision in found} or (is_one and len(found) < len(ids)):
        raise NothingToUndoError()
    return list(found)


def _to_go_on_with(session: Session, target: Decision, together: Sequence[Decision]) -> ReviewItem | None:
    """The item of the decision, or where that has ended with it, as half of a split does, another one."""
    ids = [target.event_id, *(decision.event_id for decision in together)]
    items = (session.get_one(ReviewItem, event_id) for event_id in ids)
    return next((item for item in items if item.decided_at is None and item.stage != "redraft"), None)


def _take_back(session: Session, decision: Decision, by: Actor) -> None:
    item = session.get_one(ReviewItem, decision.event_id)
    event = session.get_one(Event, decision.event_id, populate_existing=True)
    here = lifecycle.check(event, item, "undo")
    before = audit_view(event)
    undo = Decision(
        id=new_id(),
        event_id=event.id,
        on_revision=event.revision,
        decision="undo",
        round=decision.round,
        changes=[],
        from_state=event.state,
        from_stage=item.stage,
        undoes=decision.id,
        by=by.user_id,
        key_id=by.key_id,
    )
    session.add(undo)
    session.flush()
    if decision.on_revision:
        _restore(session, item, event, decision, undo)
    else:  # the record was made by this decision
        event.state, item.decided_at = "superseded", claims.now(session)
        claims.free(item)
    lifecycle.check_led(here, "undo", event, item)
    after = {**audit_view(event), "undoes": str(decision.id)}
    audit.note(session, "event.undone", ("event", event.id), by=by, before=before, after=after)


def _restore(session: Session, item: ReviewItem, event: Event, decision: Decision, undo: Decision) -> None:
    if event.revision != decision.on_revision:
        old = session.get_one(Revision, (event.id, decision.on_revision))
        event.revision = add_revision(
            session, event.id, old.body, evidence_in(old), decision_id=undo.id, document_id=old.document_id
        )
    event.state, event.superseded_by = decision.from_state, None
    item.stage = decision.from_stage
    if decision.round != "correction":
        item.decided_at = None
        item.readers = [reader for reader in item.readers if reader != decision.by]
    if decision.round == "first":
        item.first_revision = None
    if decision.round == "second":
        item.second_revision = None
