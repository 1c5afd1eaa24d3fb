"""The list of what waits: its filters, orders, pages and bounded counts."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from service.errors import InvalidInputError
from service.operations import claims, reviews, worklist
from service.operations.actor import Actor
from service.operations.claims import ORDERS
from service.operations.filters import CHECK_BELOW, Filter
from service.operations.reviews import Verdict
from service.operations.worklist import Count
from service.services import Services
from service.store.models import ReviewItem, ReviewRule
from tests.factories import STORY, create_drafted_document, visit

TOMORROW = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    """A visit (0.9 certain), and a border incident (0.6)."""
    return create_drafted_document(services, administrator, title="The crossing")[1]


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


def listed(session: Session, by: Actor, wanted: Filter) -> list[UUID]:
    page = worklist.find(session, wanted, by=by)
    assert page.total == Count(len(page.rows))
    return [row.record.event.id for row in page.rows]


def test_the_list_is_filtered(
    session: Session, reviewer: Actor, second_reviewer: Actor, services: Services, administrator: Actor,
    story: list[UUID],
) -> None:  # fmt: skip
    of_visit, of_border = story
    _, (snoozed, assigned) = create_drafted_document(services, administrator, STORY + "Another one, with a zeppelin.")
    lease = claims.claim(session, snoozed, by=reviewer, seconds=60)
    claims.snooze(session, snoozed, lease.number, TOMORROW, by=reviewer)
    claims.assign(session, assigned, "rosa", by=second_reviewer)
    claims.claim(session, of_border, by=second_reviewer, seconds=60)
    with session.begin():
        document_id = session.get_one(ReviewItem, of_visit).document_id
    found = {
        Filter(): [of_visit, of_border, assigned],
        Filter(families=("visit",)): [of_visit],
        Filter(holder="free"): [of_visit, assigned],
        Filter(holder="held"): [of_border],
        Filter(holder="mine"): [],
        Filter(reason="date"): [of_visit],
        Filter(reason="participants"): [of_border, assigned],
        Filter(families=("visit",), reason="participants"): [],
        Filter(assigned="me"): [assigned],
        Filter(assigned="nobody"): [of_visit, of_border],
        Filter(is_snoozed=True): [snoozed],
        Filter(document_id=document_id): [of_visit, of_border],
        Filter(least=0.7): [of_visit],
        Filter(most=0.6): [of_border, assigned],
        Filter(text="zeppelin"): [assigned],
        Filter(text="two guards", holder="free"): [of_visit, assigned],
        Filter(stage="second"): [],
    }
    assert {wanted: listed(session, reviewer, wanted) for wanted in found} == found


def test_who_is_not_to_read_an_item_does_not_see_it_listed(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    of_visit, of_border = story
    with session.begin():
        session.add(ReviewRule(family="visit", second_share=1.0, gold_share=0.0))
    reviews.decide(session, of_visit, Verdict("approve"), revision=1, by=reviewer)
    assert listed(session, reviewer, Filter()) == [of_border]
    assert listed(session, reviewer, Filter(stage="second")) == []
    assert listed(session, second_reviewer, Filter(stage="second")) == [of_visit]
    with session.begin():
        session.execute(update(ReviewItem).values(only_for=second_reviewer.user_id))
    assert listed(session, reviewer, Filter()) == []
    assert listed(session, second_reviewer, Filter()) == story
    of_treaties = replace(second_reviewer, families=frozenset({"treaty"}))
    assert listed(session, of_treaties, Filter()) == []
    assert worklist.standing(session, by=of_treaties).waiting == Count(0)


def test_pages_go_on_where_the_last_one_ended_in_every_order(
    session: Session, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    for number in range(6):
        _, events = create_drafted_document(services, administrator, f"{STORY}{number}")
        claims.prioritize(session, events[number % 2], number % 3, by=reviewer)
    for order in ORDERS:
        wanted = Filter(order=order)
        whole = [row.item.event_id for row in worklist.find(session, wanted, by=reviewer).rows]
        pages, after = [], None
        while True:
            page = worklist.find(session, wanted, by=reviewer, after=after, limit=5)
            pages.append([row.item.event_id for row in page.rows])
            after = page.last
            if after is None:
                break
        assert [len(page) for page in pages] == [5, 5, 2]
        assert list(itertools.chain(*pages)) == whole
        assert len(set(whole)) == 12


def test_counting_ends_at_a_bound(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    assert worklist.standing(session, by=reviewer).waiting == Count(2)
    standing = worklist.standing(session, by=reviewer, most=1)
    assert (standing.waiting, str(standing.waiting)) == (Count(1, is_more=True), "1+")
    assert worklist.count_by_family(session, by=reviewer)["visit"] == Count(1)


def test_the_first_item_of_the_list_that_is_free_is_claimed(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    wanted = Filter(text="Norvale")
    claims.assign(session, story[0], "theo", by=second_reviewer)
    lease = worklist.claim_listed(session, wanted, by=reviewer, seconds=60)
    assert lease is not None
    assert (lease.event_id, lease.holder) == (story[1], "rosa")
    assert worklist.claim_listed(session, Filter(reason="place"), by=second_reviewer, seconds=60) is None
    other = worklist.claim_listed(session, wanted, by=second_reviewer, seconds=60)
    assert other is not None
    assert other.event_id == story[0]


def test_the_next_item_is_the_one_behind_and_after_the_last_the_first(
    session: Session, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    assert worklist.next_after(session, story[0], by=reviewer) == story[1]
    assert worklist.next_after(session, story[1], by=reviewer) == story[0]
    assert worklist.next_after(session, story[1], by=reviewer, wanted=Filter(families=("treaty",))) is None
    claims.claim(session, story[1], by=second_reviewer, seconds=60)
    assert worklist.next_after(session, story[0], by=reviewer) is None


def test_the_database_takes_for_unsure_what_the_pages_mark(
    session: Session, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    """The confidence of an action is that of "details/action", its row and its words those of the trigger."""
    confidence = {"record": 0.1, "details/action": CHECK_BELOW - 0.001, "modality": CHECK_BELOW, "date": 1.0}
    _, (event_id,) = create_drafted_document(services, administrator, records=[replace(visit(), confidence=confidence)])
    found = {
        reason: listed(session, reviewer, Filter(reason=reason))
        for reason in ("trigger", "details", "modality", "date")
    }
    assert found == {"trigger": [event_id], "details": [], "modality": [], "date": []}


def test_a_filter_that_nobody_knows_is_refused(session: Session, reviewer: Actor) -> None:
    for wanted in (Filter(order="random"), Filter(holder="god"), Filter(stage="third"), Filter(text="x" * 201)):
        with pytest.raises(InvalidInputError):
            worklist.find(session, wanted, by=reviewer)


def test_what_records_are_unsure_of_is_looked_up_in_not_too_many_at_a_time(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six items, of which each second is unsure of its date, looked through in threes."""
    visits = [create_drafted_document(services, administrator, f"{STORY}{number}")[1][0] for number in range(3)]
    monkeypatch.setattr(worklist, "LOOKED_THROUGH", 3)
    wanted, found, after = Filter(reason="date", order="oldest"), [], None
    while True:
        page = worklist.find(session, wanted, by=reviewer, after=after)
        assert page.total == Count(2, is_more=True)
        found += [row.item.event_id for row in page.rows]
        after = page.last
        if after is None:
            break
    assert found == visits
    for event_id in visits[:2]:
        claims.claim(session, event_id, by=administrator, seconds=60)
    lease = worklist.claim_listed(session, wanted, by=reviewer, seconds=60)
    assert lease is not None
    assert lease.event_id == visits[2]
