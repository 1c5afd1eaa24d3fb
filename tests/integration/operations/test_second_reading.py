"""Two pairs of eyes: rules, what stays hidden until both have answered, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, ScopeMissingError
from service.operations import agreement, records, reviews, second_reading, undoing
from service.operations.actor import Actor
from service.operations.agreement import NO_PAIRS, NO_VARIATION, Agreement
from service.operations.reviews import Verdict
from service.operations.second_reading import Rules
from service.services import Services
from service.store.models import AuditEntry, Decision, ReviewItem
from tests.factories import STORY, create_drafted_document, visit

APPROVE = Verdict("approve")
REJECT = Verdict("reject", reason="duplicate")
PLANNED = Verdict("fix", {"modality": "planned"})


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


@pytest.fixture
def both_read_visits(session: Session, administrator: Actor) -> None:
    second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)


def create_visits(services: Services, by: Actor, number: int) -> list[UUID]:
    return [create_drafted_document(services, by, f"{STORY}{i}", [visit(f"{STORY}{i}")])[1][0] for i in range(number)]


def answer(session: Session, event_id: UUID, first: tuple[Actor, Verdict], second: tuple[Actor, Verdict]) -> None:
    for by, verdict in (first, second):
        reviews.decide(session, event_id, verdict, revision=1, by=by)


def seen(session: Session, event_id: UUID, by: Actor) -> list[Any]:
    """What the history tells."""
    return [
        (entry["revision"], entry["review"] and entry["review"]["decision"])
        for entry in records.history(session, event_id, by=by)
    ]


def test_rules_are_set_by_an_administrator_and_told_by_the_audit(
    session: Session, administrator: Actor, reviewer: Actor
) -> None:
    second_reading.set_rules(session, "visit", 0.2, 0.05, by=administrator)
    second_reading.set_rules(session, "visit", 0.3, 0.05, by=administrator)
    assert second_reading.rules(session, by=administrator)[:2] == [Rules("visit", 0.3, 0.05), Rules("treaty")]
    with session.begin():
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "review_rules.set")).all()
    assert [entry.before["second_share"] for entry in entries if entry.before] == [0.0, 0.2]
    with pytest.raises(ScopeMissingError):
        second_reading.set_rules(session, "visit", 0.0, 0.0, by=reviewer)


def test_rules_that_make_no_sense_are_refused_by_field(session: Session, administrator: Actor) -> None:
    with pytest.raises(InvalidInputError) as refused:
        second_reading.set_rules(session, "coup", 1.5, float("nan"), by=administrator)
    assert set(refused.value.facts["errors"]) == {"family", "second_share", "gold_share"}


def test_the_lot_decides_who_is_read_twice(
    session: Session, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    second_reading.set_rules(session, "visit", 0.5, 0.0, by=administrator)
    once, twice = create_visits(services, administrator, 2)
    with session.begin():
        for event_id, lot in ((once, 0.5), (twice, 0.49)):
            session.execute(update(ReviewItem).where(ReviewItem.event_id == event_id).values(lot=lot))
    for event_id in (once, twice):
        reviews.decide(session, event_id, APPROVE, revision=1, by=reviewer)
    assert [records.get(session, one, by=reviewer).event.state for one in (once, twice)] == ["approved", "draft"]


@pytest.mark.usefixtures("both_read_visits")
def test_an_answer_that_was_taken_back_is_shown_to_nobody_who_reads_on(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    event_id = create_visits(services, administrator, 1)[0]
    reviews.decide(session, event_id, PLANNED, revision=1, by=reviewer)
    undoing.undo(session, by=reviewer, seconds=0)
    assert seen(session, event_id, second_reviewer) == [(1, None)]
    answer(session, event_id, (reviewer, APPROVE), (second_reviewer, APPROVE))
    assert seen(session, event_id, reviewer) == [(1, None), (2, "fixed"), (3, "approved"), (4, "approved")]
    undoing.undo(session, by=second_reviewer, seconds=0)
    assert seen(session, event_id, administrator) == [(1, None), (5, "undone")]


@pytest.mark.usefixtures("both_read_visits")
def test_the_order_of_a_list_is_no_difference(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    event_id = create_visits(services, administrator, 1)[0]
    lists = [
        [{"name": name, "cue": "said"} for name in names]
        for names in (("her office", "a guard"), ("a guard", "her office"))
    ]
    answers = [Verdict("fix", {"modality": "planned", "attributed_to": one}) for one in lists]
    answer(session, event_id, (reviewer, answers[0]), (second_reviewer, answers[1]))
    assert records.get(session, event_id, by=reviewer).event.state == "approved"


@pytest.mark.usefixtures("both_read_visits")
def test_what_the_first_reader_noted_for_himself_is_not_handed_on(
    session: Session, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    event_id = create_visits(services, administrator, 1)[0]
    with session.begin():
        session.execute(update(ReviewItem).values(note="I think that this never happened."))
    reviews.decide(session, event_id, REJECT, revision=1, by=reviewer)
    assert reviews.item_of(session, event_id, by=reviewer).note is None


def by_field(found: list[Agreement], family: str = "visit") -> dict[str, Agreement]:
    return {one.field: one for one in found if one.family == family}


@pytest.mark.usefixtures("both_read_visits")
def test_agreement_is_told_by_field_of_what_both_accepted(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    visits = create_visits(services, administrator, 4)
    for event_id, verdicts in zip(
        visits, [(APPROVE, APPROVE), (PLANNED, PLANNED), (PLANNED, APPROVE), (REJECT, APPROVE)], strict=True
    ):
        answer(session, event_id, (reviewer, verdicts[0]), (second_reviewer, verdicts[1]))
    # What waits to be settled tells nothing yet.
    found = by_field(agreement.agreement(session, by=reviewer, days=14))
    assert (found["modality"].pairs, found["modality"].equal, found["modality"].alpha) == (2, 1.0, 1.0)
    with session.begin():
        session.execute(update(ReviewItem).values(decided_at=ReviewItem.created_at))
    found = by_field(agreement.agreement(session, by=reviewer, days=14))
    assert (found["decision"].pairs, found["decision"].equal) == (4, 0.75)
    assert (found["modality"].pairs, round(found["modality"].equal or 0, 3)) == (3, 0.667)
    assert found["modality"].alpha == pytest.approx(1 - (1 / 3) / (3 * 3 * 2 / (6 * 5)))
    assert (found["date"].alpha, found["date"].why, found["date"].equal) == (None, NO_VARIATION, 1.0)
    treaties = by_field(agreement.agreement(session, by=reviewer, days=14), "treaty")
    assert {one.why for one in treaties.values()} == {NO_PAIRS}
    assert {"details/visit_kind", "participants/visitor", "action", "background", "place", "attributed_to"} <= set(
        found
    )


@pytest.mark.usefixtures("both_read_visits")
def test_a_reading_that_was_taken_back_is_no_answer(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    event_id = create_visits(services, administrator, 1)[0]
    answer(session, event_id, (reviewer, APPROVE), (second_reviewer, APPROVE))
    assert by_field(agreement.agreement(session, by=reviewer, days=1))["decision"].pairs == 1
    undoing.undo(session, by=second_reviewer, seconds=0)
    assert by_field(agreement.agreement(session, by=reviewer, days=1))["decision"].pairs == 0
    with session.begin():
        assert session.scalars(select(Decision.round).where(Decision.decision == "undo")).all() == ["second"]


@pytest.mark.usefixtures("both_read_visits")
def test_an_answer_that_is_agreed_on_once_more_is_a_new_revision(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    event_id = create_visits(services, administrator, 1)[0]
    answer(session, event_id, (reviewer, PLANNED), (second_reviewer, PLANNED))
    seen_then = records.get(session, event_id, by=reviewer).event.revision
    undoing.undo(session, by=second_reviewer, seconds=60)
    read_now = records.get(session, event_id, by=reviewer).event.revision
    reviews.decide(session, event_id, PLANNED, revision=read_now, by=second_reviewer)
    record = records.get(session, event_id, by=reviewer)
    assert record.event.revision > read_now > seen_then
    assert (record.current.body["modality"], record.to_json()["review"]["reviewer"]) == ("planned", "rosa")
