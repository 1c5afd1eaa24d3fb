"""Many at once: looked through as a list, decided together, taken back together, each record by its own rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NotFoundError, NothingToUndoError
from service.operations import bulk, claims, records, reviews
from service.operations.actor import Actor
from service.operations.bulk import Choice
from service.operations.filters import Filter
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import AuditEntry, Decision, ReviewItem, ReviewRule
from tests.factories import STORY, create_decision, create_drafted_document, visit

APPROVE = Verdict("approve")


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


@pytest.fixture
def visits(services: Services, administrator: Actor) -> list[UUID]:
    """Six visits, 0.9 certain, and one that is not."""
    drafts = [
        create_drafted_document(services, administrator, f"{STORY}{number}", [visit(STORY)])[1][0]
        for number in range(6)
    ]
    unsure = replace(visit(STORY), confidence={"record": 0.5})
    return [*drafts, create_drafted_document(services, administrator, STORY + "unsure", [unsure])[1][0]]


def state_of(session: Session, event_id: UUID, by: Actor) -> str:
    return records.get(session, event_id, by=by).event.state


def test_a_preview_tells_what_is_decided_and_why_the_rest_is_not(
    session: Session, services: Services, reviewer: Actor, second_reviewer: Actor, visits: list[UUID]
) -> None:
    held, left, own, second, *free = visits[:6]
    claims.claim(session, held, by=second_reviewer, seconds=60)
    claims.assign(session, left, "theo", by=reviewer)
    claims.claim(session, own, by=reviewer, seconds=60)
    with session.begin():
        session.add(ReviewRule(family="visit", second_share=1.0, gold_share=0.0))
    create_decision(services, second, by=second_reviewer)
    shown = bulk.preview(session, Filter(least=0.8), by=reviewer)
    assert [row.item.event_id for row in shown.taken] == [own, *free]
    assert {one.waiting.item.event_id: str(one.why).split(" until ")[0] for one in shown.left_out} == {
        held: "theo holds this item",
        left: "It is left to theo.",
        second: "It waits for a second reader, who is to read it himself.",
    }
    assert not shown.is_more
    ticked = bulk.preview(session, Filter(), by=reviewer, event_ids=[visits[6], held, uuid4()])
    assert ([row.item.event_id for row in ticked.taken], len(ticked.left_out)) == ([visits[6]], 1)


def test_each_record_of_a_batch_is_decided_or_refused_with_its_reason(
    session: Session, services: Services, reviewer: Actor, second_reviewer: Actor, visits: list[UUID]
) -> None:
    create_decision(services, visits[0], by=second_reviewer)
    claims.claim(session, visits[1], by=second_reviewer, seconds=60)
    claims.assign(session, visits[2], "theo", by=second_reviewer)
    batch = bulk.decide(session, [Choice(one, 1) for one in visits[:5]], APPROVE, by=reviewer)
    outcome = bulk.outcome(session, batch, by=reviewer)
    assert [(one.event_id, record.event.state) for one, record in outcome.made] == [
        (visits[3], "approved"), (visits[4], "approved")
    ]  # fmt: skip
    assert {one.event_id: one.why.split(" until ")[0] for one in outcome.refused} == {
        visits[0]: "It is at revision 2 now.",
        visits[1]: "theo holds this item",
        visits[2]: "It is left to theo.",
    }
    assert state_of(session, visits[1], reviewer) == "draft"
    with pytest.raises(NotFoundError):
        bulk.outcome(session, batch, by=second_reviewer)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == batch)).one()
    assert entry.after is not None
    assert (entry.after["decided"], set(entry.after["refused"])) == (2, {str(one) for one in visits[:3]})


def test_a_batch_is_taken_back_but_for_what_others_went_on_with(
    session: Session, services: Services, reviewer: Actor, second_reviewer: Actor, visits: list[UUID]
) -> None:
    reject = Verdict("reject", reason="not_an_event")
    batch = bulk.decide(session, [Choice(one, 1) for one in visits[:3]], reject, by=reviewer)
    create_decision(services, visits[0], by=second_reviewer, revision=2)  # a correction
    assert set(bulk.undo(session, batch, by=reviewer, seconds=60)) == set(visits[1:3])
    states = [state_of(session, one, reviewer) for one in visits[:3]]
    assert states == ["approved", "draft", "draft"]
    assert claims.held_by(session, by=reviewer) == []
    with pytest.raises(NothingToUndoError):
        bulk.undo(session, batch, by=reviewer, seconds=60)
    assert [one.event_id for one, _ in bulk.outcome(session, batch, by=reviewer).made] == [visits[0]]


def test_what_a_second_person_reads_now_stays_when_a_batch_is_taken_back(
    session: Session, reviewer: Actor, second_reviewer: Actor, visits: list[UUID]
) -> None:
    with session.begin():
        session.add(ReviewRule(family="visit", second_share=1.0, gold_share=0.0))
    batch = bulk.decide(session, [Choice(one, 1) for one in visits[:3]], APPROVE, by=reviewer)
    made = bulk.outcome(session, batch, by=reviewer).made
    assert [record.event.state for _, record in made] == ["draft"] * 3
    claims.claim(session, visits[2], by=second_reviewer, seconds=60)
    assert set(bulk.undo(session, batch, by=reviewer, seconds=60)) == set(visits[:2])
    with session.begin():
        stages = dict(session.execute(select(ReviewItem.event_id, ReviewItem.stage)).all())
    assert [stages[one] for one in visits[:3]] == ["first", "first", "second"]


def test_a_second_reading_is_never_decided_together_with_others(
    session: Session, services: Services, reviewer: Actor, second_reviewer: Actor, visits: list[UUID]
) -> None:
    """Also when the first reading was made after the preview."""
    with session.begin():
        session.add(ReviewRule(family="visit", second_share=1.0, gold_share=0.0))
    create_decision(services, visits[0], by=second_reviewer)
    batch = bulk.decide(session, [Choice(visits[0], 1)], APPROVE, by=reviewer)
    assert [one.why for one in bulk.outcome(session, batch, by=reviewer).refused] == [
        "It waits for a second reader, who is to read it himself."
    ]
    with session.begin():
        assert session.scalars(select(Decision.by)).all() == [second_reviewer.user_id]


def test_a_batch_has_bounds_and_a_verdict_that_fits_many(session: Session, reviewer: Actor, visits: list[UUID]) -> None:
    one = [Choice(visits[0], 1)]
    for choices, verdict in (
        ([], APPROVE),
        (one * 501, APPROVE),
        (one, Verdict("reject")),
        (one, Verdict("fix", {"modality": "planned"})),
        (one, Verdict("send_back")),
    ):
        with pytest.raises(InvalidInputError):
            bulk.decide(session, choices, verdict, by=reviewer)
    assert reviews.decided_today(session, by=reviewer) == []


def test_items_are_assigned_and_prioritized_together(
    session: Session, services: Services, reviewer: Actor, second_reviewer: Actor, visits: list[UUID]
) -> None:
    create_decision(services, visits[0], by=second_reviewer)
    refused = bulk.assign(session, visits[:3], "theo", by=reviewer)
    assert [(one.event_id, one.why) for one in refused] == [(visits[0], "This record has been decided.")]
    assert bulk.prioritize(session, visits[1:3], 7, by=reviewer) == []
    assert [one.why for one in bulk.assign(session, visits[1:2], "nobody", by=reviewer)] == [
        "There is no reviewer 'nobody'."
    ]
    with session.begin():
        items = [session.get_one(ReviewItem, one) for one in visits[1:3]]
        assert [(item.assignee_id, item.priority) for item in items] == [(second_reviewer.user_id, 7)] * 2
