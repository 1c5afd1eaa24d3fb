"""What is wrong with a form is told at its fields while somebody types."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import expect

from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.browser.steps import field, open_item, record_of
from tests.factories import create_drafted_document


@pytest.fixture
def border(services: Services, administrator: Actor) -> UUID:
    """A border incident that waits."""
    return create_drafted_document(services, administrator)[1][1]


def test_a_complaint_comes_while_somebody_types_and_goes_when_it_is_met(
    visit: Visit, reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    date, row = page.locator(field(page, "date/edtf")), page.locator(".row[data-path='date']")
    date.press_sequentially("2024-06-31")
    expect(row).to_contain_text("Must be a date in EDTF")
    expect(date).to_have_attribute("aria-invalid", "true")
    expect(date).to_have_accessible_description(
        "Date in EDTF: Must be a date in EDTF, as in 2024-06-18, 2024-06 or 2024-06-18/2024-06-20."
    )
    expect(page.locator("#checked")).to_contain_text("Date in EDTF: Must be a date")
    expect(date).to_be_focused()
    page.locator(field(page, "participants/1/country")).fill("XQX")
    expect(page.locator(".row__note--error")).to_have_count(2)

    date.fill("2024-06-30")
    expect(row.locator(".row__note--error")).to_have_count(0)
    expect(date).not_to_have_attribute("aria-invalid", "true")
    page.locator(".row[data-path='participants/1']").get_by_role("button", name="Put back").click()
    expect(page.locator("#checked")).to_have_text("Everything can be saved.")
    assert record_of(services, border, reviewer).event.revision == 1


def test_complaints_stand_at_their_rows_while_others_are_added_and_taken_out(
    visit: Visit, reviewer: Actor, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    page.locator(".row[data-path='participants/0'] .remove").click()
    page.get_by_role("button", name="Add a participant").click()
    page.locator(field(page, "participants/2/country")).fill("QQQ")
    row = page.locator(".row[data-path='participants/2']")
    expect(row).to_contain_text("Must not be blank")
    expect(row).to_contain_text("Must be an ISO 3166-1")
    expect(page.locator(".row__note--error")).to_have_count(2)
