"""The review: what people decide. A decision, the queue and the audit change in one database transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload, undefer

from service.errors import (
    AlreadyDecidedError,
    InvalidInputError,
    NotForManyError,
    NotFoundError,
    RevisionChangedError,
    TransitionError,
)
from service.operations import audit, changes, claims, documents, lifecycle, probes, second_reading
from service.operations.actor import Actor
from service.operations.revisions import add_revision, evidence_in
from service.store.models import Decision, Document, Event, ReviewItem, Revision, new_id
from workers.extraction.records import Evidence

REJECT_REASONS = {
    "not_an_event": "Reports no event of these families",
    "wrong_family": "Belongs to another family",
    "duplicate": "The same event as another record",
    "not_in_text": "Not what the text says",
    "out_of_scope": "Between private or domestic parties only",
    "unreadable": "The text is too broken to tell",
    "other": "Something else",
}
VERDICTS = ("approve", "fix", "reject", "send_back")
NOT_FOR_MANY = {
    "second": "It waits for a second reader, who is to read it himself.",
    "adjudication": "Two readers differ, and somebody is to settle it.",
    "redraft": "The machine drafts it again.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer decides. `changes` is for "fix" (see operations/changes.py), `reason` for "reject"; "send_back"
    has the machine draft the document again. `take_draft` approves, or fixes, not what the record says now but what the
    machine drafted of it last.
    """

    decision: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    take_draft: bool = False
    reason: str | None = None
    reason_text: str | None = None

    def check(self) -> None:
        """Raises InvalidInputError."""
        errors = {}
        if self.decision not in VERDICTS:
            errors["decision"] = [f"Must be one of {', '.join(VERDICTS)}."]
        if bool(self.changes) != (self.decision == "fix"):
            errors["changes"] = ["A fix needs changes, and only a fix may have them."]
        if self.decision == "reject" and self.reason not in REJECT_REASONS:
            errors["reason"] = [f"Must be one of {', '.join(REJECT_REASONS)}."]
        if self.decision != "reject" and self.reason is not None:
            errors["reason"] = ["Only a rejection has a reason."]
        if self.take_draft and self.decision not in ("approve", "fix"):
            errors["take_draft"] = ["Only an approval or a fix takes the draft."]
        if errors:
            raise InvalidInputError(errors)


def decide(
    session: Session,
    event_id: UUID,
    verdict: Verdict,
    *,
    revision: int,
    by: Actor,
    lease: int | None = None,
    batch: UUID | None = None,
) -> int:
    """Decides on the revision that the reviewer saw, and returns the number of the one that his decision made. Where
    two people are to read the record, it becomes the current one only when both agree. A decided record can be
    corrected: fixed or rejected when it is approved, approved or fixed when it is rejected.

    Raises RevisionChangedError when the record has moved on, HeldByAnotherError and LeaseLostError when somebody else
    holds it or took it over, OwnReadingError, FamilyNotYoursError, TransitionError, InvalidInputError, NotFoundError,
    and for one of a `batch` NotForManyError. Nothing is saved then. Decisions of a batch can be undone together.
    """
    by.require("review")
    verdict.check()
    with session.begin():
        if verdict.decision == "send_back":
            documents.lock_of(session, event_id)
        item, event = locked(session, event_id, revision=revision)
        here = lifecycle.check(event, item, verdict.decision)
        if batch:
            check_for_many(item, by)
        check_hold(session, item, by, lease)
        before = audit_view(event)
        decision = begin(session, item, event, verdict.decision, by, batch=batch)
        decision.reason, decision.reason_text = verdict.reason, verdict.reason_text
        number = _carry_out(session, item, event, verdict, decision, here)
        lifecycle.check_led(here, verdict.decision, event, item)
        after = _told(event, decision, number)
        audit.note(session, "event.decided", ("event", event.id), by=by, before=before, after=after)
    return number


def _carry_out(
    session: Session, item: ReviewItem, event: Event, verdict: Verdict, decision: Decision, here: str
) -> int:
    if verdict.decision == "send_back":
        if event.run_id is None:
            raise TransitionError("A person made this record; the machine cannot draft it again.", state=event.state)
        session.add(decision)
        claims.free(item)
        item.stage, item.note = "redraft", verdict.reason_text
        documents.draft_again(session, event.document_id)
        return event.revision
    number = _add_revision(session, event, verdict, decision)
    if here == "second":
        second_reading.conclude(session, item, event, decision, number)
    elif here == "draft" and second_reading.is_asked_for(session, item):
        second_reading.begin(item, decision, number)
    else:
        end(session, item, event, state_after(event, verdict.decision), number)
    return number


def state_after(event: Event, decision: str) -> str:
    if decision != "reject":
        return "approved"
    return "retracted" if event.state == "approved" else "rejected"


def _add_revision(session: Session, event: Event, verdict: Verdict, decision: Decision) -> int:
    old = session.get_one(Revision, (event.id, _number_of(event, verdict)))
    body, evidence = dict(old.body), evidence_in(old)
    if verdict.decision == "fix":
        body, evidence, decision.changes = fixed(session, event, old, verdict.changes)
    session.add(decision)
    session.flush()
    return add_revision(session, event.id, body, evidence, decision_id=decision.id, document_id=old.document_id)


def _number_of(event: Event, verdict: Verdict) -> int:
    """The revision that the verdict is made from. Raises InvalidInputError."""
    if not verdict.take_draft:
        return event.revision
    if event.draft_revision is None:
        raise InvalidInputError({"take_draft": ["A person made this record; the machine has no draft of it."]})
    return event.draft_revision


def fixed(
    session: Session, event: Event, old: Revision, wanted: Mapping[str, Any]
) -> tuple[changes.Body, list[Evidence], list[dict[str, Any]]]:
    """A revision's body and evidence with changes, and what they change. Raises InvalidInputError."""
    changed = changes.apply(event.type, old.body, wanted)
    pointed = pointed_at(session, old, wanted)
    carried, evidence = (changes.carry_evidence(changed, evidence_in(old), new) for new in ([], pointed))
    made = _made(old, changed.body, carried, evidence)
    return {**changed.body, "confidence": changes.carry_confidence(changed, made)}, evidence, made


def _made(old: Revision, body: changes.Body, carried: list[Evidence], evidence: list[Evidence]) -> list[dict[str, Any]]:
    """What the decision changes. Evidence that only went along with its field is no change of its own."""
    made = changes.differences(old.body, body)
    before, after = (sorted((item.field, item.start, item.end) for item in items) for items in (carried, evidence))
    made += [{"field": "evidence", "from": before, "to": after}] if before != after else []
    if not made:
        raise InvalidInputError({"changes": ["Nothing is changed by this; approve the record instead."]})
    return made


# Parts of a decision, in a transaction of the caller's


def locked(session: Session, event_id: UUID, *, revision: int) -> tuple[ReviewItem, Event]:
    """The item, locked, and its record, if that is at the revision that the caller saw.

    Raises RevisionChangedError, NotFoundError.
    """
    item = claims.locked(session, event_id)
    event = session.get_one(Event, event_id, populate_existing=True)
    if event.revision != revision:
        raise RevisionChangedError(f"It is at revision {event.revision} now.", revision=event.revision)
    return item, event


def check_hold(session: Session, item: ReviewItem, by: Actor, lease: int | None) -> None:
    """Raises OwnReadingError, FamilyNotYoursError, HeldByAnotherError, LeaseLostError."""
    claims.refuse_if_not_his(item, by)
    claims.refuse_if_held_by_another(session, item, by)
    if lease is not None:
        claims.refuse_if_lost(item, lease, by)


def check_for_many(item: ReviewItem, by: Actor) -> None:
    """Whether an item may be decided together with others, by somebody who may not have read it: what a second reader
    or somebody who settles waits for, and what is left to another, may not.

    Raises AlreadyDecidedError, NotForManyError.
    """
    if item.decided_at:
        raise AlreadyDecidedError()
    if item.stage != "first":
        raise NotForManyError(NOT_FOR_MANY[item.stage])
    if item.assignee_id not in (None, by.user_id):
        assert item.assignee is not None
        raise NotForManyError(f"It is left to {item.assignee.username}.")


def begin(
    session: Session, item: ReviewItem, event: Event, decision: str, by: Actor, *, batch: UUID | None = None
) -> Decision:
    """A decision that remembers where the record stood; it is added to the session by whoever fills it in."""
    since = item.claimed_at if item.holder_id == by.user_id else None
    return Decision(
        id=new_id(),
        event_id=event.id,
        on_revision=event.revision,
        decision=decision,
        round=item.stage if item.decided_at is None and item.stage != "redraft" else "correction",
        changes=[],
        from_state=event.state,
        from_stage=item.stage,
        seconds=max(0.0, (claims.now(session) - since).total_seconds()) if since else None,
        batch_id=batch,
        by=by.user_id,
        key_id=by.key_id,
    )


def end(session: Session, item: ReviewItem, event: Event, state: str, revision: int) -> None:
    """The record is decided: this revision is its current one, and nobody holds it any more."""
    event.state, event.revision = state, revision
    claims.free(item)
    item.decided_at = claims.now(session)


def pointed_at(session: Session, revision: Revision, wanted: Mapping[str, Any]) -> list[Evidence]:
    """What changes of a revision point at in its text. Raises InvalidInputError."""
    if "evidence" not in wanted:
        return []
    document = session.get_one(Document, revision.document_id, options=[undefer(Document.text)])
    return changes.point(document.text, wanted["evidence"])


def audit_view(event: Event, made: int | None = None) -> dict[str, Any]:
    """How a record stands, for the audit, with the revision that was made where that is not the current one."""
    view: dict[str, Any] = {"state": event.state, "revision": event.revision}
    return view if made in (None, event.revision) else {**view, "made": made}


def _told(event: Event, decision: Decision, made: int) -> dict[str, Any]:
    reason = {"reason": decision.reason, "reason_text": decision.reason_text}
    return {**audit_view(event, made), "decision": decision.decision, **reason, "changes": decision.changes}


# What waits


def item_of(session: Session, event_id: UUID, *, by: Actor) -> ReviewItem:
    """A record's place in the review, with its holder. Raises NotFoundError."""
    by.require("read")
    people = [joinedload(ReviewItem.holder), joinedload(ReviewItem.assignee)]
    with session.begin():
        item = session.get(ReviewItem, event_id, options=people, populate_existing=True)
    if item is None:
        raise NotFoundError("event", event_id)
    if "adjudicate" not in by.scopes:
        claims.refuse_if_not_there(item, by)
    return item


def count_waiting(session: Session, *, by: Actor) -> dict[str, int]:
    """How many undecided items there are of each family."""
    by.require("read")
    counted = (
        select(ReviewItem.family, func.count().label("waiting"))
        .where(ReviewItem.decided_at.is_(None), probes.is_there_for(by))
        .group_by(ReviewItem.family)
    )
    with session.begin():
        return {row.family: row.waiting for row in session.execute(counted)}


def decided_today(
    session: Session, *, by: Actor, before: UUID | None = None, limit: int | None = None
) -> Sequence[Decision]:
    """This person's decisions of the last 24 hours, newest first, but those that he took back; `before` is the last id
    of the page that came before.
    """
    by.require("review")
    wanted = select_decided_today(by).order_by(Decision.id.desc()).limit(limit)
    if before:
        wanted = wanted.where(Decision.id < before)
    with session.begin():
        return session.scalars(wanted).all()


def select_decided_today(by: Actor) -> Select[Decision]:
    taken_back = aliased(Decision)
    return select(Decision).where(
        Decision.by == by.user_id,
        Decision.at > func.now() - dt.timedelta(hours=24),
        Decision.decision.not_in(("undo", "absorb")),
        ~exists().where(taken_back.undoes == Decision.id),
    )
