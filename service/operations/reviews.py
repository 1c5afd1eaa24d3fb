"""The review: who holds which item, and what people decide.

All of it happens in one database transaction at a time, the queue and the decision together: two stores could disagree.
Times are the database's own, so that a worker's or a web server's wrong clock cannot end a lease.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, undefer

from service.errors import (
    AlreadyDecidedError,
    HeldByAnotherError,
    InvalidInputError,
    LeaseLostError,
    NotFoundError,
    RevisionChangedError,
    TransitionError,
)
from service.operations import audit, changes
from service.operations.actor import Actor
from service.store.models import (
    Decision,
    Document,
    Event,
    EvidenceItem,
    ReviewItem,
    Revision,
    new_id,
)
from workers.extraction.records import Evidence

# The state machine: (state, decision) -> next state. What is not here cannot happen.
TRANSITIONS = {
    ("draft", "approve"): "approved",
    ("draft", "fix"): "approved",
    ("draft", "reject"): "rejected",
}

REJECT_REASONS = {
    "not_an_event": "Reports no event of these families",
    "wrong_family": "Belongs to another family",
    "duplicate": "The same event as another record",
    "not_in_text": "Not what the text says",
    "out_of_scope": "Between private or domestic parties only",
    "unreadable": "The text is too broken to tell",
    "other": "Something else",
}


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on an item. `number` grows with every claim: a save with an older one is refused."""

    event_id: UUID
    holder: str
    number: int
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer decides. `changes` is for "fix" (see operations/changes.py), `reason` for "reject"."""

    decision: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    reason_text: str | None = None

    def check(self) -> None:
        """Raises InvalidInputError."""
        errors = {}
        if self.decision not in ("approve", "fix", "reject"):
            errors["decision"] = ["Must be approve, fix or reject."]
        if bool(self.changes) != (self.decision == "fix"):
            errors["changes"] = ["A fix needs changes, and only a fix may have them."]
        if self.decision == "reject" and self.reason not in REJECT_REASONS:
            errors["reason"] = [f"Must be one of {', '.join(REJECT_REASONS)}."]
        if self.decision != "reject" and self.reason is not None:
            errors["reason"] = ["Only a rejection has a reason."]
        if errors:
            raise InvalidInputError(errors)


# Claims


def claim_next(session: Session, *, by: Actor, seconds: int, families: Sequence[str] = ()) -> Lease | None:
    """Hands out the next free item: highest priority, then oldest, so that a document's records come in its order.

    None when nothing waits. Two people never get the same item: rows that another transaction is about to hand out are
    passed over (SKIP LOCKED).
    """
    by.require("review")
    free = (
        select(ReviewItem)
        .where(ReviewItem.decided_at.is_(None), is_free())
        .order_by(ReviewItem.priority.desc(), ReviewItem.event_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=ReviewItem)
    )
    if families:
        free = free.join(Event, Event.id == ReviewItem.event_id).where(Event.type.in_(families))
    with session.begin():
        item = session.scalar(free)
        return _hold(session, item, by, seconds) if item else None


def claim(session: Session, event_id: UUID, *, by: Actor, seconds: int) -> Lease:
    """Claims this item, or renews one's own claim. Raises HeldByAnotherError, AlreadyDecidedError, NotFoundError."""
    by.require("review")
    with session.begin():
        item = _locked(session, event_id)
        if item.decided_at:
            raise AlreadyDecidedError()
        _refuse_if_held_by_another(session, item, by)
        if item.holder_id == by.user_id:
            return _extend(session, item, by, seconds)
        return _hold(session, item, by, seconds)


def renew(session: Session, event_id: UUID, number: int, *, by: Actor, seconds: int) -> Lease:
    """Keeps a claim for another `seconds`. Raises LeaseLostError, NotFoundError."""
    by.require("review")
    with session.begin():
        item = _locked(session, event_id)
        _refuse_if_lost(item, number, by)
        return _extend(session, item, by, seconds)


def release(session: Session, event_id: UUID, number: int, *, by: Actor) -> None:
    """Gives an item back. Raises LeaseLostError, NotFoundError."""
    by.require("review")
    with session.begin():
        item = _locked(session, event_id)
        _refuse_if_lost(item, number, by)
        item.holder_id = item.lease_until = None
        audit.note(session, "review.released", ("event", event_id), by=by)


def _hold(session: Session, item: ReviewItem, by: Actor, seconds: int) -> Lease:
    lease = _extend(session, item, by, seconds, number=item.lease_number + 1)
    audit.note(session, "review.claimed", ("event", item.event_id), by=by, after={"lease": lease.number})
    return lease


def _extend(session: Session, item: ReviewItem, by: Actor, seconds: int, number: int | None = None) -> Lease:
    until = _now(session) + dt.timedelta(seconds=seconds)
    item.holder_id, item.lease_until, item.lease_number = by.user_id, until, number or item.lease_number
    return Lease(item.event_id, by.username, item.lease_number, until)


def _now(session: Session) -> dt.datetime:
    return session.scalars(select(func.now())).one()


def is_free() -> ColumnElement[bool]:
    return or_(ReviewItem.lease_until.is_(None), ReviewItem.lease_until < func.now())


def _locked(session: Session, event_id: UUID) -> ReviewItem:
    item = session.get(ReviewItem, event_id, with_for_update={"of": ReviewItem}, populate_existing=True)
    if item is None:
        raise NotFoundError("event", event_id)
    return item


def _refuse_if_held_by_another(session: Session, item: ReviewItem, by: Actor) -> None:
    if item.holder_id in (None, by.user_id) or item.lease_until is None or item.lease_until < _now(session):
        return
    assert item.holder is not None
    raise HeldByAnotherError(item.holder.username, item.lease_until)


def _refuse_if_lost(item: ReviewItem, number: int, by: Actor) -> None:
    """A lease that ran out, but that nobody took since, still has the newest number: work on it is not lost."""
    if item.holder_id != by.user_id or item.lease_number != number:
        raise LeaseLostError()


# Decisions


def decide(
    session: Session, event_id: UUID, verdict: Verdict, *, revision: int, by: Actor, lease: int | None = None
) -> int:
    """Decides on the revision that the reviewer saw, and returns the number of the new one.

    Raises RevisionChangedError when the record has moved on, HeldByAnotherError and LeaseLostError when somebody else
    holds it or took it over, TransitionError, InvalidInputError, NotFoundError. Nothing is saved then.
    """
    by.require("review")
    verdict.check()
    with session.begin():
        item = _locked(session, event_id)
        event = session.get_one(Event, event_id, populate_existing=True)
        if event.revision != revision:
            raise RevisionChangedError(f"It is at revision {event.revision} now.", revision=event.revision)
        state = _next_state(event.state, verdict.decision)
        _refuse_if_held_by_another(session, item, by)
        if lease is not None:
            _refuse_if_lost(item, lease, by)
        _add_revision(session, event, verdict, by)
        _audit_decision(session, event, state, verdict, by)
        event.revision, event.state = revision + 1, state
        item.holder_id = item.lease_until = None
        item.decided_at = _now(session)
    return event.revision


def _next_state(state: str, decision: str) -> str:
    if (state, decision) not in TRANSITIONS:
        raise TransitionError(f"The record is {state}; {decision} is not possible.", state=state)
    return TRANSITIONS[state, decision]


def _add_revision(session: Session, event: Event, verdict: Verdict, by: Actor) -> None:
    old = session.get_one(Revision, (event.id, event.revision))
    body, evidence, made = dict(old.body), [evidence_of(item) for item in old.evidence], []
    if verdict.decision == "fix":
        changed = changes.apply(event.type, old.body, verdict.changes)
        pointed = _pointed(session, event, verdict)
        carried, evidence = (changes.carry_evidence(changed, evidence, new) for new in ([], pointed))
        made = _made(old, changed.body, carried, evidence)
        body = {**changed.body, "confidence": changes.carry_confidence(changed, made)}
    decision = Decision(
        id=new_id(),
        event_id=event.id,
        on_revision=event.revision,
        decision=verdict.decision,
        changes=made,
        reason=verdict.reason,
        reason_text=verdict.reason_text,
        by=by.user_id,
        key_id=by.key_id,
    )
    session.add(decision)
    session.flush()
    store_revision(session, event.id, event.revision + 1, body, evidence, decision_id=decision.id)


def _made(old: Revision, body: changes.Body, carried: list[Evidence], evidence: list[Evidence]) -> list[dict[str, Any]]:
    """What the decision changes. Evidence that only went along with its field is no change of its own."""
    made = changes.differences(old.body, body)
    before, after = ([(item.field, item.start, item.end) for item in items] for items in (carried, evidence))
    made += [{"field": "evidence", "from": before, "to": after}] if before != after else []
    if not made:
        raise InvalidInputError({"changes": ["Nothing is changed by this; approve the record instead."]})
    return made


def _pointed(session: Session, event: Event, verdict: Verdict) -> list[Evidence]:
    if "evidence" not in verdict.changes:
        return []
    document = session.get_one(Document, event.document_id, options=[undefer(Document.text)])
    return changes.point(document.text, verdict.changes["evidence"])


def evidence_of(item: EvidenceItem) -> Evidence:
    """What is stored, as the core's value."""
    return Evidence(item.field, item.start, item.end, item.quote, item.prefix, item.suffix, item.rule)


def store_revision(
    session: Session,
    event_id: UUID,
    number: int,
    body: dict[str, Any],
    evidence: Sequence[Evidence],
    *,
    decision_id: UUID | None = None,
) -> None:
    """Adds a revision with its evidence to the caller's transaction."""
    session.add(Revision(event_id=event_id, number=number, body=body, decision_id=decision_id))
    session.flush()
    session.add_all(
        EvidenceItem(
            event_id=event_id,
            revision=number,
            position=position,
            field=item.field,
            start=item.start,
            end=item.end,
            quote=item.quote,
            prefix=item.prefix,
            suffix=item.suffix,
            rule=item.rule,
        )
        for position, item in enumerate(evidence)
    )


def _audit_decision(session: Session, event: Event, state: str, verdict: Verdict, by: Actor) -> None:
    before = {"state": event.state, "revision": event.revision}
    after = {"state": state, "revision": event.revision + 1, "decision": verdict.decision, "reason": verdict.reason}
    audit.note(session, "event.decided", ("event", event.id), by=by, before=before, after=after)


# What waits


def item_of(session: Session, event_id: UUID, *, by: Actor) -> ReviewItem:
    """A record's place in the review, with its holder. Raises NotFoundError."""
    by.require("read")
    with session.begin():
        item = session.get(ReviewItem, event_id, options=[joinedload(ReviewItem.holder)], populate_existing=True)
    if item is None:
        raise NotFoundError("event", event_id)
    return item


def count_waiting(session: Session, *, by: Actor) -> dict[str, int]:
    """How many undecided items there are of each family."""
    by.require("read")
    counted = (
        select(Event.type, func.count().label("waiting"))
        .join(ReviewItem, ReviewItem.event_id == Event.id)
        .where(ReviewItem.decided_at.is_(None))
        .group_by(Event.type)
    )
    with session.begin():
        return {row.type: row.waiting for row in session.execute(counted)}


def held_by(session: Session, *, by: Actor) -> Sequence[ReviewItem]:
    """The items that this person holds now."""
    by.require("review")
    held = (
        select(ReviewItem)
        .where(ReviewItem.decided_at.is_(None), ReviewItem.holder_id == by.user_id, ReviewItem.lease_until > func.now())
        .order_by(ReviewItem.event_id)
    )
    with session.begin():
        return session.scalars(held).all()


def decided_today(session: Session, *, by: Actor) -> Sequence[Decision]:
    """This person's decisions of the last 24 hours, newest first."""
    by.require("review")
    wanted = (
        select(Decision)
        .where(Decision.by == by.user_id, Decision.at > func.now() - dt.timedelta(hours=24))
        .order_by(Decision.id.desc())
    )
    with session.begin():
        return session.scalars(wanted).all()
