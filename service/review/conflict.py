"""A decision that was refused, because the record or its claim has moved on: what was seen, is now, and was typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from service.errors import (
    AlreadyDecidedError,
    HeldByAnotherError,
    LeaseLostError,
    LegationError,
    RevisionChangedError,
    TransitionError,
)
from service.operations import records
from service.operations.actor import Actor
from service.operations.records import Record
from service.operations.reviews import REJECT_REASONS
from service.review import desk, fields, rows, words
from service.review.fields import Typed
from service.review.holds import Hold
from service.review.rows import Row, Sources
from service.review.words import Headline
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family

CONFLICTS = (AlreadyDecidedError, HeldByAnotherError, LeaseLostError, RevisionChangedError, TransitionError)
NOT_TYPED = ("csrf_token", "decision", "lease", "revision")


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    seen: str
    now: str
    typed: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """`kept` is what the form had, to be sent again; `can_take` tells whether the item can be claimed for that."""

    event_id: UUID
    family: Family
    headline: Headline
    title: str
    told: str
    hold: Hold
    differences: list[Difference]
    reject_reason: str
    reject_text: str
    kept: list[tuple[str, str]]
    record: Record
    seen_revision: int

    @property
    def can_take(self) -> bool:
        return self.hold.state in ("free", "mine")


def conflict(
    session: Session, event_id: UUID, form: MultiDict[str, str], error: LegationError, *, by: Actor, lease: int
) -> Conflict:
    record = records.get(session, event_id, by=by)
    revision = form.get("revision", 1, type=int)
    history = records.history(session, event_id, by=by)
    seen = next((entry["record"] for entry in history if entry["revision"] == revision), history[0]["record"])
    hold = desk.hold_of_event(session, event_id, by=by, lease=lease)
    title, told = _words(error, record, hold, by)
    return Conflict(
        event_id,
        FAMILY_OF[record.event.type],
        words.headline(record.current.body),
        title,
        told,
        hold,
        _differences(seen, record.current.body, fields.read(seen, form)),
        REJECT_REASONS.get(form.get("reason", ""), ""),
        form.get("reason_text", ""),
        [(name, value) for name, value in form.items(multi=True) if name not in NOT_TYPED],
        record,
        revision,
    )


def _words(error: LegationError, record: Record, hold: Hold, by: Actor) -> tuple[str, str]:
    kept = "What you typed is below; nothing of it was sent on."
    if record.decision:
        verdict = {"fixed": "fixed and approved"}.get(_verdict(record), _verdict(record))
        who = "You" if record.decision.by == by.user_id else record.decision.reviewer.username
        return f"{who} {verdict} this record at {_clock(record.decision.at)}", kept
    if hold.state == "other":
        return f"{hold.holder} holds this item now", f"You no longer held it. {kept}"
    if isinstance(error, RevisionChangedError):
        return f"The record is at revision {record.event.revision} now", kept
    return "Your claim on this item was given up", f"Nobody else holds it: you can take it again. {kept}"


def _verdict(record: Record) -> str:
    assert record.decision is not None
    return records.VERDICTS[record.decision.decision]


def _clock(at: dt.datetime) -> str:
    return f"{at:%H:%M} UTC"


def _differences(seen: Mapping[str, Any], now: Mapping[str, Any], typed: Typed) -> list[Difference]:
    """The fields in which the three are not the same. What was typed is named only where it is new."""
    was, current = _by_path(seen), _by_path(now)
    mine = _by_path(seen, typed)
    found = []
    for path in dict.fromkeys([*was, *current, *mine]):
        label = next(shown[path].label for shown in (current, was, mine) if path in shown)
        yours = _typed_in_words(mine[path]) if path in mine and mine[path].is_touched else ""
        difference = Difference(label, _draft(was, path), _draft(current, path), yours)
        if difference.typed or difference.seen != difference.now:
            found.append(difference)
    return found


def _by_path(body: Mapping[str, Any], typed: Typed | None = None) -> dict[str, Row]:
    sources = Sources.of(body, (), typed)
    return {row.path: row for row in rows.rows_of(rows.groups(sources))}


def _draft(shown: Mapping[str, Row], path: str) -> str:
    return (shown[path].draft_in_words if path in shown else "") or "nothing"


def _typed_in_words(row: Row) -> str:
    return "removed" if row.is_removed else row.typed_in_words or "nothing"
