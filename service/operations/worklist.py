"""The reviewers' list: what waits, with what a row of it shows, filtered and paged by the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Float, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from service.operations.actor import Actor
from service.operations.claims import is_free
from service.operations.records import Record, select_records
from service.store.models import Event, ReviewItem, Revision

# A field that the machine is less sure of than this is marked for the reviewer to check first: wrong more than once in
# ten times. docs/quality.md tells how many that are, and how many of the wrong ones are among them.
CHECK_BELOW = 0.9
HOLDERS = ("free", "held", "mine")
REASONS = ("trigger", "modality", "date", "place", "participants", "details", "attributed_to")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which waiting items are wanted: of these families, held so (HOLDERS), unsure in this field (REASONS)."""

    families: tuple[str, ...] = ()
    holder: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    item: ReviewItem
    record: Record


@dataclass(frozen=True, slots=True)
class Standing:
    """How much waits, how much of it is held at the moment, and since when the oldest waits."""

    waiting: int
    held: int
    oldest: dt.datetime | None


def find(
    session: Session, wanted: Filter, *, by: Actor, after: int = 0, limit: int = 50
) -> tuple[Sequence[Waiting], int]:
    """Waiting items in the order in which they are handed out, and how many the filter lets through in all."""
    by.require("read")
    query = select_records().join(ReviewItem, ReviewItem.event_id == Event.id).where(*_conditions(wanted, by))
    counted = select(func.count()).select_from(query.order_by(None).with_only_columns(Event.id).subquery())
    page = (
        query.add_columns(ReviewItem)
        .options(joinedload(ReviewItem.holder))
        .order_by(None)
        .order_by(ReviewItem.priority.desc(), ReviewItem.event_id)
        .offset(after)
        .limit(limit)
    )
    with session.begin():
        rows = [Waiting(row[-1], Record(*row[:-1])) for row in session.execute(page)]
        return rows, session.scalars(counted).one()


def _conditions(wanted: Filter, by: Actor) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [ReviewItem.decided_at.is_(None)]
    if wanted.families:
        conditions.append(Event.type.in_(wanted.families))
    if wanted.holder:
        conditions.append(_holding(wanted.holder, by))
    if wanted.reason:
        conditions.append(_is_unsure_of(wanted.reason))
    return conditions


def _holding(holder: str, by: Actor) -> ColumnElement[bool]:
    is_held = ReviewItem.lease_until > func.now()
    match holder:
        case "mine":
            return and_(is_held, ReviewItem.holder_id == by.user_id)
        case "held":
            return is_held
        case _:
            return is_free()


def _is_unsure_of(field: str) -> ColumnElement[bool]:
    entry = func.jsonb_each_text(Revision.body["confidence"]).table_valued("key", "value", name="entry")
    first = func.split_part(entry.c.key, "/", 1)
    named = case((entry.c.key == "details/action", "trigger"), else_=first) == field  # its words are the trigger's
    return exists(select(1).select_from(entry).where(named, cast(entry.c.value, Float) < CHECK_BELOW))


def standing(session: Session, *, by: Actor) -> Standing:
    by.require("read")
    counted = select(
        func.count(),
        func.count().filter(ReviewItem.lease_until > func.now()),
        func.min(ReviewItem.created_at),
    ).where(ReviewItem.decided_at.is_(None))
    with session.begin():
        return Standing(*session.execute(counted).one())


def next_after(session: Session, event_id: UUID, *, by: Actor, families: Sequence[str] = ()) -> UUID | None:
    """The free item that comes after this one, or, behind the last one, the first; None when no other is free."""
    by.require("review")
    here = select(ReviewItem.priority).where(ReviewItem.event_id == event_id).scalar_subquery()
    comes_later = or_(ReviewItem.priority < here, and_(ReviewItem.priority == here, ReviewItem.event_id > event_id))
    free = (
        select(ReviewItem.event_id)
        .where(ReviewItem.decided_at.is_(None), is_free(), ReviewItem.event_id != event_id)
        .order_by(comes_later.desc(), ReviewItem.priority.desc(), ReviewItem.event_id)
        .limit(1)
    )
    if families:
        free = free.join(Event, Event.id == ReviewItem.event_id).where(Event.type.in_(families))
    with session.begin():
        return session.scalar(free)


def records_of(session: Session, event_ids: Sequence[UUID], *, by: Actor) -> dict[UUID, Record]:
    """The records with these ids; ids that do not exist are left out."""
    by.require("read")
    with session.begin():
        rows = session.execute(select_records().where(Event.id.in_(event_ids)))
        return {row[0].id: Record(*row) for row in rows}


def items_of(session: Session, event_ids: Sequence[UUID], *, by: Actor) -> dict[UUID, ReviewItem]:
    """Where these records stand in the review, with their holders."""
    by.require("read")
    wanted = select(ReviewItem).where(ReviewItem.event_id.in_(event_ids)).options(joinedload(ReviewItem.holder))
    with session.begin():
        return {item.event_id: item for item in session.scalars(wanted)}
