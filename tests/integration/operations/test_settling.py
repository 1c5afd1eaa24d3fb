"""Adjudication: who may settle what two readers differ in, what he sees, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import (
    HeldByAnotherError,
    InvalidInputError,
    LeaseLostError,
    NothingToUndoError,
    OwnReadingError,
    RevisionChangedError,
    ScopeMissingError,
    TransitionError,
)
from service.operations import claims, disputes, records, reviews, second_reading, settling, undoing
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.operations.disputes import Settlement
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import AuditEntry
from tests.conftest import create_actor
from tests.factories import STORY, create_drafted_document

APPROVE = Verdict("approve")
PLANNED = Verdict("fix", {"modality": "planned", "participants/0/office": None})
REJECT = Verdict("reject", reason="duplicate", reason_text="as above")


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


@pytest.fixture
def judge(services: Services) -> Actor:
    return create_actor(services, "judith", "adjudicator")


@pytest.fixture
def visit_id(session: Session, services: Services, administrator: Actor) -> UUID:
    """A visit that two people are to read."""
    second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    return create_drafted_document(services, administrator)[1][0]


@pytest.fixture
def disputed(session: Session, visit_id: UUID, reviewer: Actor, second_reviewer: Actor) -> UUID:
    """A visit whose modality and office two readers answered differently."""
    reviews.decide(session, visit_id, PLANNED, revision=1, by=reviewer)
    reviews.decide(session, visit_id, APPROVE, revision=1, by=second_reviewer)
    return visit_id


def fixed_side(session: Session, event_id: UUID, by: Actor) -> str:
    """Which of A and B is the answer that was a fix."""
    dispute = settling.to_settle(session, event_id, by=by).dispute
    return "a" if dispute.a.decision == "fix" else "b"


def test_the_fields_that_differ_are_shown_without_names_and_order(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor, judge: Actor
) -> None:
    second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    sides = set()
    for i in range(12):
        event_id = create_drafted_document(services, administrator, f"{STORY}{i}")[1][0]
        reviews.decide(session, event_id, PLANNED, revision=1, by=reviewer)
        reviews.decide(session, event_id, APPROVE, revision=1, by=second_reviewer)
        found = settling.to_settle(session, event_id, by=judge)
        assert [one.field for one in found.differences] == ["modality", "participants/0"]
        sides.add(fixed_side(session, event_id, judge))
        assert found == settling.to_settle(session, event_id, by=judge)
    assert sides == {"a", "b"}


def test_a_settlement_makes_one_revision_and_publishes_it(session: Session, disputed: UUID, judge: Actor) -> None:
    lease = claims.claim_next(session, by=judge, seconds=60, wanted=Wanted(stage="adjudication"))
    assert lease
    side = fixed_side(session, disputed, judge)
    choices = {"modality": side, "participants/0": "b" if side == "a" else "a"}
    number = settling.settle(session, disputed, Settlement(choices, {}), revision=1, by=judge, lease=lease.number)
    record = records.get(session, disputed, by=judge).to_json()
    assert (number, record["revision"], record["state"]) == (4, 4, "approved")
    assert (record["modality"], record["participants"][0]["office"]) == ("planned", "President")
    review = record["review"]
    assert (review["decision"], review["reviewer"]) == ("settled", "judith")
    assert review["changes"] == [{"field": "modality", "from": "occurred", "to": "planned"}]
    assert len(records.history(session, disputed, by=judge)) == 4
    with session.begin():
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "event.settled")).one()
    assert entry.before is not None
    assert (entry.before["state"], entry.actor_id) == ("draft", judge.user_id)


def test_another_value_or_a_rejection_settles_it_too(session: Session, disputed: UUID, judge: Actor) -> None:
    other = Settlement({"participants/0": "a"}, {"modality": "denied"})
    settling.settle(session, disputed, other, revision=1, by=judge)
    assert records.get(session, disputed, by=judge).current.body["modality"] == "denied"
    undone = undoing.undo(session, by=judge, seconds=60)
    assert undone.lease
    assert reviews.item_of(session, disputed, by=judge).stage == "adjudication"
    assert [entry["revision"] for entry in records.history(session, disputed, by=judge)] == [1, 5]
    rejection = Settlement({}, {}, reason="other", reason_text="neither")
    settling.settle(session, disputed, rejection, revision=5, by=judge, lease=undone.lease.number)
    record = records.get(session, disputed, by=judge).to_json()
    assert (record["state"], record["review"]["reason"]) == ("rejected", "other")


def test_a_rejection_against_an_acceptance_is_settled_by_the_decision(
    session: Session, visit_id: UUID, reviewer: Actor, second_reviewer: Actor, judge: Actor
) -> None:
    reviews.decide(session, visit_id, REJECT, revision=1, by=reviewer)
    reviews.decide(session, visit_id, PLANNED, revision=1, by=second_reviewer)
    side = fixed_side(session, visit_id, judge)
    rejecting = {"decision": "b" if side == "a" else "a"}
    settling.settle(session, visit_id, Settlement(rejecting, {}), revision=1, by=judge)
    record = records.get(session, visit_id, by=judge).to_json()
    assert (record["state"], record["modality"]) == ("rejected", "occurred")
    assert (record["review"]["reason"], record["review"]["reason_text"]) == ("duplicate", "as above")
    undoing.undo(session, by=judge, seconds=0)
    settling.settle(session, visit_id, Settlement({"decision": side}, {}), revision=5, by=judge)
    assert records.get(session, visit_id, by=judge).to_json()["modality"] == "planned"


def test_nobody_settles_what_he_has_read(
    session: Session, services: Services, visit_id: UUID, administrator: Actor, judge: Actor, reviewer: Actor
) -> None:
    reviews.decide(session, visit_id, PLANNED, revision=1, by=judge)
    reviews.decide(session, visit_id, APPROVE, revision=1, by=administrator)
    mine = Settlement({"modality": "a", "participants/0": "a"}, {})
    for by in (judge, administrator):
        assert claims.claim_next(session, by=by, seconds=60, wanted=Wanted(stage="adjudication")) is None
        with pytest.raises(OwnReadingError):
            claims.claim(session, visit_id, by=by, seconds=60)
        with pytest.raises(OwnReadingError):
            claims.take_over(session, visit_id, by=by, seconds=60)
        with pytest.raises(OwnReadingError):
            settling.to_settle(session, visit_id, by=by)
        with pytest.raises(OwnReadingError):
            settling.settle(session, visit_id, mine, revision=1, by=by)
        with pytest.raises(TransitionError):
            reviews.decide(session, visit_id, APPROVE, revision=1, by=by)
    for attempt in (settling.to_settle, claims.claim):
        with pytest.raises(ScopeMissingError):
            attempt(session, visit_id, by=reviewer, **({"seconds": 60} if attempt is claims.claim else {}))
    other = create_actor(services, "otto", "adjudicator")
    settling.settle(session, visit_id, mine, revision=1, by=other)


def test_a_dispute_is_left_to_who_may_settle_it(
    session: Session, services: Services, disputed: UUID, administrator: Actor, judge: Actor
) -> None:
    create_actor(services, "rita", "reviewer")
    for name in ("rita", "rosa"):
        with pytest.raises(InvalidInputError):
            claims.assign(session, disputed, name, by=administrator)
    claims.assign(session, disputed, "judith", by=administrator)
    wanted = Wanted(stage="adjudication")
    assert claims.claim_next(session, by=administrator, seconds=60, wanted=wanted) is None
    assert claims.claim_next(session, by=judge, seconds=60, wanted=wanted)


def test_a_refused_settlement_saves_nothing(
    session: Session, services: Services, disputed: UUID, administrator: Actor, judge: Actor
) -> None:
    right = Settlement({"modality": "a", "participants/0": "a"}, {})
    with pytest.raises(InvalidInputError) as refused:
        settling.settle(session, disputed, Settlement({"modality": "a"}, {}), revision=1, by=judge)
    assert refused.value.facts["errors"] == {"participants/0": [disputes.CHOOSE]}
    with pytest.raises(InvalidInputError):
        settling.settle(session, disputed, Settlement({}, {}, reason="boring"), revision=1, by=judge)
    with pytest.raises(RevisionChangedError):
        settling.settle(session, disputed, right, revision=2, by=judge)
    old = claims.claim(session, disputed, by=judge, seconds=60)
    claims.take_over(session, disputed, by=administrator, seconds=60)
    with pytest.raises(HeldByAnotherError):
        settling.settle(session, disputed, right, revision=1, by=judge)
    claims.take_over(session, disputed, by=judge, seconds=60)
    with pytest.raises(LeaseLostError):
        settling.settle(session, disputed, right, revision=1, by=judge, lease=old.number)
    assert len(records.history(session, disputed, by=judge)) == 1


def test_what_nobody_disputes_cannot_be_settled(session: Session, visit_id: UUID, judge: Actor) -> None:
    with pytest.raises(TransitionError):
        settling.to_settle(session, visit_id, by=judge)


def test_a_second_reading_that_differs_is_left_to_who_settles_it(
    session: Session, disputed: UUID, second_reviewer: Actor
) -> None:
    """Its maker knows that it differs, and could try until it does not."""
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=second_reviewer, seconds=60)
