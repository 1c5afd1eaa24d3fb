"""What the team did: counts, times and shares of the last days, all counted by the database.

Days are those of UTC; the last one is today, so far. Decisions that were taken back do not count, neither do those on
the hidden checks of reviewers, nor those on records that others still read blindly. Time on an item is from its claim,
or from the person's decision before when that came later: a page claims the next item while its reader is still busy
with this one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Float,
    Select,
    and_,
    case,
    cast,
    column,
    distinct,
    extract,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from service.errors import InvalidInputError
from service.operations.actor import Actor
from service.operations.undoing import is_undone
from service.store.models import Decision, Event, ReviewItem, Revision
from workers.evaluate import Share

LONGEST_DAYS = 366
# What is said of drafts is said of the newest readings of the period: no page has to wait until more are counted.
READINGS_AT_MOST = 20_000
PERCENTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
UNCOUNTED = ("undo", "absorb")  # what takes one back, and the other half of a merge
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day to records of one family: how many were drafted, and what people decided."""

    day: dt.date
    family: str
    drafted: int = 0
    approved: int = 0
    fixed: int = 0
    rejected: int = 0

    @property
    def decided(self) -> int:
        return self.approved + self.fixed + self.rejected


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long decisions on records of one family took: percentiles of their seconds."""

    family: str
    decisions: int
    p10: float
    p25: float
    median: float
    p75: float
    p90: float


@dataclass(frozen=True, slots=True)
class Readings:
    """What people made of the machine's drafts, each on his own. `fixed_fields`: in how many of the readings something
    was changed in each field, by its name as in "date", "participants", "action".
    """

    approved: int
    fixed: int
    rejected: int
    fixed_fields: Mapping[str, int]

    @property
    def as_drafted(self) -> Share:
        return Share(self.approved, self.approved + self.fixed + self.rejected)


@dataclass(frozen=True, slots=True)
class Statistics:
    """`since` to `until`, both included. `waiting` is how many items wait now, by family, those of hidden checks among
    them; `oldest` is since when the one waits that has waited longest.
    """

    since: dt.date
    until: dt.date
    days: Sequence[Day]
    seconds: Sequence[Seconds]
    readings: Readings
    undone: Share
    waiting: Mapping[str, int]
    oldest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What was decided in the last 24 hours, by the one who asks and by all."""

    yours: int
    all: int


def statistics(session: Session, *, days: int, by: Actor) -> Statistics:
    """Raises InvalidInputError."""
    by.require("read")
    check_days(days)
    with session.begin():
        since = first_day(session, days)
        return Statistics(
            since=since,
            until=since + (days - 1) * ONE_DAY,
            days=_days(session, since),
            seconds=[Seconds(*row) for row in session.execute(_seconds(since))],
            readings=_readings(session, since),
            undone=Share(*session.execute(_undone(since)).one()),
            waiting=dict(session.execute(_waiting()).all()),
            oldest=session.scalar(_oldest()),
        )


def progress(session: Session, *, by: Actor) -> Progress:
    by.require("read")
    counted = (
        select(func.count().filter(Decision.by == by.user_id), func.count())
        .select_from(Decision)
        .where(Decision.at > func.now() - ONE_DAY, Decision.decision.not_in(UNCOUNTED), ~is_undone())
    )
    with session.begin():
        return Progress(*session.execute(counted).one())


def check_days(days: int) -> None:
    """Raises InvalidInputError."""
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInputError({"days": [f"Must be from 1 to {LONGEST_DAYS}."]})


def first_day(session: Session, days: int) -> dt.date:
    """Of so many days, today among them."""
    today: dt.date = session.scalars(select(cast(func.now(), Date))).one()
    return today - (days - 1) * ONE_DAY


def readings_since(since: dt.date) -> CTE:
    """The newest readings of drafts: `decision`, its `changes`, and the `draft` that it was made on."""
    return (
        select(Decision.id, Decision.decision, Decision.changes, Revision.body.label("draft"))
        .join(Event, Event.id == Decision.event_id)
        .join(Revision, and_(Revision.event_id == Decision.event_id, Revision.number == Decision.on_revision))
        .where(
            *_counting(since),
            Revision.run_id.is_not(None),
            Decision.decision.in_(("approve", "fix", "reject")),
            Decision.round.in_(("first", "second")),
        )
        .order_by(Decision.at.desc())
        .limit(READINGS_AT_MOST)
        .cte("readings")
    )


def _counting(since: dt.date) -> tuple[ColumnElement[bool], ...]:
    """Decisions that count, of a query that joins their events. A first answer does not, before the second is there:
    numbers tell, too.
    """
    return Decision.at >= since, Event.gold_of.is_(None), Event.state != "draft", ~is_undone()


def _days(session: Session, since: dt.date) -> list[Day]:
    counts: dict[tuple[dt.date, str], dict[str, int]] = {}
    for day, family, what, number in [*session.execute(_drafted(since)), *session.execute(_decided(since))]:
        counts.setdefault((day, family), {})[what] = number
    return [Day(day, family, **counts[day, family]) for day, family in sorted(counts)]


def _drafted(since: dt.date) -> Select[dt.date, str, str, int]:
    day = cast(ReviewItem.created_at, Date)
    return (
        select(day, Event.type, literal("drafted"), func.count())
        .select_from(ReviewItem)
        .join(Event, Event.id == ReviewItem.event_id)
        .where(
            ReviewItem.event_id >= first_id(since - ONE_DAY),  # made by other clocks than the time of the row
            ReviewItem.created_at >= since,
            Event.run_id.is_not(None),
            Event.gold_of.is_(None),
        )
        .group_by(day, Event.type)
    )


def first_id(day: dt.date) -> UUID:
    """The least id of that day. Ids begin with their time in milliseconds (UUIDv7), so that the primary key is an index
    on time, too.
    """
    moment = dt.datetime.combine(day, dt.time(), dt.UTC)
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _decided(since: dt.date) -> Select[dt.date, str, str, int]:
    """What was settled between two readings counts as what it came to."""
    day = cast(Decision.at, Date)
    verdict = case(
        (Decision.reason.is_not(None), "rejected"),
        (Decision.changes != literal([], JSONB), "fixed"),
        else_="approved",
    )
    return (
        select(day, Event.type, verdict, func.count())
        .join(Event, Event.id == Decision.event_id)
        .where(*_counting(since), Decision.decision.in_(("approve", "fix", "reject", "settle")))
        .group_by(day, Event.type, verdict)
    )


def _seconds(since: dt.date) -> Select[Any]:
    before = func.lag(Decision.at).over(partition_by=Decision.by, order_by=(Decision.at, Decision.id))
    made = (
        select(
            Decision.id,
            func.least(Decision.seconds, cast(extract("epoch", Decision.at - before), Float)).label("seconds"),
        )
        .where(Decision.at >= since)
        .subquery()
    )
    percentiles = [func.percentile_cont(share).within_group(made.c.seconds) for share in PERCENTILES]
    return (
        select(Event.type, func.count(), *percentiles)
        .select_from(made)
        .join(Decision, Decision.id == made.c.id)
        .join(Event, Event.id == Decision.event_id)
        .where(*_counting(since), Decision.seconds.is_not(None), Decision.decision != "undo")
        .group_by(Event.type)
        .order_by(Event.type)
    )


def _readings(session: Session, since: dt.date) -> Readings:
    readings = readings_since(since)
    verdicts = select(readings.c.decision, func.count()).group_by(readings.c.decision)
    counts: dict[str, int] = dict(session.execute(verdicts).all())
    fixed = dict(session.execute(_fixed_fields(readings)).all())
    return Readings(counts.get("approve", 0), counts.get("fix", 0), counts.get("reject", 0), fixed)


def _fixed_fields(readings: CTE) -> Select[str, int]:
    change = func.jsonb_array_elements(readings.c.changes).table_valued(column("value", JSONB), name="change")
    path = change.c.value["field"].astext
    name = case((path == "details/action", "action"), else_=func.split_part(path, "/", 1)).label("name")
    number = func.count(distinct(readings.c.id))
    return (
        select(name, number)
        .select_from(readings.join(change, literal(True)))
        .group_by(name)
        .order_by(number.desc(), name)
    )


def _undone(since: dt.date) -> Select[int, int]:
    """How many decisions were taken back, of how many."""
    return (
        select(func.count().filter(is_undone()), func.count())
        .select_from(Decision)
        .join(Event, Event.id == Decision.event_id)
        .where(
            Decision.at >= since,
            Decision.decision.not_in(UNCOUNTED),
            Event.gold_of.is_(None),
            (Event.state != "draft") | is_undone(),
        )
    )


def _waiting() -> Select[str, int]:
    """Hidden checks wait for nobody but those whom they check."""
    return (
        select(ReviewItem.family, func.count())
        .where(ReviewItem.decided_at.is_(None), ReviewItem.only_for.is_(None))
        .group_by(ReviewItem.family)
        .order_by(ReviewItem.family)
    )


def _oldest() -> Select[dt.datetime]:
    waiting = select(ReviewItem.created_at).where(ReviewItem.decided_at.is_(None), ReviewItem.only_for.is_(None))
    return waiting.order_by(ReviewItem.event_id).limit(1)
