"""Where approved events took place: by place, for the map, and the records of one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Float, cast, func, select
from sqlalchemy.orm import Session

from service.operations import probes
from service.operations.actor import Actor
from service.operations.records import Record, select_records
from service.store.models import Decision, Event, Revision

PLACES_AT_MOST = 1000
RECORDS_AT_MOST = 50

PLACE = Revision.body["place"]
latitude, longitude = cast(PLACE["lat"].astext, Float), cast(PLACE["lon"].astext, Float)

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records that were approved in the last `days`, of these families; none named are all."""

    days: int
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with its number of records by family. The name is the one that most records have."""

    position: Position
    name: str
    country: str | None
    families: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.families.values())


@dataclass(frozen=True, slots=True)
class Atlas:
    """The places with most records, of `places` in all; `unplaced` records name none that is known by coordinates."""

    spots: Sequence[Spot]
    places: int
    placed: int
    unplaced: int


def atlas(session: Session, wanted: Wanted, *, by: Actor) -> Atlas:
    by.require("read")
    name, country = (func.mode().within_group(PLACE[part].astext) for part in ("name", "country"))
    counted = (
        select(latitude, longitude, Event.type, func.count(), name, country)
        .join(Revision, (Revision.event_id == Event.id) & (Revision.number == Event.revision))
        .join(Decision, Decision.id == Revision.decision_id)
        .where(*_conditions(wanted, by))
        .group_by(latitude, longitude, Event.type)
        .order_by(func.count().desc())
    )
    with session.begin():
        rows = session.execute(counted).all()
    spots = _spots(row for row in rows if row[0] is not None and row[1] is not None)
    placed = sum(spot.total for spot in spots)
    return Atlas(spots[:PLACES_AT_MOST], len(spots), placed, sum(row[3] for row in rows) - placed)


def records_at(session: Session, position: Position, wanted: Wanted, *, by: Actor) -> Sequence[Record]:
    """The newest approved records of a place."""
    by.require("read")
    there = (
        select_records()
        .where(*_conditions(wanted, by), latitude == position[0], longitude == position[1])
        .order_by(None)
        .order_by(Decision.at.desc(), Event.id.desc())
        .limit(RECORDS_AT_MOST)
    )
    with session.begin():
        return [Record(*row) for row in session.execute(there)]


def _conditions(wanted: Wanted, by: Actor) -> list[ColumnElement[bool]]:
    since = func.now() - dt.timedelta(days=wanted.days)
    published = [Event.state == "approved", Event.gold_of.is_(None), ~probes.is_copied_for(by)]
    conditions = [*published, Decision.at > since]
    return [*conditions, Event.type.in_(wanted.families)] if wanted.families else conditions


def _spots(rows: Iterable[tuple[float, float, str, int, str, str | None]]) -> list[Spot]:
    """Of counts by place and family, the largest first."""
    spots: dict[Position, Spot] = {}
    for north, east, family, number, name, country in rows:
        spot = spots.setdefault((north, east), Spot((north, east), name, country))
        spot.families[family] = number
    return sorted(spots.values(), key=lambda spot: (-spot.total, spot.name))
