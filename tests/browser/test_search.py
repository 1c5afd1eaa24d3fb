"""The search, from the field that every page has."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import expect

from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import PHONE, Visit
from tests.factories import STORY, create_document, create_drafted_document


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator, title="A visit and a crossing")[1]


def test_a_search_from_any_page_leads_to_records_and_documents(
    visit: Visit, reviewer: Actor, story: list[UUID]
) -> None:
    page = visit.sign_in(reviewer, "/documents")
    field = page.get_by_role("searchbox", name="Search documents and records")
    field.fill("soldiers")
    field.press("Enter")
    results = page.get_by_role("list", name="Results").locator("> li")
    expect(results).to_have_count(2)
    expect(page.get_by_role("status")).to_have_text("2 results, the best first")
    expect(results.nth(0).locator("mark")).to_have_text("soldiers")
    expect(results.nth(1)).to_contain_text("A visit and a crossing")
    page.get_by_label("Records or documents").select_option("record")
    expect(results).to_have_count(1)
    results.nth(0).get_by_role("link", name="soldiers of Norvale").click()
    page.wait_for_url(f"**/review/{story[1]}")


def test_nothing_found_says_how_to_search(visit: Visit, reviewer: Actor, story: list[UUID]) -> None:
    page = visit.sign_in(reviewer, "/search?q=zeppelin")
    expect(page.get_by_role("heading", name="Nothing found.")).to_be_visible()
    page.goto("/search?q=" + "a" * 300)
    expect(page.get_by_role("alert")).to_contain_text("Must not be longer than 200 characters.")


def test_words_with_markup_stay_words(visit: Visit, reviewer: Actor, administrator: Actor, services: Services) -> None:
    create_document(services, administrator, "<img src=x onerror=alert(1)> <b>bold</b>")
    page = visit.sign_in(reviewer, "/search?q=<b>bold</b>")
    expect(page.locator(".result__words")).to_contain_text("<b>bold</b>")
    expect(page.locator(".result__words mark")).to_have_text(["b", "bold", "b"])


def test_more_results_are_a_page_away(visit: Visit, reviewer: Actor, administrator: Actor, services: Services) -> None:
    for number in range(25):
        create_document(services, administrator, f"{STORY}{number}")
    page = visit.sign_in(reviewer, "/search?q=sudmark", viewport=PHONE)
    results = page.get_by_role("list", name="Results").locator("> li")
    expect(results).to_have_count(20)
    page.get_by_role("link", name="More results").click()
    expect(results).to_have_count(5)
    page.get_by_role("link", name="The best").click()
    expect(results).to_have_count(20)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
