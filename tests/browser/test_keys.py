"""Single keys are each person's own: changed, emptied, switched off, on all pages."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.browser.steps import field, open_item, record_of
from tests.factories import create_drafted_document


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


def focused(page: Page) -> str:
    """The name of the control in focus, or its id."""
    return str(page.evaluate("document.activeElement.name || document.activeElement.id"))


def test_a_key_of_one_s_own_works_and_is_shown(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer)
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").get_by_role("link", name="Change keys").click()
    page.get_by_label("Approve as drafted").fill("x")
    page.get_by_label("Modality").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")

    page.goto(f"/review/{story[0]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    expect(page.locator("#save kbd").first).to_have_text("X")
    page.keyboard.press("m")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.closest('.row')") is None
    page.keyboard.press("x")
    page.wait_for_url(re.compile(str(story[1])))


def test_one_key_is_for_one_action(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer, "/account/keys")
    page.get_by_label("Approve as drafted").fill("R")
    page.get_by_label("Modality").fill("up")
    page.get_by_label("Search", exact=True).fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet.")
    for label in ("Approve as drafted", "Reject, then the digit of a reason"):
        expect(page.get_by_label(label)).to_have_accessible_description("Only one action can have the key R.")
    expect(page.get_by_label("Modality")).to_have_accessible_description("Must be one letter or sign.")
    expect(page.get_by_label("Modality")).to_have_value("UP")
    expect(page.get_by_label("Search", exact=True)).to_have_accessible_description(
        re.compile("Digits go to the fields")
    )
    page.get_by_role("button", name="Back to the usual keys").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_label("Approve as drafted")).to_have_value("A")


def test_single_keys_can_be_switched_off(visit: Visit, reviewer: Actor, services: Services, story: list[UUID]) -> None:
    page = open_item(visit, reviewer, story[0])
    page.keyboard.press("?")
    with page.expect_response("**/account/keys/switch"):
        page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#save kbd").first).to_be_hidden()
    page.reload()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.keyboard.press("a")
    page.keyboard.press("j")
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_label("Single keys are on")).not_to_be_checked()
    assert record_of(services, story[0], reviewer).event.state == "draft"


def test_the_slash_leads_to_the_search(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer, "/documents")
    page.keyboard.press("/")
    expect(page.get_by_label("Search documents and records")).to_be_focused()
    expect(page.get_by_label("Search documents and records")).to_have_value("")


def test_tab_goes_through_the_fields_to_check_for_who_asks_for_that(
    visit: Visit, reviewer: Actor, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer, "/account/keys")
    page.get_by_label("goes only to fields to check").check()
    page.get_by_role("button", name="Save").click()
    page.goto(f"/review/{story[0]}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.locator("h1").focus()
    seen = []
    while not seen or seen[-1] != "decision":
        page.keyboard.press("Tab")
        seen.append(focused(page))
    assert seen == ["date/edtf", "date/text", "decision"]
    page.keyboard.press("Tab")
    expect(page.locator("#fix")).to_be_focused()
    page.locator(field(page, "place/name")).focus()
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "date/text"
