"""The reviewers' list: what waits, with what a row of it shows, filtered and paged by the database.

It costs about the same whether a hundred items wait or a million: pages begin where the last one ended, and counting
ends at a bound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from service.errors import AlreadyDecidedError, HeldByAnotherError
from service.operations import claims
from service.operations.actor import Actor
from service.operations.claims import Lease
from service.operations.filters import ALL, Filter, Place, is_for, listed, ordered, place_in
from service.operations.probes import is_there_for
from service.operations.records import Record, select_records
from service.store.models import Decision, Event, ReviewItem
from workers.extraction.families import FAMILY_OF

MOST_COUNTED = 10_000
# Conditions on what a record says are looked up in the record itself.
MOST_COUNTED_BY_RECORD = 1_000
MOST_BY_FAMILY = 1_000
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
    """Undecided items in the order asked for, and how many the filter lets through in all. Raises InvalidInputError."""
    by.require("read")
    wanted.check()
    items = listed(wanted, by)
    with session.begin():
        found = session.execute(ordered(items, wanted.order, after=after, limit=limit + 1)).all()
        rows = _rows(session, [row.event_id for row in found[:limit]])
        total = _count(session, items, MOST_COUNTED_BY_RECORD if wanted.is_by_record else MOST_COUNTED)
    last = place_in(wanted.order, found[limit - 1]) if len(found) > limit else None
    return Page(rows, last, total)


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
    """How many decisions of the last 24 hours are this person's."""
    by.require("review")
    since = func.now() - dt.timedelta(hours=24)
    made = select(Decision.id).where(Decision.by == by.user_id, Decision.at > since)
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


def _free_ids(session: Session, wanted: Filter, by: Actor) -> Iterator[UUID]:
    items = listed(replace(wanted, holder="free"), by).where(_is_left_to(by))
    last: Place | None = None
    while True:
        with session.begin():
            found = session.execute(ordered(items, wanted.order, after=last, limit=TRIED_TOGETHER)).all()
        yield from (row.event_id for row in found)
        if len(found) < TRIED_TOGETHER:
            return
        last = place_in(wanted.order, found[-1])


def _is_left_to(by: Actor) -> ColumnElement[bool]:
    return or_(ReviewItem.assignee_id.is_(None), ReviewItem.assignee_id == by.user_id)


def next_after(session: Session, event_id: UUID, *, by: Actor, wanted: Filter = ALL) -> UUID | None:
    """The free item that comes after this one, or, behind the last one, the first; None when no other is free."""
    by.require("review")
    items = listed(replace(wanted, holder="free"), by).where(_is_left_to(by), ReviewItem.event_id != event_id)
    with session.begin():
        here = session.get(ReviewItem, event_id)
        places = (place_in(wanted.order, here), None) if here else (None,)
        found = (session.scalar(ordered(items, wanted.order, after=place, limit=1)) for place in places)
        return next((other for other in found if other), None)


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
