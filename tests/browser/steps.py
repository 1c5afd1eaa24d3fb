"""What the browser tests do again and again."""

from __future__ import annotations

from uuid import UUID

from playwright.sync_api import Page, expect

from service.operations import records
from service.operations.actor import Actor
from service.operations.records import Record
from service.services import Services
from tests.browser.conftest import Visit


def record_of(services: Services, event_id: UUID, by: Actor) -> Record:
    with services.sessions() as session:
        return records.get(session, event_id, by=by)


def open_item(visit: Visit, who: Actor, event_id: UUID) -> Page:
    """The item's page, claimed."""
    page = visit.sign_in(who, f"/review/{event_id}")
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    return page


def unfold(page: Page, summary: str) -> None:
    """Opens what is folded away below the summary, by key: what else moves on the page is not in the way then."""
    page.locator("summary", has_text=summary).press("Enter")


def wait_for_scripts(page: Page) -> None:
    """Until the scripts of an item's page, or of the page of a refused decision, have run: its buttons work without
    them, too, but by a page load.
    """
    expect(page.locator("#fix:not([hidden]), #merge-save[aria-disabled]")).to_be_attached()


def field(page: Page, path: str) -> str:
    return f"#record-form [name='{path}']"


def number_of(page: Page, path: str) -> str:
    return page.locator(f"#record-form .row[data-path='{path}']").get_attribute("data-n") or ""
