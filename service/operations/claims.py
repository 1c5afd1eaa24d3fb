"""Claims: who holds which item, who gets the next one, and in which order.

All of it happens in one database transaction at a time, the queue and the decision together: two stores could disagree.
Times are the database's own, so that a worker's or a web server's wrong clock cannot end a lease.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UnaryExpression, exists, func, not_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.errors import (
    AlreadyDecidedError,
    BeingDraftedError,
    FamilyNotYoursError,
    HeldByAnotherError,
    InvalidInputError,
    LeaseLostError,
    LegationError,
    NotFoundError,
    OwnReadingError,
)
from service.operations import audit, probes
from service.operations.actor import ROLE_SCOPES, Actor
from service.operations.versions import ANY, Seen, version_of
from service.store.models import ReviewItem, Skip, User

ORDERS = {
    "priority": "Highest priority first, then the oldest",
    "uncertain": "Least certain first; what waits long moves up",
    "oldest": "Oldest first",
    "document": "All records of a document together",
}
# A skipped item comes back to the same person after this, and after twice as long each time he skips it again.
FIRST_SKIP = dt.timedelta(hours=1)
LONGEST_SKIP = dt.timedelta(hours=24)
LONGEST_SNOOZE = dt.timedelta(days=366)
HIGHEST_PRIORITY = 100


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on an item. `number` grows with every claim: a save with an older one is refused."""

    event_id: UUID
    holder: str
    number: int
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to hand out next: items of these families (none for all), in one of ORDERS, waiting for this `stage` (when
    None, "first" or "second"). With the order "document", those of `document_id` come before all others.
    """

    families: Sequence[str] = ()
    order: str = "priority"
    document_id: UUID | None = None
    stage: str | None = None

    def check(self) -> None:
        """Raises InvalidInputError."""
        if self.order not in ORDERS:
            raise InvalidInputError({"order": [f"Must be one of {', '.join(ORDERS)}."]})

    def goes_on_with(self, item: ReviewItem) -> bool:
        """Whether the item is the next of the document that is being worked through."""
        return self.order == "document" and item.document_id == self.document_id


def claim_next(session: Session, *, by: Actor, seconds: int, wanted: Wanted = Wanted()) -> Lease | None:
    """Hands out the next free item: those assigned to the person first, then the others in the order asked for, last
    those that he skipped. None when nothing waits for him.

    Two people never get the same item: rows that another transaction is about to hand out are passed over (SKIP
    LOCKED). Now and then it is a hidden check instead (operations/probes.py).
    """
    by.require("adjudicate" if wanted.stage == "adjudication" else "review")
    wanted.check()
    with session.begin():
        found = (session.scalar(query) for query in searches(wanted, by))
        item = next((item for item in found if item), None)
        if item and not wanted.goes_on_with(item):
            item = probes.draw(session, item, by) or item
        return _hold(session, item, by, seconds) if item else None


def searches(wanted: Wanted, by: Actor) -> Iterator[Select[ReviewItem]]:
    """Queries for one item each, to be tried in turn."""
    waiting = _waiting(wanted, by)
    skipped = exists().where(Skip.user_id == by.user_id, Skip.event_id == ReviewItem.event_id, Skip.until > func.now())
    yield waiting.where(ReviewItem.assignee_id == by.user_id, ~skipped)
    anybodys = waiting.where(ReviewItem.assignee_id.is_(None))
    if wanted.order == "document" and wanted.document_id:
        yield anybodys.where(ReviewItem.document_id == wanted.document_id, ~skipped)
    yield anybodys.where(~skipped)
    mine = or_(ReviewItem.assignee_id.is_(None), ReviewItem.assignee_id == by.user_id)
    yield (
        waiting.where(mine)
        .join(Skip, (Skip.event_id == ReviewItem.event_id) & (Skip.user_id == by.user_id))
        .order_by(None)
        .order_by(Skip.until)
    )


def _waiting(wanted: Wanted, by: Actor) -> Select[ReviewItem]:
    waiting = (
        select(ReviewItem)
        .where(may_be_claimed(by, stages=(wanted.stage,) if wanted.stage else ("first", "second")))
        .order_by(*order_by(wanted.order))
        .limit(1)
        .with_for_update(skip_locked=True, of=ReviewItem)
        .execution_options(populate_existing=True)
    )
    return waiting.where(_is_of(wanted.families)) if wanted.families else waiting


def may_be_claimed(by: Actor, *, stages: Sequence[str] = ("first", "second")) -> ColumnElement[bool]:
    """Whether an item can be handed to this person now, skipped and assigned ones apart."""
    condition = (
        ReviewItem.decided_at.is_(None)
        & is_free()
        & (ReviewItem.ready_at <= func.now())
        & ReviewItem.stage.in_(stages)
        & not_(ReviewItem.readers.contains([by.user_id]))
        & probes.is_there_for(by)
    )
    return condition & _is_of(sorted(by.families)) if by.families else condition


def _is_of(families: Sequence[str]) -> ColumnElement[bool]:
    return ReviewItem.family == families[0] if len(families) == 1 else ReviewItem.family.in_(families)


def order_by(order: str) -> tuple[ColumnElement[UUID] | UnaryExpression[int] | ColumnElement[dt.datetime], ...]:
    """Ids are made in the order of the text, document by document, so that they order by document, too."""
    match order:
        case "priority":
            return ReviewItem.priority.desc(), ReviewItem.event_id.expression
        case "uncertain":
            return ReviewItem.due.expression, ReviewItem.event_id.expression
        case _:
            return (ReviewItem.event_id.expression,)


def claim(session: Session, event_id: UUID, *, by: Actor, seconds: int) -> Lease:
    """Claims this item, or renews one's own claim. A snoozed item is woken by it.

    Raises HeldByAnotherError, AlreadyDecidedError, BeingDraftedError, OwnReadingError, FamilyNotYoursError,
    NotFoundError.
    """
    with session.begin():
        item = locked(session, event_id)
        check_may_read(item, by)
        refuse_if_held_by_another(session, item, by)
        return hold(session, item, by, seconds)


def take_over(session: Session, event_id: UUID, *, by: Actor, seconds: int) -> Lease:
    """Claims this item even when another holds it; his next save is refused. Raises the same but HeldByAnotherError."""
    with session.begin():
        item = locked(session, event_id)
        check_may_read(item, by)
        is_held = item.lease_until is not None and item.lease_until > now(session)
        if is_held and item.holder_id != by.user_id:
            assert item.holder is not None
            before = {"holder": item.holder.username, "lease": item.lease_number}
            audit.note(session, "review.taken_over", ("event", event_id), by=by, before=before)
            free(item)
        return hold(session, item, by, seconds)


def renew(session: Session, event_id: UUID, number: int, *, by: Actor, seconds: int) -> Lease:
    """Keeps a claim for another `seconds`. Raises LeaseLostError, NotFoundError."""
    by.require("review")
    with session.begin():
        item = locked(session, event_id)
        refuse_if_lost(item, number, by)
        return _extend(session, item, by, seconds)


def release(session: Session, event_id: UUID, number: int, *, by: Actor) -> None:
    """Gives an item back. Raises LeaseLostError, NotFoundError."""
    by.require("review")
    with session.begin():
        item = locked(session, event_id)
        refuse_if_lost(item, number, by)
        free(item)
        audit.note(session, "review.released", ("event", event_id), by=by)


def skip(session: Session, event_id: UUID, number: int, *, by: Actor, reason: str | None = None) -> None:
    """Gives an item back, and does not get it again for an hour, or twice as long as the last time; others get it
    meanwhile. When nothing else is left, it is handed out sooner. Raises LeaseLostError, NotFoundError.
    """
    by.require("review")
    with session.begin():
        item = locked(session, event_id)
        refuse_if_lost(item, number, by)
        free(item)
        times = session.scalar(select(Skip.times).where(Skip.user_id == by.user_id, Skip.event_id == event_id)) or 0
        until = now(session) + min(FIRST_SKIP * 2**times, LONGEST_SKIP)
        row = insert(Skip).values(user_id=by.user_id, event_id=event_id, times=times + 1, until=until, reason=reason)
        changed = {"times": times + 1, "until": until, "reason": reason}
        session.execute(row.on_conflict_do_update(index_elements=[Skip.user_id, Skip.event_id], set_=changed))
        after = {"until": until.isoformat(), "reason": reason}
        audit.note(session, "review.skipped", ("event", event_id), by=by, after=after)


def snooze(
    session: Session, event_id: UUID, number: int, until: dt.datetime, *, by: Actor, note: str | None = None
) -> None:
    """Gives an item back and keeps it from everybody until then. Raises InvalidInputError, LeaseLostError,
    NotFoundError.
    """
    by.require("review")
    with session.begin():
        item = locked(session, event_id)
        refuse_if_lost(item, number, by)
        left = until - now(session)
        if not dt.timedelta() < left <= LONGEST_SNOOZE:
            raise InvalidInputError({"until": ["Must be in the future, within a year."]})
        free(item)
        item.ready_at, item.note = until, note or item.note
        after = {"until": until.isoformat(), "note": note}
        audit.note(session, "review.snoozed", ("event", event_id), by=by, after=after)


def version(item: ReviewItem) -> str:
    """That of what anybody may set about an item. What its holder alone may do, the number of his lease guards."""
    return version_of(item.assignee_id, item.priority)


def assign(session: Session, event_id: UUID, assignee: str | None, *, by: Actor, seen: Seen = ANY) -> None:
    """Leaves an item to one person, by user name, or to all again (None). Who holds it keeps it until he is done.

    Raises InvalidInputError, AlreadyDecidedError, NotFoundError, VersionChangedError.
    """
    by.require("review")
    with session.begin():
        item = locked(session, event_id)
        refuse_if_not_there(item, by)
        if item.decided_at:
            raise AlreadyDecidedError()
        seen.check(version(item))
        person = _assignee(session, item, assignee) if assignee is not None else None
        before = {"assignee": item.assignee.username if item.assignee else None}
        item.assignee_id = person.id if person else None
        audit.note(session, "review.assigned", ("event", event_id), by=by, before=before, after={"assignee": assignee})


def prioritize(session: Session, event_id: UUID, priority: int, *, by: Actor, seen: Seen = ANY) -> None:
    """Puts an item before those of lower priority, or behind those of higher; 0 is the usual one.

    Raises InvalidInputError, AlreadyDecidedError, NotFoundError, VersionChangedError.
    """
    by.require("review")
    if not -HIGHEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
        raise InvalidInputError({"priority": [f"Must be from -{HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}."]})
    with session.begin():
        item = locked(session, event_id)
        refuse_if_not_there(item, by)
        if item.decided_at:
            raise AlreadyDecidedError()
        seen.check(version(item))
        before = {"priority": item.priority}
        item.priority = priority
        after = {"priority": priority}
        audit.note(session, "review.prioritized", ("event", event_id), by=by, before=before, after=after)


def _assignee(session: Session, item: ReviewItem, username: str) -> User:
    named = User.username == username.strip().lower()
    person = session.scalar(select(User).where(named, User.disabled_at.is_(None)))
    needed, who = ("adjudicate", "adjudicator") if item.stage == "adjudication" else ("review", "reviewer")
    if person is None or needed not in ROLE_SCOPES[person.role]:
        raise InvalidInputError({"assignee": [f"There is no {who} {username!r}."]})
    if person.families and item.family not in person.families:
        raise InvalidInputError({"assignee": [f"{person.username} does not review this family."]})
    if person.id in item.readers:
        raise InvalidInputError({"assignee": [f"{person.username} has read this record already."]})
    return person


def held_by(session: Session, *, by: Actor) -> Sequence[ReviewItem]:
    """The items that this person holds now."""
    by.require("review")
    held = (
        select(ReviewItem)
        .where(ReviewItem.decided_at.is_(None), ReviewItem.holder_id == by.user_id, ReviewItem.lease_until > func.now())
        .order_by(ReviewItem.claimed_at, ReviewItem.event_id)
    )
    with session.begin():
        return session.scalars(held).all()


# Within a transaction of the caller's


def locked(session: Session, event_id: UUID) -> ReviewItem:
    """The item, locked until the transaction ends. Raises NotFoundError."""
    item = session.get(ReviewItem, event_id, with_for_update={"of": ReviewItem}, populate_existing=True)
    if item is None:
        raise NotFoundError("event", event_id)
    return item


def hold(session: Session, item: ReviewItem, by: Actor, seconds: int) -> Lease:
    """A new claim on a locked, free item; one's own claim is kept for longer instead."""
    if item.holder_id == by.user_id:
        return _extend(session, item, by, seconds)
    return _hold(session, item, by, seconds)


def free(item: ReviewItem) -> None:
    item.holder_id = item.lease_until = item.claimed_at = None


def check_may_read(item: ReviewItem, by: Actor) -> None:
    """Whether this person may work on the item at the stage it is at.

    Raises AlreadyDecidedError, BeingDraftedError, OwnReadingError, FamilyNotYoursError, ScopeMissingError.
    """
    refuse_if_not_there(item, by)
    by.require("adjudicate" if item.stage == "adjudication" else "review")
    if item.decided_at:
        raise AlreadyDecidedError()
    if item.stage == "redraft":
        raise BeingDraftedError()
    refuse_if_not_his(item, by)


def may_read(item: ReviewItem, by: Actor) -> bool:
    """Whether `check_may_read` has nothing against it."""
    try:
        check_may_read(item, by)
    except LegationError:
        return False
    return True


def refuse_if_not_his(item: ReviewItem, by: Actor) -> None:
    """Raises OwnReadingError, FamilyNotYoursError, and NotFoundError for another's hidden check."""
    refuse_if_not_there(item, by)
    if item.decided_at is None and by.user_id in item.readers:
        raise OwnReadingError()
    if by.families and item.family not in by.families:
        raise FamilyNotYoursError(family=item.family)


def refuse_if_not_there(item: ReviewItem, by: Actor) -> None:
    """Raises NotFoundError for a hidden check of another."""
    if item.only_for not in (None, by.user_id):
        raise NotFoundError("event", item.event_id)


def refuse_if_held_by_another(session: Session, item: ReviewItem, by: Actor) -> None:
    """Raises HeldByAnotherError."""
    if item.holder_id in (None, by.user_id) or item.lease_until is None or item.lease_until < now(session):
        return
    assert item.holder is not None
    raise HeldByAnotherError(item.holder.username, item.lease_until)


def refuse_if_lost(item: ReviewItem, number: int, by: Actor) -> None:
    """A lease that ran out, but that nobody took since, still has the newest number: work on it is not lost.

    Raises LeaseLostError.
    """
    if item.holder_id != by.user_id or item.lease_number != number:
        raise LeaseLostError()


def is_free() -> ColumnElement[bool]:
    return or_(ReviewItem.lease_until.is_(None), ReviewItem.lease_until < func.now())


def now(session: Session) -> dt.datetime:
    """The time at which the transaction began, by the database's clock."""
    return session.scalars(select(func.now())).one()


def _hold(session: Session, item: ReviewItem, by: Actor, seconds: int) -> Lease:
    lease = _extend(session, item, by, seconds, number=item.lease_number + 1)
    item.claimed_at = lease.until - dt.timedelta(seconds=seconds)
    item.ready_at = min(item.ready_at, item.claimed_at)
    audit.note(session, "review.claimed", ("event", item.event_id), by=by, after={"lease": lease.number})
    return lease


def _extend(session: Session, item: ReviewItem, by: Actor, seconds: int, number: int | None = None) -> Lease:
    until = now(session) + dt.timedelta(seconds=seconds)
    item.holder_id, item.lease_until, item.lease_number = by.user_id, until, number or item.lease_number
    return Lease(item.event_id, by.username, item.lease_number, until)
