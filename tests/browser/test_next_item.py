"""The next item is ready while one is read: shown at once, kept as long, and given back when it was not needed."""

from __future__ import annotations

import re
import time
from uuid import UUID

import pytest
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import func, select

from service.operations import reviews
from service.operations.actor import Actor
from service.services import Services
from service.store.models import Decision, ReviewItem
from tests.browser.conftest import Visit
from tests.factories import create_drafted_document, many_visits

REPEAT_MS = 30  # as keyboards do


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


def open_with_next(visit: Visit, who: Actor, event_id: UUID) -> Page:
    """The item's page, claimed, and the next item ready behind it."""
    page = visit.sign_in(who)
    with page.expect_response(re.compile(r"/review/[^/]+$"), timeout=20_000) as shown:
        page.goto(f"/review/{event_id}")
        with page.expect_response("**/next") as claimed:
            pass
    assert claimed.value.status == 200
    shown.value.finished()
    return page


def item_of(services: Services, event_id: UUID, by: Actor) -> ReviewItem:
    with services.sessions() as session:
        return reviews.item_of(session, event_id, by=by)


def wait_until_free(services: Services, event_id: UUID, by: Actor) -> None:
    deadline = time.monotonic() + 10
    while item_of(services, event_id, by).holder_id:
        assert time.monotonic() < deadline, "the item was not given back"
        time.sleep(0.05)


def test_a_decision_shows_the_next_item_without_a_page_load(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_with_next(visit, reviewer, story[0])
    assert item_of(services, story[1], reviewer).holder_id == reviewer.user_id
    page.evaluate("window.isTheSamePage = true")
    page.keyboard.press("a")
    page.wait_for_url(f"**/review/{story[1]}")
    expect(page.get_by_role("status").first).to_contain_text("Approved: Visit, Ada Larsen")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("h1")).to_contain_text("soldiers of Norvale")
    expect(page).to_have_title(re.compile("soldiers of Norvale"))
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    assert page.evaluate("window.isTheSamePage")

    page.go_back()
    expect(page.get_by_text(f"Approved by {reviewer.username}").first).to_be_visible()
    expect(page).to_have_url(re.compile(f"/review/{story[0]}$"))


def test_what_the_decision_is_refused_for_is_shown_and_the_next_item_waits_on(
    visit: Visit, reviewer: Actor, story: list[UUID]
) -> None:
    page = open_with_next(visit, reviewer, story[0])
    page.locator("[name='date/edtf']").fill("soon")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet.")
    expect(page.locator("[name='date/edtf']")).to_have_value("soon")
    expect(page.locator("#fix")).to_be_visible()  # the page's scripts have run
    page.locator("[name='date/edtf']").fill("2024-06-18")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(str(story[1])))


def test_a_server_that_does_not_answer_loses_nothing(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = open_with_next(visit, reviewer, story[0])
    page.locator("[name='place/name']").fill("Northmark")
    page.route("**/decision", lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not saved yet: the server does not answer.")).to_be_visible()
    page.unroute("**/decision")
    visit.complaints.clear()  # the browser's own line about the connection
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.get_by_role("status").first).to_contain_text("Fixed and approved")


def test_a_next_item_that_is_not_needed_is_given_back(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = open_with_next(visit, reviewer, story[0])
    page.get_by_role("link", name="Documents").click()
    page.wait_for_url("**/documents")
    wait_until_free(services, story[1], reviewer)
    assert item_of(services, story[0], reviewer).holder_id == reviewer.user_id


def test_the_next_item_is_kept_as_long_as_the_one_that_is_read(
    visit: Visit, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer)
    page.clock.install()
    with page.expect_response("**/next"):
        page.goto(f"/review/{story[0]}")
    before = item_of(services, story[1], reviewer).lease_until
    page.clock.fast_forward(60_000)
    with page.expect_response(f"**/review/{story[1]}/keep") as answered:
        page.mouse.move(300, 300)
        page.clock.run_for(2_000)
    assert answered.value.ok
    after = item_of(services, story[1], reviewer).lease_until
    assert before is not None
    assert after is not None
    assert after > before


def test_a_key_held_down_through_sixty_items_decides_sixty_times(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    text, drafts = many_visits(60)
    _, events = create_drafted_document(services, administrator, text, drafts)
    page = visit.sign_in(reviewer, f"/review/{events[0]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    keys = page.context.new_cdp_session(page)
    press_a(keys, is_repeat=False)
    while "/review/" in page.url:
        page.wait_for_timeout(REPEAT_MS)
        press_a(keys, is_repeat=True)
    for _ in range(20):
        press_a(keys, is_repeat=True)
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()
    with services.sessions() as session:
        decided = session.execute(select(func.count(), func.count(Decision.event_id.distinct()))).one()
    assert decided == (60, 60)


def press_a(keys: CDPSession, *, is_repeat: bool) -> None:
    """What a browser gets from the system for each repeat of a key that is held down."""
    key = {"key": "a", "code": "KeyA", "text": "a", "windowsVirtualKeyCode": 65, "autoRepeat": is_repeat}
    keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
