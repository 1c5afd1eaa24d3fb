"""Whether the machine's confidence keeps its word, told by what reviewers left as it was drafted.

As in docs/quality.md: the confidence of a record is a chance that the document reports the event, and it was right when
the record was not rejected; that of a field is a chance given the record, and it was right when it was left unchanged
in a record that was approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Float, Select, and_, cast, column, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from service.operations.actor import Actor
from service.operations.statistics import check_days, first_day, readings_since
from workers.evaluate import interval

EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Confidences from `low` up to below `high`: how many were judged, how many right, and their mean."""

    low: float
    high: float
    judged: int
    right: int
    said: float

    @property
    def share(self) -> float:
        return self.right / self.judged

    @property
    def interval(self) -> tuple[float, float]:
        """Of 95 % for the share."""
        return interval(self.right, self.judged)


@dataclass(frozen=True, slots=True)
class Calibration:
    records: Sequence[Bin]
    fields: Sequence[Bin]


def calibration(session: Session, *, days: int, by: Actor) -> Calibration:
    """Of the readings of the last `days`. Raises InvalidInputError."""
    by.require("read")
    check_days(days)
    with session.begin():
        readings = readings_since(first_day(session, days))
        return Calibration(_bins(session, _records(readings)), _bins(session, _fields(readings)))


def _records(readings: CTE) -> Select[Any]:
    said = cast(readings.c.draft["confidence"]["record"].astext, Float)
    return _counted(said, readings.c.decision != "reject").select_from(readings)


def _fields(readings: CTE) -> Select[Any]:
    entry = func.jsonb_each_text(readings.c.draft["confidence"]).table_valued("key", "value", name="entry")
    return (
        _counted(cast(entry.c.value, Float), ~_is_touched(readings, entry.c.key))
        .select_from(readings.join(entry, literal(True)))
        .where(readings.c.decision != "reject", entry.c.key != "record")
    )


def _counted(said: ColumnElement[float], is_right: ColumnElement[bool]) -> Select[Any]:
    """By the number of the bin: how many, how many right, their mean."""
    number = func.width_bucket(said, cast(list(EDGES[1:-1]), ARRAY(Float))).label("number")
    counts = func.count(), func.count().filter(is_right), func.avg(said)
    return select(number, *counts).where(said.is_not(None)).group_by(number).order_by(number)


def _is_touched(readings: CTE, key: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a reading changed the field, or a part of it. A list that became longer or shorter is one change: in it,
    an item that is still there was left alone.
    """
    change = func.jsonb_array_elements(readings.c.changes).table_valued(column("value", JSONB), name="change")
    field, to = change.c.value["field"].astext, change.c.value["to"]
    item = func.jsonb_build_array(readings.c.draft.op("#>")(func.string_to_array(key, "/")))
    is_gone = and_(field == func.split_part(key, "/", 1), ~func.coalesce(to.contains(item), False))
    is_touched = or_(field == key, func.starts_with(field, key + "/"), is_gone)
    return exists(select(1).select_from(change).where(is_touched))


def _bins(session: Session, counted: Select[Any]) -> list[Bin]:
    lows, highs = EDGES[:-1], EDGES[1:]
    rows = session.execute(counted)
    return [Bin(lows[number], highs[number], judged, right, said) for number, judged, right, said in rows]
