"""The page that explains the API, in a browser that enforces its content security policy."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_the_api_is_explained_and_can_be_tried(visit: Visit, api_key: str) -> None:
    page = visit.page()
    page.goto("/api/docs")
    expect(page.get_by_role("heading", name="Legation")).to_be_visible()
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label("Value").fill(api_key)
    page.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").click()
    page.locator("#operations-documents-list_documents").get_by_role("button").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
