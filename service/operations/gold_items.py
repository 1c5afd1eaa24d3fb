"""Records whose answer is taken as right, and how near reviewers come to them without knowing which ones they are.

operations/probes.py hands them out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from service.errors import NotGoldError
from service.operations import audit, claims
from service.operations.actor import Actor
from service.operations.answers import ANSWERS, fields_of, values_of
from service.operations.lifecycle import UNDO_WITHIN
from service.operations.probes import KNOWN
from service.operations.undoing import is_undone
from service.store.models import Decision, Event, GoldItem, ReviewItem, Revision, User
from workers.extraction.families import FAMILY_OF


@dataclass(frozen=True, slots=True)
class Score:
    """How one reviewer answered `checks` hidden checks: accepting or rejecting as the known answer does, and each field
    of the records that both accept. `missed` are the fields that he answered otherwise, by label.
    """

    reviewer: str
    checks: int
    decisions_right: int
    fields_right: int
    fields_wrong: int
    missed: Counter[str] = field(default_factory=Counter)


def mark(session: Session, event_id: UUID, *, by: Actor) -> None:
    """Takes a decided record as right, to check reviewers with; one that is taken so already stays so.

    Raises NotGoldError, NotFoundError.
    """
    by.require("adjudicate")
    with session.begin():
        item = claims.locked(session, event_id)
        event = session.get_one(Event, event_id, populate_existing=True)
        if item.decided_at is None or not can_be_marked(event):
            raise NotGoldError()
        if session.get(GoldItem, event_id, populate_existing=True) is None:
            session.add(GoldItem(event_id=event_id, by=by.user_id))
            after = {"state": event.state, "revision": event.revision}
            audit.note(session, "gold.marked", ("event", event_id), by=by, after=after)


def can_be_marked(event: Event) -> bool:
    """Whether its answer is one to check by, once it is decided: the machine's draft, and what people made of it."""
    return event.state in KNOWN and event.draft_revision is not None and event.gold_of is None


def unmark(session: Session, event_id: UUID, *, by: Actor) -> None:
    """No longer takes a record as right. Checks on it that are under way count for nothing. Raises NotFoundError."""
    by.require("adjudicate")
    with session.begin():
        claims.locked(session, event_id)
        marked = session.get(GoldItem, event_id, populate_existing=True)
        if marked:
            session.delete(marked)
            audit.note(session, "gold.unmarked", ("event", event_id), by=by)


def is_marked(session: Session, event_id: UUID, *, by: Actor) -> bool:
    """Whether the record is taken as right."""
    by.require("adjudicate")
    with session.begin():
        return session.get(GoldItem, event_id, populate_existing=True) is not None


def scores(session: Session, *, by: Actor, days: int) -> list[Score]:
    """Of the checks answered in the last `days`, by reviewer; who does not adjudicate is told his own alone. A check
    counts once its answer cannot be undone any more: before that, it would be known for a check.
    """
    by.require("review")
    answers: dict[str, list[_Checked]] = {}
    with session.begin():
        for reviewer, *checked in session.execute(_answered(by, days)):
            answers.setdefault(reviewer, []).append(_Checked(*checked))
    return [_score(reviewer, answers[reviewer]) for reviewer in sorted(answers)]


@dataclass(frozen=True, slots=True)
class _Checked:
    """A check: the reviewer's decision and record, the known state and record."""

    decision: str
    body: dict[str, Any]
    state: str
    known: dict[str, Any]

    @property
    def is_right(self) -> bool:
        return (self.decision == "reject") == (self.state == "rejected")

    @property
    def fields(self) -> dict[str, bool]:
        """Of each field whether it is right; none where one of the two rejects."""
        if self.decision == "reject" or self.state == "rejected":
            return {}
        mine, known = values_of(self.body), values_of(self.known)
        labels = fields_of(FAMILY_OF[self.known["type"]])
        return {labels[name]: mine[name] == known[name] for name in labels}


def _answered(by: Actor, days: int) -> Select[str, str, dict[str, Any], str, dict[str, Any]]:
    check, gold = aliased(Event, name="check"), aliased(Event, name="gold")
    answer, known = aliased(Revision, name="answer"), aliased(Revision, name="known")
    answered = (
        select(User.username, Decision.decision, answer.body, gold.state, known.body)
        .select_from(Decision)
        .join(check, check.id == Decision.event_id)
        .join(gold, gold.id == check.gold_of)
        .join(GoldItem, GoldItem.event_id == gold.id)
        .join(ReviewItem, ReviewItem.event_id == gold.id)
        .join(User, User.id == Decision.by)
        .join(answer, (answer.event_id == check.id) & (answer.decision_id == Decision.id))
        .join(known, (known.event_id == gold.id) & (known.number == gold.revision))
        .where(
            Decision.decision.in_(ANSWERS),
            Decision.round == "first",
            Decision.at.between(func.now() - dt.timedelta(days=days), func.now() - UNDO_WITHIN),
            ~is_undone(),
            check.made_from.is_(None),
            gold.state.in_(KNOWN),
            ReviewItem.decided_at.is_not(None),
        )
    )
    return answered if "adjudicate" in by.scopes else answered.where(Decision.by == by.user_id)


def _score(reviewer: str, checked: Sequence[_Checked]) -> Score:
    told = [pair for one in checked for pair in one.fields.items()]
    right = sum(is_right for _, is_right in told)
    return Score(
        reviewer,
        len(checked),
        sum(one.is_right for one in checked),
        right,
        len(told) - right,
        Counter(label for label, is_right in told if not is_right),
    )
