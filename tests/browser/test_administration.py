"""The administrators' pages."""

from __future__ import annotations

from playwright.sync_api import expect

from service.operations import documents
from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import create_failed_document

TIMEOUT = {"failure": "timeout", "detail": "No progress."}


def test_failed_documents_are_drafted_again_one_by_one_or_by_kind(
    visit: Visit, administrator: Actor, services: Services
) -> None:
    """Without scripts, too."""
    one = create_failed_document(services, administrator, title="Unreadable")
    late = [create_failed_document(services, administrator, f"Text {number}.", **TIMEOUT) for number in range(2)]
    page = visit.sign_in(administrator, java_script_enabled=False)
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Failed documents").click()
    page.get_by_role("button", name="Draft again Unreadable").click()
    expect(page.locator("#status")).to_contain_text("1 document will be drafted again.")
    expect(page.get_by_role("link", name="Unreadable")).to_have_count(0)
    page.get_by_role("button", name="Draft all 2 again timeout").click()
    expect(page.locator("#status")).to_contain_text("2 documents will be drafted again.")
    expect(page.get_by_role("heading", name="No document has failed.")).to_be_visible()
    with services.sessions() as session:
        states = {documents.get(session, made.id, by=administrator).state for made in (one, *late)}
    assert states == {"received"}
