"""The map of approved events: marks where the places are, the records behind them, by mouse and by key."""

from __future__ import annotations

import dataclasses
import re

import pytest
from playwright.sync_api import Page, Route, expect

from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import border_incident, create_decision, create_drafted_document
from tests.factories import visit as a_visit
from workers.extraction.records import EventRecord, Place

PRAGUE = Place("Prague", "CZE", 3067696, 50.08804, 14.42076)
VIENNA = Place("<b>Vienna</b>", "AUT", 2761369, 48.20849, 16.37208)
HAVANA = Place("Havana", "CUB", 3553478, 23.13302, -82.38304)


def at(record: EventRecord, place: Place) -> EventRecord:
    return dataclasses.replace(record, place=place)


@pytest.fixture
def approved(services: Services, administrator: Actor, reviewer: Actor) -> None:
    """Two visits to Prague, an incident in Vienna, a visit to Havana, and one to a place without coordinates."""
    visits = [at(a_visit(), place) for place in (PRAGUE, PRAGUE, HAVANA, Place("Sudmark"))]
    _, events = create_drafted_document(services, administrator, records=[*visits, at(border_incident(), VIENNA)])
    for event_id in events:
        create_decision(services, event_id, by=reviewer)


@pytest.fixture
def page(visit: Visit, reviewer: Actor, approved: None) -> Page:
    page = visit.sign_in(reviewer, "/map")
    expect(page.locator("#map[data-ready]")).to_be_visible()
    return page


def middle(page: Page, name: str) -> tuple[float, float]:
    box = page.locator("#map").get_by_role("link", name=name).locator("span").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_marks_stand_where_the_places_are(page: Page) -> None:
    expect(page.locator("#map .land").nth(100)).to_be_attached()
    expect(page.get_by_text("4 approved records at 3 places; 1 more names no place")).to_be_visible()
    page.locator("#map").get_by_role("link", name="Prague and 1 more place, 3 records").click()
    prague, vienna = middle(page, "Prague, 2 records"), middle(page, "Vienna</b>, 1 record")
    assert vienna[0] > prague[0], "Vienna is east of Prague"
    assert vienna[1] > prague[1], "and south of it"
    per_degree = (vienna[0] - prague[0]) / (VIENNA.lon - PRAGUE.lon)  # type: ignore[operator]
    assert (vienna[1] - prague[1]) / (PRAGUE.lat - VIENNA.lat) == pytest.approx(per_degree, rel=0.02)  # type: ignore[operator]


def test_a_place_is_opened_by_keys_alone(page: Page) -> None:
    page.locator("#map").focus()
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Havana, 1 record":
            break
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="Havana, Cuba")
    expect(heading).to_be_focused()
    expect(page.locator("#map [aria-current]")).to_have_accessible_name("Havana, 1 record")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ada Larsen to Havana")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_title("Ada Larsen to Havana · Legation")
    page.wait_for_load_state()
    page.go_back()
    expect(page.get_by_role("heading", name="Havana, Cuba")).to_be_visible()
    page.wait_for_load_state()
    page.go_back()
    expect(page.get_by_role("heading", name="Places")).to_be_visible()


def test_going_back_before_the_map_is_drawn_is_heard(page: Page) -> None:
    page.locator("#map").get_by_role("link", name="Havana, 1 record").click()
    expect(page.get_by_role("heading", name="Havana, Cuba")).to_be_visible()
    waiting: list[Route] = []
    page.route("**/places.geojson*", lambda route: waiting.append(route))
    page.reload()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/map$"))
    waiting.pop().continue_()
    expect(page.get_by_role("heading", name="Places")).to_be_visible()


def test_the_table_says_the_same_and_filters_both(page: Page) -> None:
    expect(page.get_by_role("row", name="Prague, Czechia 2 2")).to_be_visible()
    page.get_by_role("checkbox", name="Border incident").check()
    expect(page.get_by_text("1 approved record at 1 place")).to_be_visible()
    expect(page.locator("#map .spot")).to_have_count(1)
    page.get_by_role("link", name="<b>Vienna</b>", exact=True).click()
    expect(page.get_by_role("heading", name="<b>Vienna</b>, Austria")).to_be_focused()


def test_without_scripts_the_table_leads_to_the_records(visit: Visit, reviewer: Actor, approved: None) -> None:
    page = visit.sign_in(reviewer, "/map", java_script_enabled=False)
    expect(page.locator("#map")).to_be_hidden()
    page.get_by_role("link", name="Havana").click()
    expect(page.get_by_role("link", name="Ada Larsen to Havana")).to_be_visible()
