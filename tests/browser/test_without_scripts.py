"""The pages work as plain forms, for browsers and networks that bring no script."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from service.operations import records
from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import create_drafted_document


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    _, events = create_drafted_document(services, administrator)
    return events


@pytest.fixture
def page(visit: Visit, reviewer: Actor, story: list[UUID]) -> Page:
    """The first item, taken by its button."""
    page = visit.sign_in(reviewer, f"/review/{story[0]}", java_script_enabled=False)
    expect(page.locator("#record-form [name='place/name']")).to_be_disabled()
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text(re.compile("Held by you"))).to_be_visible()
    return page


def test_a_record_is_fixed_by_a_plain_form(page: Page, services: Services, reviewer: Actor, story: list[UUID]) -> None:
    page.locator("[name='place/name']").fill("Northmark")
    page.get_by_role("button", name="Add a participant").click()
    expect(page.locator("[name='place/name']")).to_have_value("Northmark")
    page.locator("[name='participants/1/name']").fill("the hosts")
    page.get_by_role("button", name="Add a source").click()
    page.locator(".row[data-path='place']").get_by_role("button", name="Put back").click()
    expect(page.locator("[name='place/name']")).to_have_value("Sudmark")
    expect(page.locator("[name='participants/1/name']")).to_have_value("the hosts")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(re.compile(str(story[1])))
    expect(page.get_by_role("status")).to_contain_text("Fixed and approved: Visit")

    with services.sessions() as session:
        saved = records.get(session, story[0], by=reviewer)
    assert [one["name"] for one in saved.current.body["participants"]] == ["Ada Larsen", "the hosts"]
    assert len(saved.current.body["attributed_to"]) == 1
    assert saved.current.body["place"]["name"] == "Sudmark"


def test_an_item_is_given_back_by_a_plain_form(page: Page, story: list[UUID]) -> None:
    page.get_by_role("button", name="Give back").click()
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    expect(page.locator("tr.is-here")).to_have_count(0)


def test_filters_and_ticks_are_plain_forms(page: Page, services: Services, reviewer: Actor, story: list[UUID]) -> None:
    page.goto("/")
    page.get_by_label("Why it is here").select_option("modality")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".items tbody tr")).to_have_count(1)
    page.get_by_role("checkbox", name="Tick soldiers of Norvale").check()
    page.get_by_role("button", name="Decide together").click()
    page.get_by_role("button", name="Approve the ticked ones").click()
    expect(page.get_by_role("status")).to_contain_text("1 record decided")
    with services.sessions() as session:
        assert records.get(session, story[1], by=reviewer).event.state == "approved"
