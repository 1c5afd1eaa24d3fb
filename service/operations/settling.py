"""Adjudication: where two readers of a record differ, somebody who read it neither time settles the fields in question.

He is shown both answers as A and B, not whose they are nor which came first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NotFoundError
from service.operations import audit, changes, claims, disputes, lifecycle, reviews
from service.operations.actor import Actor
from service.operations.disputes import Answer, Difference, Dispute, Settlement
from service.operations.revisions import add_revision, evidence_in
from service.store.models import Decision, Event, ReviewItem, Revision


@dataclass(frozen=True, slots=True)
class ToSettle:
    """A record on whose fields two readers differ, at the revision that both read."""

    event_id: UUID
    revision: int
    dispute: Dispute
    differences: Sequence[Difference]


def to_settle(session: Session, event_id: UUID, *, by: Actor) -> ToSettle:
    """What two readers of a record differ in. Raises TransitionError when there is nothing to settle, OwnReadingError,
    FamilyNotYoursError, NotFoundError.
    """
    by.require("adjudicate")
    with session.begin():
        item = session.get(ReviewItem, event_id, populate_existing=True)
        if item is None:
            raise NotFoundError("event", event_id)
        event = session.get_one(Event, event_id, populate_existing=True)
        lifecycle.check(event, item, "settle")
        claims.check_may_read(item, by)
        dispute = _dispute(session, item)
    return ToSettle(event_id, event.revision, dispute, dispute.differences())


def _dispute(session: Session, item: ReviewItem) -> Dispute:
    numbers = (item.first_revision, item.second_revision)
    answers = [session.get_one(Revision, (item.event_id, number)) for number in numbers]
    ids = [answer.decision_id for answer in answers if answer.decision_id]
    # As good as a coin, and the same for everybody who looks; ids of decisions that are open are told to nobody.
    turned = hashlib.sha256(b"".join(one.bytes for one in ids)).digest()[0] % 2
    a, b = (_answer(session, answer) for answer in (answers[::-1] if turned else answers))
    return Dispute(a, b)


def _answer(session: Session, revision: Revision) -> Answer:
    decision = session.get_one(Decision, revision.decision_id)
    return Answer(
        decision.decision,
        revision.body,
        evidence_in(revision),
        decision.changes,
        decision.reason,
        decision.reason_text,
    )


def settle(
    session: Session,
    event_id: UUID,
    settlement: Settlement,
    *,
    revision: int,
    by: Actor,
    lease: int | None = None,
) -> int:
    """Ends a dispute, and returns the number of the revision that is made of it: the record is published, or rejected.

    Raises what `reviews.decide` raises.
    """
    by.require("adjudicate")
    if settlement.reason is not None and settlement.reason not in reviews.REJECT_REASONS:
        raise InvalidInputError({"reason": [f"Must be one of {', '.join(reviews.REJECT_REASONS)}."]})
    with session.begin():
        item, event = reviews.locked(session, event_id, revision=revision)
        here = lifecycle.check(event, item, "settle")
        reviews.check_hold(session, item, by, lease)
        before = reviews.audit_view(event)
        decision = reviews.begin(session, item, event, "settle", by)
        state, number = _carry_out(session, event, _dispute(session, item), settlement, decision)
        reviews.end(session, item, event, state, number)
        lifecycle.check_led(here, "settle", event, item)
        after = {**reviews.audit_view(event), "reason": decision.reason, "changes": decision.changes}
        audit.note(session, "event.settled", ("event", event.id), by=by, before=before, after=after)
    return number


def _carry_out(
    session: Session, event: Event, dispute: Dispute, settlement: Settlement, decision: Decision
) -> tuple[str, int]:
    """The state that the record gets, and its new revision."""
    read = session.get_one(Revision, (event.id, event.revision))
    body, evidence, state = dict(read.body), evidence_in(read), "rejected"
    rejection = disputes.rejects(dispute, settlement)
    if rejection:
        disputes.check(dispute, settlement)
        decision.reason, decision.reason_text = rejection.reason, rejection.reason_text
    else:
        pointed = reviews.pointed_at(session, read, settlement.changes)
        settled = disputes.settle(dispute, settlement, pointed)
        body, evidence, state = {**settled.changed.body, "confidence": settled.confidence}, settled.evidence, "approved"
        decision.changes = changes.differences(read.body, body)
    session.add(decision)
    session.flush()
    return state, add_revision(session, event.id, body, evidence, decision_id=decision.id)
