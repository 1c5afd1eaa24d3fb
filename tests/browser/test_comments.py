"""Comments beside a record, which lead to their field and its words."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import expect

from service.operations import comments
from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.browser.steps import field, open_item, record_of
from tests.factories import create_drafted_document

MARKER = "rgb(255, 234, 163)"  # the highlighter's colour, by day


@pytest.fixture
def item(services: Services, administrator: Actor) -> UUID:
    return create_drafted_document(services, administrator)[1][0]


def test_a_comment_on_the_field_in_focus_leads_back_to_it_and_is_resolved(
    visit: Visit, reviewer: Actor, services: Services, item: UUID
) -> None:
    page = open_item(visit, reviewer, item)
    page.locator(field(page, "place/name")).fill("Northmark")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_label("About")).to_have_value("place")
    page.keyboard.type("Or is it <b>Sudmark</b>?")
    page.keyboard.press("Control+Enter")  # here it sends the comment, and does not decide
    comment = page.locator(".comment")
    expect(comment).to_contain_text("Or is it <b>Sudmark</b>?")
    expect(page.get_by_role("heading", name="Comments, 1 open")).to_be_visible()
    expect(page.locator(field(page, "place/name"))).to_have_value("Northmark")
    comment.get_by_role("link").click()
    expect(page.locator(field(page, "place/name"))).to_be_focused()
    number = page.locator(".row[data-path='place']").get_attribute("data-n")
    expect(page.locator(f"#text .ev[data-n~='{number}']")).to_have_css("background-color", MARKER)
    comment.get_by_role("button", name="Resolve").click()
    expect(comment).to_contain_text(f"resolved by {reviewer.username}")
    assert record_of(services, item, reviewer).event.state == "draft"


def test_a_comment_needs_no_script_and_loses_nothing_typed(
    visit: Visit, reviewer: Actor, services: Services, item: UUID
) -> None:
    page = visit.sign_in(reviewer, f"/review/{item}", java_script_enabled=False)
    page.get_by_role("button", name="Take it").click()
    page.locator("[name='place/name']").fill("Northmark")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_label("Comment", exact=True)).to_have_accessible_description("Must not be blank.")
    page.get_by_label("Comment", exact=True).fill("Look at the map.")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator(".comment")).to_contain_text("Look at the map.")
    expect(page.locator("[name='place/name']")).to_have_value("Northmark")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator("[name='place/name']")).to_have_value("Northmark")
    with services.sessions() as session:
        assert comments.find(session, item, by=reviewer)[0].resolved_at is not None
