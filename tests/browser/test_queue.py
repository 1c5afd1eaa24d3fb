"""The queue page: views, filters that are addresses, orders, pages."""

from __future__ import annotations

import datetime as dt
import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from service.operations import claims
from service.operations.actor import Actor
from service.services import Services
from service.store.models import ReviewRule
from tests.browser.conftest import Visit
from tests.conftest import create_actor
from tests.factories import STORY, create_decision, create_drafted_document


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    """A visit and a border incident."""
    return create_drafted_document(services, administrator, title="A visit and a crossing")[1]


def test_a_filter_is_an_address_that_is_kept_from_item_to_item(
    visit: Visit, reviewer: Actor, services: Services, administrator: Actor, story: list[UUID]
) -> None:
    create_drafted_document(services, administrator, STORY + "Again.")
    page = visit.sign_in(reviewer)
    search = page.get_by_role("searchbox", name="Words of the record")
    search.fill("two guards")
    search.press("Enter")
    page.locator(".toggle", has_text="Border incident").click()
    page.get_by_label("Order", exact=True).select_option("uncertain")
    page.wait_for_url(re.compile(r"order=uncertain"))
    assert page.url.partition("?")[2] == "q=two+guards&family=border_incident&order=uncertain"
    expect(page.locator(".page-head")).to_contain_text("2 of 4 items")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(re.compile(rf"/review/{story[1]}\?.*q=two\+guards"))
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.get_by_role("link", name="Queue").click()
    expect(search).to_have_value("two guards")
    expect(page.get_by_label("Order", exact=True)).to_have_value("uncertain")


def test_views_tell_what_is_where(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    with services.sessions() as session:
        lease = claims.claim(session, story[0], by=second_reviewer, seconds=60)
        claims.snooze(session, story[0], lease.number, tomorrow, by=second_reviewer, note="Waits for the communiqué.")
        claims.assign(session, story[1], reviewer.username, by=second_reviewer)
    page = visit.sign_in(reviewer)
    views = page.get_by_role("navigation", name="Views")
    expect(views.get_by_role("link")).to_have_text(
        [
            re.compile(told)
            for told in ("Waiting.*1", "Snoozed.*1", "Held by you.*0", "Assigned to you.*1", "Decided.*0")
        ]
    )
    views.get_by_role("link", name="Snoozed").click()
    expect(page.get_by_role("heading", name="Snoozed", exact=True)).to_be_visible()
    expect(page.locator(".items__why")).to_contain_text("Waits for the communiqué.")
    views.get_by_role("link", name="Assigned to you").click()
    expect(page.locator(".items__holder").last).to_have_text("for you")
    views.get_by_role("link", name="Held by you").click()
    expect(page.get_by_role("heading", name="You hold no item.")).to_be_visible()


def test_what_is_to_be_settled_is_listed_for_those_who_settle(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    with services.sessions.begin() as session:
        session.add(ReviewRule(family="visit", second_share=1.0, gold_share=0.0))
    create_decision(services, story[0], by=reviewer)
    page = visit.sign_in(second_reviewer, "/?stage=second")
    expect(page.locator(".items__why")).to_contain_text("Second reading")
    create_decision(services, story[0], "fix", by=second_reviewer, changes={"modality": "planned"})
    page = visit.sign_in(create_actor(services, "aline", "adjudicator"))
    page.get_by_role("link", name="To settle").click()
    expect(page.locator(".items tbody tr")).to_have_count(1)
    page = visit.sign_in(second_reviewer, "/?stage=adjudication")
    expect(page.get_by_role("link", name="To settle")).to_have_count(0)


def test_pages_of_a_long_list_follow_each_other(
    visit: Visit, reviewer: Actor, services: Services, administrator: Actor
) -> None:
    for number in range(26):
        create_drafted_document(services, administrator, f"{STORY}{number}")
    page = visit.sign_in(reviewer, "/?order=oldest")
    expect(page.locator(".items tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator(".items tbody tr")).to_have_count(2)
    page.get_by_role("link", name="First page").click()
    expect(page.locator(".items tbody tr")).to_have_count(50)
    expect(page.locator(".pager")).to_contain_text("50 items on this page, 52 in all")


def test_a_filter_is_saved_opened_by_a_colleague_renamed_and_deleted(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer, "/?family=visit&why=date")
    page.get_by_role("button", name="Save this filter").click()
    page.get_by_label("Name").fill("Visits without a day")
    page.keyboard.press("Enter")
    saved = page.get_by_role("navigation", name="Views").get_by_role("link", name="Visits without a day")
    expect(saved).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("heading", level=1)).to_have_text("Visits without a day")
    page.get_by_role("button", name="Rename or delete").click()
    link = page.get_by_role("link", name="link to this filter").get_attribute("href") or ""
    colleague = visit.sign_in(second_reviewer, link)
    assert colleague.url.partition("?")[2] == "family=visit&why=date"
    expect(colleague.locator(".items tbody tr")).to_have_count(1)

    page.get_by_label("Name").fill("Undated visits")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Undated visits")
    page.goto("/?family=visit")
    page.get_by_role("button", name="Save this filter").click()
    page.get_by_label("Name").fill("Undated visits")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You have a filter 'Undated visits' already.")
    page.get_by_role("link", name="Undated visits").click()
    page.get_by_role("button", name="Rename or delete").click()
    page.get_by_role("button", name="Delete this filter").click()
    expect(page.get_by_role("heading", name="Saved filters")).to_have_count(0)


def test_by_document_the_one_that_was_begun_is_read_to_its_end(
    visit: Visit, reviewer: Actor, services: Services, administrator: Actor, story: list[UUID]
) -> None:
    _, others = create_drafted_document(services, administrator, STORY + "Again.")
    page = visit.sign_in(reviewer, f"/review/{others[0]}?order=document")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(re.compile(str(others[1])))


def test_decisions_of_a_busy_day_come_in_pages(
    visit: Visit, reviewer: Actor, services: Services, administrator: Actor
) -> None:
    for number in range(26):
        for event_id in create_drafted_document(services, administrator, f"{STORY}{number}")[1]:
            create_decision(services, event_id, by=reviewer)
    page = visit.sign_in(reviewer, "/decided")
    expect(page.locator(".page-head")).to_contain_text("52 decisions of yours")
    expect(page.locator(".items tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".items tbody tr")).to_have_count(2)
