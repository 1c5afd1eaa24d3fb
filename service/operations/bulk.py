"""Many decisions at once: what a filter lets through is looked through as a list, then approved or rejected together,
and can be taken back together.

Only first readings are decided so, and only such as nobody else holds or is to do. What two people are to read goes to
a second reader as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import (
    AlreadyDecidedError,
    FamilyNotYoursError,
    HeldByAnotherError,
    InvalidInputError,
    LegationError,
    NotForManyError,
    NotFoundError,
    OwnReadingError,
    RevisionChangedError,
    TransitionError,
)
from service.operations import audit, claims, reviews, undoing, worklist
from service.operations.actor import Actor
from service.operations.filters import Filter
from service.operations.records import Record
from service.operations.reviews import Verdict
from service.operations.worklist import Waiting
from service.store.models import AuditEntry, Decision, ReviewItem, new_id

MOST = 500
NOTED = "review.decided_together"
DECISIONS = ("approve", "reject")
# What can stand in the way of one record and is no reason to leave the others.
REFUSALS = (
    AlreadyDecidedError,
    FamilyNotYoursError,
    HeldByAnotherError,
    NotFoundError,
    NotForManyError,
    OwnReadingError,
    RevisionChangedError,
    TransitionError,
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that is not decided with the others, and why."""

    waiting: Waiting
    why: LegationError


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be decided, what would not; `is_more`: the filter lets through more than are looked at together."""

    taken: Sequence[Waiting]
    left_out: Sequence[LeftOut]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A record to decide, at the revision that was shown."""

    event_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class Refused:
    event_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: how many were decided, the decisions that were not taken back since with the records as
    they are now, and what was refused.
    """

    batch_id: UUID
    decided: int
    made: Sequence[tuple[Decision, Record]]
    refused: Sequence[Refused]


def preview(session: Session, wanted: Filter, *, by: Actor, event_ids: Sequence[UUID] | None = None) -> Preview:
    """What the filter lets through, or the items with these ids, in the filter's order. Raises InvalidInputError."""
    by.require("review")
    if event_ids is None:
        page = worklist.find(session, wanted, by=by, limit=MOST)
        rows, is_more = page.rows, page.last is not None
    else:
        rows, is_more = worklist.rows_of(session, event_ids[:MOST], by=by), len(event_ids) > MOST
    with session.begin():
        whys = [_why_not(session, row.item, by) for row in rows]
    taken = [row for row, why in zip(rows, whys, strict=True) if why is None]
    left_out = [LeftOut(row, why) for row, why in zip(rows, whys, strict=True) if why]
    return Preview(taken, left_out, is_more)


def _why_not(session: Session, item: ReviewItem, by: Actor) -> LegationError | None:
    try:
        reviews.check_for_many(item, by)
        claims.refuse_if_not_his(item, by)
        claims.refuse_if_held_by_another(session, item, by)
    except REFUSALS as error:
        return error
    return None


def decide(session: Session, choices: Sequence[Choice], verdict: Verdict, *, by: Actor) -> UUID:
    """Decides each record in a transaction of its own, and returns the id under which `outcome` tells what became of
    them. One that cannot be decided so is left as it is. Raises InvalidInputError.
    """
    by.require("review")
    _check(choices, verdict)
    batch, refused = new_id(), {}
    for choice in choices:
        try:
            reviews.decide(session, choice.event_id, verdict, revision=choice.revision, by=by, batch=batch)
        except REFUSALS as error:
            refused[str(choice.event_id)] = str(error)
    with session.begin():
        # Not what was decided: others may read some of the records next.
        after = {"decided": len(choices) - len(refused), "refused": refused}
        audit.note(session, NOTED, ("batch", batch), by=by, after=after)
    return batch


def _check(choices: Sequence[Choice], verdict: Verdict) -> None:
    verdict.check()
    errors = {}
    if verdict.decision not in DECISIONS:
        errors["decision"] = [f"Must be one of {', '.join(DECISIONS)}."]
    if not 0 < len(choices) <= MOST:
        errors["items"] = [f"Must be from 1 to {MOST} records."]
    if errors:
        raise InvalidInputError(errors)


def outcome(session: Session, batch_id: UUID, *, by: Actor) -> Outcome:
    """What became of a batch of one's own. Raises NotFoundError."""
    by.require("review")
    own = (AuditEntry.subject_id == batch_id, AuditEntry.action == NOTED, AuditEntry.actor_id == by.user_id)
    stands = (Decision.batch_id == batch_id, ~undoing.is_undone())
    with session.begin():
        noted = session.scalar(select(AuditEntry).where(*own))
        if noted is None or noted.after is None:
            raise NotFoundError("batch", batch_id)
        made = session.scalars(select(Decision).where(*stands).order_by(Decision.id)).all()
    records = worklist.records_of(session, [one.event_id for one in made], by=by)
    refused = [Refused(UUID(event_id), why) for event_id, why in noted.after["refused"].items()]
    return Outcome(batch_id, noted.after["decided"], [(one, records[one.event_id]) for one in made], refused)


def undo(session: Session, batch_id: UUID, *, by: Actor, seconds: int) -> Sequence[UUID]:
    """Takes back what can still be of a batch of one's own, and returns which records that were. Nobody holds them
    then. Raises NothingToUndoError.
    """
    undone = undoing.undo(session, by=by, seconds=seconds, batch_id=batch_id)
    if undone.lease:
        claims.release(session, undone.lease.event_id, undone.lease.number, by=by)
    return undone.event_ids


def assign(session: Session, event_ids: Sequence[UUID], assignee: str | None, *, by: Actor) -> Sequence[Refused]:
    """Leaves items to one person, or to all again, and returns those that cannot be. Raises InvalidInputError."""
    return _each(event_ids, lambda event_id: claims.assign(session, event_id, assignee, by=by))


def prioritize(session: Session, event_ids: Sequence[UUID], priority: int, *, by: Actor) -> Sequence[Refused]:
    """Gives items a priority, and returns those that cannot have it. Raises InvalidInputError."""
    return _each(event_ids, lambda event_id: claims.prioritize(session, event_id, priority, by=by))


def _each(event_ids: Sequence[UUID], change: Callable[[UUID], None]) -> Sequence[Refused]:
    if not 0 < len(event_ids) <= MOST:
        raise InvalidInputError({"items": [f"Must be from 1 to {MOST} records."]})
    refused = []
    for event_id in event_ids:
        try:
            change(event_id)
        except InvalidInputError as error:  # as of a person who does not review this item's family
            refused.append(Refused(event_id, " ".join(chain(*error.facts["errors"].values()))))
        except REFUSALS as error:
            refused.append(Refused(event_id, str(error)))
    return refused
