"""The feed: every change of what is published, in the order of the commits, for programs that keep a copy.

The database makes the changes (store/migrations/versions/0011_changes.py) and gives them consecutive numbers at the
commit, under a lock: whoever sees one sees all before it. A reader therefore needs nothing but the number of the last
change that he saw.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from service.errors import InvalidInputError, NotFoundError
from service.operations.actor import Actor
from service.operations.records import PUBLISHED_ALONE, Draft, is_beside, published_form
from service.store.models import Change, Decision, Event, Revision, Run

START = 0
AT_A_TIME = 50
HIGHEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Told:
    """A change with the record as it was published by it."""

    change: Change
    event: Event
    revision: Revision
    draft: Revision | None
    run: Run | None
    decision: Decision | None

    def to_json(self) -> dict[str, Any]:
        """A record for a "put", a tombstone for a "retract"."""
        change, at = self.change, self.change.at.isoformat()
        if change.op == "put":
            record = published_form(self.event, "approved", self.revision, self.draft, self.run, self.decision)
            return {"seq": change.seq, "op": "put", "event": record, "at": at}
        return {
            "seq": change.seq,
            "op": "retract",
            "event": {"id": str(change.event_id), "revision": change.revision},
            "reason": change.reason,
            "superseded_by": str(change.superseded_by) if change.superseded_by else None,
            "at": at,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A change by its number, and as JSON: a tenth of the memory of what it is made of."""

    seq: int
    json: str


def find(session: Session, *, by: Actor, after: int = START, limit: int, told_as: str = "cursor") -> Sequence[Line]:
    """The changes after this number, in order; some at a time are more than their JSON.

    Raises InvalidInputError, by the name that the number was told as, for one that no change has: the database has been
    replaced by an older one.
    """
    by.require("read")
    with session.begin():
        wanted = _select_told().where(Change.seq > after).order_by(Change.seq).limit(limit)
        rows = session.execute(wanted.execution_options(yield_per=AT_A_TIME))
        lines = [Line(told.change.seq, encode(told.to_json())) for told in starmap(Told, rows)]
        if not lines and after > _newest(session):
            raise InvalidInputError({told_as: ["Is ahead of the feed, which has been restored; start without one."]})
    return lines


def told(session: Session, numbers: Collection[int]) -> Sequence[Told]:
    """The changes with these numbers, within a transaction."""
    return [Told(*row) for row in session.execute(_select_told().where(Change.seq.in_(numbers)))]


def get(session: Session, seq: int, *, by: Actor) -> Told:
    """Raises NotFoundError."""
    by.require("read")
    with session.begin():
        found = told(session, [seq]) if seq <= HIGHEST else ()
    if not found:
        raise NotFoundError("change", seq)
    return found[0]


def encode(value: dict[str, Any]) -> str:
    """JSON as it is streamed and sent: ASCII alone, as in the export."""
    return json.dumps(value)


def _select_told() -> Select[Change, Event, Revision, Revision | None, Run | None, Decision | None]:
    return (
        select(Change, Event, Revision, Draft, Run, Decision)
        .join(Event, Event.id == Change.event_id)
        .join(Revision, (Revision.event_id == Change.event_id) & (Revision.number == Change.revision))
        .outerjoin(Draft, is_beside(Change.draft_revision))
        .outerjoin(Run, Run.id == Change.run_id)
        .outerjoin(Decision, Decision.id == Revision.decision_id)
        .options(joinedload(Revision.document, innerjoin=True), *PUBLISHED_ALONE)
    )


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(Change.seq))) or START
