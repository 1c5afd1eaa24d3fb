"""What reviewers can rely on: one holder for an item, no lost decision, nothing saved that was refused."""

from __future__ import annotations

import threading
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from service.errors import (
    AlreadyDecidedError,
    HeldByAnotherError,
    InvalidInputError,
    LeaseLostError,
    RevisionChangedError,
    ScopeMissingError,
    TransitionError,
)
from service.operations import claims, records, reviews
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.operations.lifecycle import STANDINGS, TRANSITIONS
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import DECISIONS, EVENT_STATES, AuditEntry, ReviewItem
from tests.factories import STORY, create_drafted_document, visit
from workers.extraction.records import EventRecord

APPROVE = Verdict("approve")


@pytest.fixture
def event_ids(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


def run_out(services: Services, event_id: UUID) -> None:
    with services.sessions() as session, session.begin():
        past = func.now() - func.make_interval(0, 0, 0, 0, 0, 1)
        session.execute(update(ReviewItem).where(ReviewItem.event_id == event_id).values(lease_until=past))


def test_items_are_handed_out_in_the_order_of_the_text(
    services: Services, reviewer: Actor, second_reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        first = claims.claim_next(session, by=reviewer, seconds=60)
        second = claims.claim_next(session, by=second_reviewer, seconds=60)
        assert first is not None
        assert second is not None
        assert [first.event_id, second.event_id] == event_ids
        assert claims.claim_next(session, by=reviewer, seconds=60) is None


def test_next_can_be_kept_to_families(services: Services, reviewer: Actor, event_ids: list[UUID]) -> None:
    with services.sessions() as session:
        lease = claims.claim_next(session, by=reviewer, seconds=60, wanted=Wanted(["border_incident"]))
        assert lease is not None
        assert lease.event_id == event_ids[1]


def test_many_reviewers_at_once_never_hold_the_same_item(services: Services, administrator: Actor) -> None:
    text = "\n".join(f"{i}: {STORY}" for i in range(20))
    create_drafted_document(services, administrator, text, [_visit_at(text, i) for i in range(20)])
    claimed: list[UUID] = []

    def claim_all() -> None:
        with services.sessions() as session:
            while lease := claims.claim_next(session, by=administrator, seconds=60):
                claimed.append(lease.event_id)

    threads = [threading.Thread(target=claim_all) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 20
    assert len(set(claimed)) == 20


def _visit_at(text: str, i: int) -> EventRecord:
    """The visit of the i-th copy of the story."""
    shift = text.index(f"{i}: {STORY}") + len(f"{i}: ")
    found = visit(STORY)
    moved = tuple(replace(e, start=e.start + shift, end=e.end + shift) for e in found.evidence)
    return replace(found, evidence=moved)


def test_an_item_whose_lease_ran_out_is_free_again(
    services: Services, reviewer: Actor, second_reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        old = claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        run_out(services, event_ids[0])
        new = claims.claim(session, event_ids[0], by=second_reviewer, seconds=60)
        assert new.number > old.number
        with pytest.raises(LeaseLostError):
            claims.renew(session, event_ids[0], old.number, by=reviewer, seconds=60)


def test_a_held_item_is_refused_to_others(
    services: Services, reviewer: Actor, second_reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        with pytest.raises(HeldByAnotherError, match="rosa holds this item"):
            claims.claim(session, event_ids[0], by=second_reviewer, seconds=60)
        with pytest.raises(HeldByAnotherError):
            reviews.decide(session, event_ids[0], APPROVE, revision=1, by=second_reviewer)


def test_claiming_again_renews_and_keeps_the_number(services: Services, reviewer: Actor, event_ids: list[UUID]) -> None:
    with services.sessions() as session:
        first = claims.claim(session, event_ids[0], by=reviewer, seconds=10)
        again = claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        assert again.number == first.number
        assert again.until > first.until


def test_a_released_item_is_handed_out_again(
    services: Services, reviewer: Actor, second_reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        lease = claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        claims.release(session, event_ids[0], lease.number, by=reviewer)
        again = claims.claim_next(session, by=second_reviewer, seconds=60)
        assert again is not None
        assert again.event_id == event_ids[0]


def test_approving_keeps_the_draft_and_says_who(services: Services, reviewer: Actor, event_ids: list[UUID]) -> None:
    with services.sessions() as session:
        assert reviews.decide(session, event_ids[0], APPROVE, revision=1, by=reviewer) == 2
        record = records.get(session, event_ids[0], by=reviewer).to_json()
    assert (record["state"], record["revision"]) == ("approved", 2)
    assert record["review"]["decision"] == "approved"
    assert record["review"]["reviewer"] == "rosa"
    assert record["review"]["changes"] == []
    assert record["draft"]["modality"] == record["modality"]
    assert record["evidence"] == record["draft"]["evidence"]


def test_a_fix_records_what_changed_and_keeps_what_was_drafted(
    services: Services, reviewer: Actor, event_ids: list[UUID]
) -> None:
    fix = Verdict("fix", {"modality": "planned", "date/edtf": "2024-06-18", "participants/0/office": None})
    with services.sessions() as session:
        reviews.decide(session, event_ids[0], fix, revision=1, by=reviewer)
        record = records.get(session, event_ids[0], by=reviewer).to_json()
    assert record["modality"] == "planned"
    assert record["draft"]["modality"] == "occurred"
    assert record["review"]["decision"] == "fixed"
    assert record["review"]["changes"] == [
        {"field": "modality", "from": "occurred", "to": "planned"},
        {"field": "date/edtf", "from": None, "to": "2024-06-18"},
        {"field": "participants/0/office", "from": "President", "to": None},
    ]


def test_a_rejection_needs_a_reason_that_is_known(services: Services, reviewer: Actor, event_ids: list[UUID]) -> None:
    with services.sessions() as session:
        for verdict in (Verdict("reject"), Verdict("reject", reason="do not like it")):
            with pytest.raises(InvalidInputError) as refused:
                reviews.decide(session, event_ids[0], verdict, revision=1, by=reviewer)
            assert "reason" in refused.value.facts["errors"]
        rejection = Verdict("reject", reason="not_in_text", reason_text="It says nothing of the kind.")
        reviews.decide(session, event_ids[0], rejection, revision=1, by=reviewer)
        record = records.get(session, event_ids[0], by=reviewer).to_json()
    assert record["state"] == "rejected"
    assert record["review"]["reason"] == "not_in_text"
    assert record["review"]["reason_text"] == "It says nothing of the kind."


def test_a_decision_on_an_old_revision_is_refused_and_changes_nothing(
    services: Services, reviewer: Actor, second_reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        reviews.decide(session, event_ids[0], APPROVE, revision=1, by=reviewer)
        with pytest.raises(RevisionChangedError) as refused:
            reviews.decide(session, event_ids[0], Verdict("reject", reason="duplicate"), revision=1, by=second_reviewer)
        assert refused.value.facts["revision"] == 2
        assert records.get(session, event_ids[0], by=reviewer).event.state == "approved"


def test_a_decision_with_a_lease_that_was_taken_over_is_refused(
    services: Services, reviewer: Actor, second_reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        old = claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        run_out(services, event_ids[0])
        new = claims.claim(session, event_ids[0], by=second_reviewer, seconds=60)
        run_out(services, event_ids[0])
        with pytest.raises(LeaseLostError):
            reviews.decide(session, event_ids[0], APPROVE, revision=1, by=reviewer, lease=old.number)
        reviews.decide(session, event_ids[0], APPROVE, revision=1, by=second_reviewer, lease=new.number)


def test_a_late_decision_counts_when_nobody_took_the_item(
    services: Services, reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        lease = claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        run_out(services, event_ids[0])
        assert reviews.decide(session, event_ids[0], APPROVE, revision=1, by=reviewer, lease=lease.number) == 2


def test_what_is_decided_cannot_be_decided_or_claimed_again(
    services: Services, reviewer: Actor, event_ids: list[UUID]
) -> None:
    with services.sessions() as session:
        reviews.decide(session, event_ids[0], APPROVE, revision=1, by=reviewer)
        with pytest.raises(TransitionError):
            reviews.decide(session, event_ids[0], APPROVE, revision=2, by=reviewer)
        with pytest.raises(AlreadyDecidedError):
            claims.claim(session, event_ids[0], by=reviewer, seconds=60)


def test_an_invalid_fix_says_which_field_and_saves_nothing(
    services: Services, reviewer: Actor, event_ids: list[UUID]
) -> None:
    fix = Verdict("fix", {"details/action": "teleported"})
    with services.sessions() as session:
        with pytest.raises(InvalidInputError) as refused:
            reviews.decide(session, event_ids[0], fix, revision=1, by=reviewer)
        assert "action" in refused.value.facts["errors"]["details"]
        assert len(records.history(session, event_ids[0], by=reviewer)) == 1


def test_reviewing_needs_the_scope(services: Services, event_ids: list[UUID], reviewer: Actor) -> None:
    reader = Actor(reviewer.user_id, "reader", frozenset({"read"}))
    with services.sessions() as session, pytest.raises(ScopeMissingError):
        reviews.decide(session, event_ids[0], APPROVE, revision=1, by=reader)


def test_history_tells_every_revision(services: Services, reviewer: Actor, event_ids: list[UUID]) -> None:
    with services.sessions() as session:
        reviews.decide(session, event_ids[0], Verdict("fix", {"modality": "planned"}), revision=1, by=reviewer)
        history = records.history(session, event_ids[0], by=reviewer)
    assert [(entry["revision"], entry["record"]["modality"]) for entry in history] == [(1, "occurred"), (2, "planned")]
    assert history[0]["review"] is None
    assert history[1]["review"]["reviewer"] == "rosa"


def test_every_decision_leaves_an_audit_entry(services: Services, reviewer: Actor, event_ids: list[UUID]) -> None:
    with services.sessions() as session:
        claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        reviews.decide(session, event_ids[0], APPROVE, revision=1, by=reviewer)
        written = select(AuditEntry).where(AuditEntry.subject_id == event_ids[0]).order_by(AuditEntry.number)
        entries = session.scalars(written).all()
    assert [entry.action for entry in entries] == ["event.drafted", "review.claimed", "event.decided"]
    assert [entry.actor_id for entry in entries] == [None, reviewer.user_id, reviewer.user_id]
    drafted, decided = entries[0], entries[2]
    assert drafted.after is not None
    assert decided.before == {key: drafted.after[key] for key in ("state", "revision", "revisions")}
    assert decided.after is not None
    assert (decided.after["state"], decided.after["revision"]) == ("approved", 2)
    assert list(decided.after["revisions"]) == ["2"]


def test_the_state_machine_is_complete() -> None:
    """Every transition starts and ends where a record can stand, every standing is reached, and every decision that the
    database knows is possible somewhere.
    """
    goals = {there for ways in TRANSITIONS.values() for there in ways}
    assert goals == set(STANDINGS)
    assert {here for here, _ in TRANSITIONS} == set(STANDINGS)
    assert {*EVENT_STATES} <= set(STANDINGS)
    made_with_the_record = {"add"}
    assert {action for _, action in TRANSITIONS} == {*DECISIONS, "drafted", "replaced"} - made_with_the_record
