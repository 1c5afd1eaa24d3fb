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


def arrive(page: Page, selector: str) -> None:
    """Until the page that has such an element is there, with its scripts: pages work before these have run, too, but a
    button loads the next page then, and a key is not heard.
    """
    expect(page.locator(selector).first).to_be_attached()
    page.wait_for_load_state()


def field(page: Page, path: str) -> str:
    return f"#record-form [name='{path}']"


def number_of(page: Page, path: str) -> str:
    return page.locator(f"#record-form .row[data-path='{path}']").get_attribute("data-n") or ""
