"""The queue: who is handed what, in which order, and what puts an item off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from service.errors import (
    FamilyNotYoursError,
    InvalidInputError,
    LeaseLostError,
    OwnReadingError,
    ScopeMissingError,
)
from service.operations import accounts, claims, records, reviews
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import AuditEntry, ReviewItem, ReviewRule, Skip, User
from tests.conftest import create_actor
from tests.factories import STORY, create_drafted_document

APPROVE = Verdict("approve")
TOMORROW = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    """A visit, and a border incident that is less certain."""
    return create_drafted_document(services, administrator)[1]


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


def take_all(session: Session, by: Actor, wanted: Wanted = Wanted()) -> list[UUID]:  # noqa: B008 - frozen
    taken = []
    while lease := claims.claim_next(session, by=by, seconds=60, wanted=wanted):
        taken.append(lease.event_id)
    return taken


def change(session: Session, event_id: UUID, **values: object) -> None:
    with session.begin():
        session.execute(update(ReviewItem).where(ReviewItem.event_id == event_id).values(**values))


def ask_for_two(session: Session, family: str, share: float = 1.0) -> None:
    with session.begin():
        session.add(ReviewRule(family=family, second_share=share, gold_share=0.0))


def test_items_come_in_the_order_that_is_asked_for(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: list[UUID]
) -> None:
    other = create_drafted_document(services, administrator, STORY + "Again.")[1]
    claims.prioritize(session, other[1], 5, by=reviewer)
    orders = {
        "priority": [other[1], *story, other[0]],
        "oldest": [*story, *other],
        "uncertain": [story[1], other[1], story[0], other[0]],
    }
    for order, expected in orders.items():
        assert take_all(session, reviewer, Wanted(order=order)) == expected, order
        with session.begin():
            session.execute(update(ReviewItem).values(holder_id=None, lease_until=None, claimed_at=None))
    document = session.get_one(ReviewItem, other[0]).document_id
    session.commit()
    assert take_all(session, reviewer, Wanted(order="document", document_id=document)) == [*other, *story]


def test_what_waits_long_moves_up_among_the_uncertain(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    change(session, story[0], due=ReviewItem.due - dt.timedelta(days=2))
    assert take_all(session, reviewer, Wanted(order="uncertain")) == story


def test_an_unknown_order_is_refused(session: Session, reviewer: Actor) -> None:
    with pytest.raises(InvalidInputError):
        claims.claim_next(session, by=reviewer, seconds=60, wanted=Wanted(order="random"))


def test_a_skipped_item_goes_to_others_and_comes_last_to_who_skipped_it(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    lease = claims.claim_next(session, by=reviewer, seconds=60)
    assert lease
    claims.skip(session, lease.event_id, lease.number, by=reviewer, reason="I know these people")
    assert take_all(session, reviewer) == [story[1], story[0]]
    again = session.get_one(ReviewItem, story[0]).lease_number
    session.commit()
    claims.skip(session, story[0], again, by=reviewer)
    with session.begin():
        skip = session.get_one(Skip, (reviewer.user_id, story[0]))
        assert skip.times == 2
    assert take_all(session, second_reviewer) == [story[0]]


def test_a_snoozed_item_is_kept_from_everybody_until_its_time(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    lease = claims.claim(session, story[0], by=reviewer, seconds=60)
    with pytest.raises(InvalidInputError):
        claims.snooze(session, story[0], lease.number, dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), by=reviewer)
    claims.snooze(session, story[0], lease.number, TOMORROW, by=reviewer, note="The ministry answers tomorrow.")
    assert take_all(session, second_reviewer) == [story[1]]
    change(session, story[0], ready_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    assert take_all(session, second_reviewer) == [story[0]]


def test_an_assigned_item_goes_to_that_person_alone_and_first(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    claims.assign(session, story[1], second_reviewer.username, by=reviewer)
    assert take_all(session, reviewer) == [story[0]]
    change(session, story[0], holder_id=None, lease_until=None, claimed_at=None)
    assert take_all(session, second_reviewer) == [story[1], story[0]]


def test_only_who_reviews_the_family_can_be_assigned(
    services: Services, session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    with session.begin():
        session.get_one(User, second_reviewer.user_id).families = ["treaty"]
    for nobody in ("nobody", second_reviewer.username, create_actor(services, "rita", "reader").username):
        with pytest.raises(InvalidInputError):
            claims.assign(session, story[0], nobody, by=reviewer)


def test_a_reviewer_gets_and_decides_only_his_families(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    with session.begin():
        session.get_one(User, reviewer.user_id).families = ["border_incident"]
    user = accounts.find_user(session, reviewer.username)
    assert user
    limited = accounts.actor_of(user)
    assert take_all(session, limited) == [story[1]]
    with pytest.raises(FamilyNotYoursError):
        claims.claim(session, story[0], by=limited, seconds=60)
    with pytest.raises(FamilyNotYoursError):
        reviews.decide(session, story[0], APPROVE, revision=1, by=limited)


def test_taking_over_leaves_the_other_with_an_old_token_and_the_audit_with_his_name(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    old = claims.claim(session, story[0], by=reviewer, seconds=60)
    new = claims.take_over(session, story[0], by=second_reviewer, seconds=60)
    assert (new.number, new.holder) == (old.number + 1, second_reviewer.username)
    with pytest.raises(LeaseLostError):
        claims.renew(session, story[0], old.number, by=reviewer, seconds=60)
    with session.begin():
        entry = session.query(AuditEntry).filter_by(action="review.taken_over").one()
    assert (entry.actor_id, entry.before) == (second_reviewer.user_id, {"holder": "rosa", "lease": old.number})


def test_two_people_read_where_it_is_asked_for_and_agree(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    ask_for_two(session, "visit")
    reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    assert records.get(session, story[0], by=reviewer).event.state == "draft"
    assert len(records.history(session, story[0], by=second_reviewer)) == 1
    with pytest.raises(OwnReadingError):
        reviews.decide(session, story[0], APPROVE, revision=1, by=reviewer)
    with pytest.raises(OwnReadingError):
        claims.claim(session, story[0], by=reviewer, seconds=60)
    assert take_all(session, reviewer) == [story[1]]
    reviews.decide(session, story[0], APPROVE, revision=1, by=second_reviewer)
    record = records.get(session, story[0], by=reviewer)
    assert (record.event.state, record.event.revision) == ("approved", 2)
    assert len(records.history(session, story[0], by=second_reviewer)) == 3


def test_two_who_differ_leave_it_to_somebody_who_settles(
    session: Session, services: Services, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    ask_for_two(session, "visit")
    reviews.decide(session, story[0], Verdict("fix", {"modality": "planned"}), revision=1, by=reviewer)
    reviews.decide(session, story[0], APPROVE, revision=1, by=second_reviewer)
    item = reviews.item_of(session, story[0], by=reviewer)
    assert (item.stage, item.decided_at) == ("adjudication", None)
    with pytest.raises(ScopeMissingError):
        claims.claim_next(session, by=reviewer, seconds=60, wanted=Wanted(stage="adjudication"))
    judge = create_actor(services, "judith", "adjudicator")
    lease = claims.claim_next(session, by=judge, seconds=60, wanted=Wanted(stage="adjudication"))
    assert lease
    assert lease.event_id == story[0]
