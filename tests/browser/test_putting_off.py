"""What reviewers do with an item but deciding on it: skip, snooze, take over; and undo."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from service.operations import claims, records, reviews
from service.operations.actor import Actor
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import ReviewItem, ReviewRule, Skip
from tests.browser.conftest import Visit
from tests.factories import create_drafted_document


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


def open_item(visit: Visit, who: Actor, event_id: UUID) -> Page:
    page = visit.sign_in(who, f"/review/{event_id}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    return page


def state(services: Services, event_id: UUID, by: Actor) -> str:
    with services.sessions() as session:
        return records.get(session, event_id, by=by).event.state


def item_of(services: Services, event_id: UUID, by: Actor) -> ReviewItem:
    with services.sessions() as session:
        return reviews.item_of(session, event_id, by=by)


def test_an_approval_is_undone_by_a_key_and_the_item_is_back_with_its_claim(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[0])
    page.keyboard.press("a")
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert state(services, story[0], reviewer) == "approved"
    page.keyboard.press("u")
    page.wait_for_url(re.compile(str(story[0])))
    expect(page.get_by_role("status").first).to_contain_text("Undone; it is yours again: Visit")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    assert state(services, story[0], reviewer) == "draft"
    page.keyboard.press("u")
    expect(page.get_by_role("status").first).to_contain_text("Nothing to undo")


def test_decisions_of_today_can_be_undone_from_their_list(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    with services.sessions() as session:
        for one in story:
            reviews.decide(session, one, Verdict("reject", reason="duplicate"), revision=1, by=reviewer)
    page = visit.sign_in(reviewer, "/decided")
    page.get_by_role("button", name=re.compile("Undo Ada Larsen")).click()
    page.wait_for_url(re.compile(str(story[0])))
    assert [state(services, one, reviewer) for one in story] == ["draft", "rejected"]


def test_a_skipped_item_makes_room_for_the_next(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_item(visit, reviewer, story[0])
    page.keyboard.press("s")
    page.keyboard.type("I know these people")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.get_by_role("status").first).to_contain_text("Skipped; you get it again later: Visit")
    with services.sessions() as session:
        skip = session.get_one(Skip, (reviewer.user_id, story[0]))
        assert skip.reason == "I know these people"


def test_a_snoozed_item_is_away_for_all(visit: Visit, reviewer: Actor, services: Services, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[0])
    page.keyboard.press("z")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.get_by_role("status").first).to_contain_text("Snoozed for all: Visit")
    item = item_of(services, story[0], reviewer)
    assert 23 < (item.ready_at - item.created_at).total_seconds() / 3600 < 25

    page.get_by_role("button", name="Snooze").click()
    page.get_by_label("On the day below").check()
    page.get_by_label("Day", exact=True).fill("2020-01-01")
    page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
    expect(page.get_by_role("alert")).to_contain_text("Must be in the future")


def test_an_item_is_taken_over_from_who_holds_it(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    with services.sessions() as session:
        claims.claim(session, story[0], by=second_reviewer, seconds=180)
    page = visit.sign_in(reviewer, f"/review/{story[0]}")
    page.get_by_role("button", name="Take it over").click()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    assert item_of(services, story[0], reviewer).holder_id == reviewer.user_id


def test_a_first_answer_is_told_to_be_kept(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    with services.sessions() as session, session.begin():
        session.add(ReviewRule(family="visit", second_share=1.0, gold_share=0.0))
    page = open_item(visit, reviewer, story[0])
    page.keyboard.press("a")
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.get_by_role("status").first).to_contain_text("a second person reads it now")


def test_search_and_the_item_before_are_a_key_away(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[0])
    page.keyboard.press("a")
    page.wait_for_url(re.compile(str(story[1])))
    page.keyboard.press("k")
    expect(page.get_by_text(f"Approved by {reviewer.username}").first).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.get_by_label("Search documents and records")).to_be_focused()
