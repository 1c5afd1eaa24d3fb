"""Rows of lists: a record in the queue, a decision of today."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from service.operations.actor import Actor
from service.operations.records import VERDICTS, Record
from service.operations.worklist import Waiting
from service.review import words
from service.review.direction import direction
from service.review.fields import Body
from service.review.holds import Hold, hold_of
from service.review.reasons import reasons
from service.review.words import Headline
from service.store.models import Decision, Revision
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The trigger in the words around it."""

    before: str
    quote: str
    after: str

    @property
    def direction(self) -> str:
        """That of the trigger: a verb runs as its sentence does, whatever names stand around it."""
        return direction(self.quote)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list shows of a record."""

    record: Record
    family: Family
    headline: Headline
    date: str
    excerpt: Excerpt | None

    @property
    def body(self) -> Body:
        return self.record.current.body

    @classmethod
    def of(cls, record: Record) -> Entry:
        body = record.current.body
        edtf = (body["date"] or {}).get("edtf")
        return cls(
            record, FAMILY_OF[body["type"]], words.headline(body), words.short_date(edtf), excerpt(record.current)
        )


@dataclass(frozen=True, slots=True)
class WaitingRow:
    entry: Entry
    reasons: list[str]
    confidence: str
    age: str
    hold: Hold
    assignee: str = ""
    note: str = ""
    until: dt.datetime | None = None
    is_second: bool = False


@dataclass(frozen=True, slots=True)
class DecidedRow:
    entry: Entry
    verdict: str
    fixes: int
    at: dt.datetime
    undoes: UUID | None = None


def waiting_row(waiting: Waiting, by: Actor, now: dt.datetime, lease: int) -> WaitingRow:
    current, item = waiting.record.current, waiting.item
    return WaitingRow(
        Entry.of(waiting.record),
        list(dict.fromkeys(str(reason) for reason in reasons(current.body, current.evidence))),
        words.percent(item.confidence),
        words.age(item.created_at, now),
        hold_of(item, by, now, lease),
        item.assignee.username if item.assignee else "",
        item.note or "",
        item.ready_at if item.ready_at > now else None,
        item.stage == "second",
    )


def decided_row(decision: Decision, record: Record, undoable: Collection[UUID] = ()) -> DecidedRow:
    undoes = decision.id if decision.id in undoable else None
    return DecidedRow(
        Entry.of(record), words.word(VERDICTS[decision.decision]), len(decision.changes), decision.at, undoes
    )


def excerpt(revision: Revision) -> Excerpt | None:
    """Around the trigger, without the half words at both ends."""
    trigger = next((item for item in revision.evidence if item.field == "trigger"), None)
    if trigger is None:
        return None
    before, after = _BLANKS.sub(" ", "." + trigger.prefix), _BLANKS.sub(" ", trigger.suffix + ".")
    return Excerpt(before.partition(" ")[2], words.line(trigger.quote), after.rpartition(" ")[0])
