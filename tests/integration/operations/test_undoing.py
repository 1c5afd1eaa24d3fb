"""Undo: what a person decided is taken back, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from service.errors import NothingToUndoError
from service.operations import additions, claims, records, reviews, undoing
from service.operations.actor import Actor
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import AuditEntry, ReviewRule, new_id
from tests.factories import create_drafted_document

APPROVE = Verdict("approve")
REJECT = Verdict("reject", reason="duplicate")


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


def state(session: Session, event_id: UUID, by: Actor) -> str:
    return records.get(session, event_id, by=by).event.state


def test_an_undone_approval_is_no_longer_published_and_can_be_decided_anew(
    session: Session, reviewer: Actor, story: list[UUID]
) -> None:
    drafted = records.get(session, story[0], by=reviewer).current.body
    reviews.decide(session, story[0], Verdict("fix", {"modality": "planned"}), revision=1, by=reviewer)
    undone = undoing.undo(session, by=reviewer, seconds=60)
    assert undone.event_ids == (story[0],)
    assert undone.lease
    record = records.get(session, story[0], by=reviewer)
    assert (record.event.state, record.event.revision, record.current.body) == ("draft", 3, drafted)
    assert list(records.export(session, by=reviewer)) == []
    assert reviews.decide(session, story[0], APPROVE, revision=3, by=reviewer, lease=undone.lease.number) == 4


def test_decisions_are_undone_one_after_the_other_across_items(
    session: Session, reviewer: Actor, story: list[UUID]
) -> None:
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    reviews.decide(session, story[1], REJECT, revision=1, by=reviewer)
    assert [one.event_id for one in undoing.undoable(session, by=reviewer)] == [story[1], story[0]]
    assert undoing.undo(session, by=reviewer, seconds=60).event_ids == (story[1],)
    assert undoing.undo(session, by=reviewer, seconds=60).event_ids == (story[0],)
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=reviewer, seconds=60)
    assert {state(session, one, reviewer) for one in story} == {"draft"}


def test_only_one_s_own_decisions_and_only_for_a_while(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=second_reviewer, seconds=60)
    with session.begin():  # as a clock would, but append-only tables refuse it
        session.execute(text("alter table decisions disable trigger decisions_append_only"))
        session.execute(text("update decisions set at = now() - interval '16 minutes'"))
        session.execute(text("alter table decisions enable trigger decisions_append_only"))
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=reviewer, seconds=60)


def test_what_others_have_gone_on_from_is_not_undone(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    reviews.decide(session, story[0], Verdict("fix", {"modality": "alleged"}), revision=2, by=second_reviewer)
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=reviewer, seconds=60)
    undoing.undo(session, by=second_reviewer, seconds=60)
    assert state(session, story[0], reviewer) == "approved"
    undoing.undo(session, by=reviewer, seconds=60)
    assert state(session, story[0], reviewer) == "draft"


def test_a_correction_is_undone_to_what_was_published(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    reviews.decide(session, story[0], REJECT, revision=2, by=reviewer)
    assert state(session, story[0], reviewer) == "retracted"
    assert undoing.undo(session, by=reviewer, seconds=60).lease is None
    assert state(session, story[0], reviewer) == "approved"


def test_a_batch_is_undone_together_but_for_what_others_went_on_from(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    batch = new_id()
    for one in story:
        reviews.decide(session, one, APPROVE, revision=1, by=reviewer, batch=batch)
    assert len(undoing.undoable(session, by=reviewer)) == 1
    reviews.decide(session, story[1], REJECT, revision=2, by=second_reviewer)
    assert undoing.undo(session, by=reviewer, seconds=60).event_ids == (story[0],)
    assert [state(session, one, reviewer) for one in story] == ["draft", "retracted"]


def test_a_first_reading_is_undone_before_the_second(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    with session.begin():
        session.add(ReviewRule(family="visit", second_share=1.0, gold_share=0.0))
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    undone = undoing.undo(session, by=reviewer, seconds=60)
    assert undone.lease
    item = reviews.item_of(session, story[0], by=reviewer)
    assert (item.stage, item.readers, item.first_revision) == ("first", [], None)
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer, lease=undone.lease.number)
    reviews.decide(session, story[0], APPROVE, revision=1, by=second_reviewer)
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=reviewer, seconds=60)
    undoing.undo(session, by=second_reviewer, seconds=60)
    item = reviews.item_of(session, story[0], by=reviewer)
    assert (item.stage, item.readers, state(session, story[0], reviewer)) == ("second", [reviewer.user_id], "draft")


def test_split_and_merge_are_undone_whole(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    before = records.get(session, story[1], by=reviewer).current.body
    leases = additions.split(session, story[1], ["participants/1"], revision=1, by=reviewer, seconds=60)
    undoing.undo(session, by=reviewer, seconds=60)
    assert records.get(session, story[1], by=reviewer).current.body == before
    assert state(session, leases[1].event_id, reviewer) == "superseded"

    leases = additions.split(session, story[1], ["participants/1"], revision=3, by=reviewer, seconds=60)
    revision = additions.merge(session, story[1], leases[1].event_id, revision=4, by=reviewer)
    assert state(session, leases[1].event_id, reviewer) == "superseded"
    undoing.undo(session, by=reviewer, seconds=60)
    assert state(session, leases[1].event_id, reviewer) == "draft"
    assert records.get(session, story[1], by=reviewer).event.revision == revision + 1
    reviews.decide(session, leases[1].event_id, APPROVE, revision=1, by=reviewer)
    undoing.undo(session, by=reviewer, seconds=60)  # the approval
    undoing.undo(session, by=reviewer, seconds=60)  # the split
    assert records.get(session, story[1], by=reviewer).current.body == before


def test_undo_is_audited(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    claims.claim(session, story[0], by=reviewer, seconds=60)
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    undoing.undo(session, by=reviewer, seconds=60)
    with session.begin():
        entry = session.query(AuditEntry).filter_by(action="event.undone").one()
    assert entry.before["state"] == "approved"
    assert entry.after["state"] == "draft"


def test_who_takes_a_split_back_holds_what_it_was_made_of(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    for lease in additions.split(session, story[1], ["participants/1"], revision=1, by=reviewer, seconds=60):
        claims.release(session, lease.event_id, lease.number, by=reviewer)
    undone = undoing.undo(session, by=reviewer, seconds=60)
    assert undone.lease
    assert undone.lease.event_id == story[1]


def test_a_split_whose_other_half_was_decided_does_not_stand_in_the_way(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    for lease in additions.split(session, story[1], ["participants/1"], revision=1, by=reviewer, seconds=60):
        claims.release(session, lease.event_id, lease.number, by=reviewer)
    reviews.decide(session, lease.event_id, APPROVE, revision=1, by=second_reviewer)
    assert [one.event_id for one in undoing.undoable(session, by=reviewer)] == [story[0]]
    assert undoing.undo(session, by=reviewer, seconds=60).event_ids == (story[0],)
