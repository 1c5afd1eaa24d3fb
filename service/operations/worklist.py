"""The reviewers' list: what waits, with what a row of it shows, filtered and paged by the database.

It costs about the same whether a hundred items wait or a million: pages begin where the last one ended, and counting
ends at a bound.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from service.errors import AlreadyDecidedError, HeldByAnotherError
from service.operations import claims, reviews
from service.operations.actor import Actor
from service.operations.claims import Lease
from service.operations.filters import ALL, Filter, Place, is_for, listed, ordered, place_in, unsure_among
from service.operations.probes import is_there_for
from service.operations.records import Record, select_records
from service.store.models import Decision, Event, ReviewItem
from service.store.session import plan_for_values
from workers.extraction.families import FAMILY_OF

MOST_COUNTED = 10_000
# Conditions on what a record says are looked up in the record itself.
MOST_COUNTED_BY_RECORD = 1_000
MOST_BY_FAMILY = 1_000
LOOKED_THROUGH = 20_000
TRIED_TOGETHER = 20


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; where counting ended at its bound, there are more."""

    number: int
    is_more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.is_more else ''}"

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Waiting:
    item: ReviewItem
    record: Record


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list; `last` is the place behind which the next page begins, if there is one."""

    rows: Sequence[Waiting]
    last: Place | None
    total: Count


@dataclass(frozen=True, slots=True)
class Standing:
    """How much waits for this person, how much is held at the moment, and since when the oldest waits."""

    waiting: Count
    held: int
    oldest: dt.datetime | None


def find(session: Session, wanted: Filter, *, by: Actor, after: Place | None = None, limit: int = 50) -> Page:
    """Undecided items in the order asked for, and how many the filter lets through in all. Raises InvalidInputError.

    With a reason, a page can have fewer items than asked for and still go on: one that nothing fits is soon found out.
    """
    by.require("read")
    wanted.check()
    items = listed(wanted, by)
    with session.begin():
        plan_for_values(session)
        found, last = _part(session, items, wanted, after, limit)
        return Page(_rows(session, [row.event_id for row in found]), last, _total(session, items, wanted))


def _part(
    session: Session, items: Select[Any], wanted: Filter, after: Place | None, limit: int
) -> tuple[Sequence[Row[Any]], Place | None]:
    """Some of the items from a place on, and the place where the next ones begin, if there are any."""
    if wanted.reason:
        return _unsure(session, items, wanted, after, limit)
    found = session.execute(ordered(items, wanted.order, after=after, limit=limit + 1)).all()
    return found[:limit], place_in(wanted.order, found[limit - 1]) if len(found) > limit else None


def _unsure(
    session: Session, items: Select[Any], wanted: Filter, after: Place | None, limit: int
) -> tuple[Sequence[Row[Any]], Place | None]:
    """What a record is unsure of is looked up in the record: in not more than so many for one page."""
    assert wanted.reason is not None
    near = ordered(items, wanted.order, after=after, limit=LOOKED_THROUGH)
    found = session.execute(unsure_among(near, wanted.reason, wanted.order).limit(limit + 1)).all()
    if len(found) > limit:
        return found[:limit], place_in(wanted.order, found[limit - 1])
    end = session.execute(near.offset(LOOKED_THROUGH - 1).limit(1)).first()
    return found, place_in(wanted.order, end) if end else None


def _total(session: Session, items: Select[Any], wanted: Filter) -> Count:
    if not wanted.reason:
        return _count(session, items, MOST_COUNTED_BY_RECORD if wanted.text else MOST_COUNTED)
    near = ordered(items, wanted.order, after=None, limit=LOOKED_THROUGH)
    unsure = _count(session, unsure_among(near, wanted.reason, wanted.order), MOST_COUNTED_BY_RECORD)
    is_end = session.execute(near.offset(LOOKED_THROUGH - 1).limit(1)).first() is None
    return Count(unsure.number, unsure.is_more or not is_end)


def _rows(session: Session, event_ids: Sequence[UUID]) -> list[Waiting]:
    people = (joinedload(ReviewItem.holder), joinedload(ReviewItem.assignee))
    wanted = select_records().add_columns(ReviewItem).join(ReviewItem, ReviewItem.event_id == Event.id)
    found = session.execute(wanted.where(Event.id.in_(event_ids)).options(*people))
    rows = {row[0].id: Waiting(row[-1], Record(*row[:-1])) for row in found}
    return [rows[event_id] for event_id in event_ids]


def rows_of(session: Session, event_ids: Sequence[UUID], *, by: Actor) -> Sequence[Waiting]:
    """The items with these ids that are there for this person, in the order of the ids."""
    by.require("read")
    with session.begin():
        there = select(ReviewItem.event_id).where(ReviewItem.event_id.in_(event_ids), is_there_for(by))
        known = set(session.scalars(there))
        return _rows(session, [event_id for event_id in event_ids if event_id in known])


def _count(session: Session, items: Select[Any], most: int = MOST_COUNTED) -> Count:
    counted = select(func.count()).select_from(items.order_by(None).limit(most + 1).subquery())
    number = session.scalars(counted).one()
    return Count(min(number, most), number > most)


def standing(session: Session, *, by: Actor, most: int = MOST_COUNTED) -> Standing:
    """Counts to at most `most`."""
    by.require("read")
    waiting = listed(ALL, by)
    is_held = ReviewItem.holder_id.is_not(None) & (ReviewItem.lease_until > func.now())
    held = select(func.count()).where(is_held, is_for(by))
    # Ids are made when items are: the first is the oldest.
    oldest = waiting.with_only_columns(ReviewItem.created_at).order_by(ReviewItem.event_id).limit(1)
    with session.begin():
        return Standing(_count(session, waiting, most), session.scalars(held).one(), session.scalar(oldest))


def count_by_family(session: Session, *, by: Actor) -> dict[str, Count]:
    """How much waits of each family that this person reviews."""
    by.require("read")
    families = [name for name in FAMILY_OF if not by.families or name in by.families]
    with session.begin():
        return {name: _count(session, listed(Filter(families=(name,)), by), MOST_BY_FAMILY) for name in families}


def count_each(session: Session, filters: dict[str, Filter], *, by: Actor) -> dict[str, Count]:
    """How much each of these filters lets through."""
    by.require("read")
    with session.begin():
        return {name: _count(session, listed(wanted, by)) for name, wanted in filters.items()}


def count_decided_today(session: Session, *, by: Actor) -> Count:
    """How many of his decisions of the last 24 hours this person has not taken back."""
    by.require("review")
    made = reviews.select_decided_today(by).with_only_columns(Decision.id)
    with session.begin():
        return _count(session, made)


def claim_listed(session: Session, wanted: Filter, *, by: Actor, seconds: int) -> Lease | None:
    """Claims the first free item that the filter lets through and that is left to nobody else; None when there is none.

    Raises InvalidInputError.
    """
    by.require("review")
    wanted.check()
    for event_id in _free_ids(session, wanted, by):
        try:
            return claims.claim(session, event_id, by=by, seconds=seconds)
        except (HeldByAnotherError, AlreadyDecidedError):  # somebody was first: the next one then
            continue
    return None


def next_after(session: Session, event_id: UUID, *, by: Actor, wanted: Filter = ALL) -> UUID | None:
    """The free item that comes after this one, or, behind the last one, the first; None when no other is free."""
    by.require("review")
    with session.begin():
        here = session.get(ReviewItem, event_id)
    behind = _free_ids(session, wanted, by, after=place_in(wanted.order, here)) if here else iter(())
    others = (other for other in itertools.chain(behind, _free_ids(session, wanted, by)) if other != event_id)
    return next(others, None)


def _free_ids(session: Session, wanted: Filter, by: Actor, *, after: Place | None = None) -> Iterator[UUID]:
    """Items of the filter, from a place on, that nobody holds and that are left to nobody else."""
    is_left = or_(ReviewItem.assignee_id.is_(None), ReviewItem.assignee_id == by.user_id)
    items = listed(replace(wanted, holder="free"), by).where(is_left)
    while True:
        with session.begin():
            plan_for_values(session)
            found, after = _part(session, items, wanted, after, TRIED_TOGETHER)
        yield from (row.event_id for row in found)
        if after is None:
            return


def records_of(session: Session, event_ids: Sequence[UUID], *, by: Actor) -> dict[UUID, Record]:
    """The records with these ids; ids that do not exist are left out."""
    by.require("read")
    with session.begin():
        rows = session.execute(select_records().where(Event.id.in_(event_ids)))
        return {row[0].id: Record(*row) for row in rows}


def items_of(session: Session, event_ids: Sequence[UUID], *, by: Actor) -> dict[UUID, ReviewItem]:
    """Where these records stand in the review, with their holders."""
    by.require("read")
    people = (joinedload(ReviewItem.holder), joinedload(ReviewItem.assignee))
    wanted = select(ReviewItem).where(ReviewItem.event_id.in_(event_ids)).options(*people)
    with session.begin():
        return {item.event_id: item for item in session.scalars(wanted)}
