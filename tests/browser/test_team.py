"""The team page: charts with words and tables, in the colours of the theme, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from service.operations import claims, reviews
from service.operations.actor import Actor
from service.operations.reviews import Verdict
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import STORY, create_decision, create_drafted_document, create_pair
from tests.factories import visit as a_visit

DRAWN_BARS = ".mark-rect path:not([stroke-opacity='0'])"


@pytest.fixture
def worked(services: Services, administrator: Actor, reviewer: Actor) -> None:
    """A visit, claimed and fixed, and a border incident, rejected."""
    _, (visit, incident) = create_drafted_document(services, administrator)
    with services.sessions() as session:
        lease = claims.claim(session, visit, by=reviewer, seconds=60)
        verdict = Verdict("fix", {"date/edtf": "1920-02-02"})
        reviews.decide(session, visit, verdict, revision=1, by=reviewer, lease=lease.number)
    create_decision(services, incident, "reject", by=reviewer, reason="not_an_event")


def figure(page: Page, name: str) -> Locator:
    return page.get_by_role("figure").filter(has=page.get_by_role("heading", name=name))


def colour_of(mark: Locator) -> str:
    return str(mark.evaluate("mark => getComputedStyle(mark).stroke"))


def test_charts_say_what_they_found_and_have_a_table_behind(visit: Visit, reviewer: Actor, worked: None) -> None:
    page = visit.sign_in(reviewer, "/team")
    for heading in (
        "records make 50% of 2 decisions",
        "Half of the visit records take up to",
        "The field fixed most often: date",
        "Records that said 90% or more: 100 in 100 not rejected",
        "Fields that said 90% or more: 100 in 100 left as they were",
    ):
        shown = figure(page, heading)
        expect(shown.get_by_role("img")).to_be_visible()
        shown.get_by_text("Table").click()
        expect(shown.get_by_role("table")).to_be_visible()
    days = figure(page, "50% of 2 decisions").get_by_role("table")
    expect(days.get_by_role("columnheader", name="Border incident")).to_be_visible()
    expect(days.get_by_role("row", name="1 0 1 0 0 0 0 0 1 0 0 1")).to_be_visible()
    expect(figure(page, "Records that said").get_by_role("row", name="90% to 95% 1 100% 21% to 100%")).to_be_visible()
    facts = page.locator(".strip")
    expect(facts).to_contain_text(re.compile(r"Decided today\s*2"))
    expect(facts).to_contain_text("fixed 50%, rejected 50%")


def test_bars_stand_on_their_axis_as_high_as_their_number(
    visit: Visit, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    """Two visits are drafted, one is approved."""
    _, (first, _) = create_drafted_document(services, administrator, records=[a_visit(), a_visit()])
    create_decision(services, first, by=reviewer)
    page = visit.sign_in(reviewer, "/team")
    bars = figure(page, "100% of 1 decision").locator(DRAWN_BARS).all()
    drafted, approved = (
        bar.evaluate("bar => { const { y, height } = bar.getBBox(); return [y, height] }") for bar in bars
    )
    assert drafted[1] == pytest.approx(2 * approved[1])
    assert sum(drafted) == pytest.approx(sum(approved))


def test_agreement_is_drawn_where_there_is_any(
    visit: Visit, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    readers = (reviewer, second_reviewer)
    create_pair(services, administrator, readers)
    create_pair(services, administrator, readers, text=f"{STORY} ", modality="planned")
    page = visit.sign_in(reviewer, "/team")
    shown = figure(page, "Least agreement: modality of visit records, 1.00")
    expect(shown.get_by_role("img")).to_be_visible()
    shown.get_by_text("Table").click()
    expect(shown.get_by_role("row", name="Visit: Modality 1.00 100% 2")).to_be_visible()


def test_charts_follow_the_choice_of_the_theme(visit: Visit, reviewer: Actor, worked: None) -> None:
    page = visit.sign_in(reviewer, "/team", color_scheme="light")
    bar = figure(page, "50% of 2 decisions").locator(".mark-rect path[aria-hidden=false], .mark-rect path").first
    assert colour_of(bar) == "rgb(43, 86, 166)"
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("radio", name="Dark").check()
    assert colour_of(bar) == "rgb(147, 180, 240)"


def test_the_period_is_chosen(visit: Visit, reviewer: Actor, worked: None) -> None:
    page = visit.sign_in(reviewer, "/team")
    page.get_by_label("Period").select_option("Last 90 days")
    page.wait_for_url("**/team?days=90")
    expect(page.get_by_label("Period")).to_have_value("90")
    expect(figure(page, "50% of 2 decisions").get_by_role("img")).to_be_visible()


def test_the_page_of_a_new_installation_says_that_nothing_is_there(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer, "/team", java_script_enabled=False)
    for heading in (
        "Nothing was drafted or decided",
        "No decision was timed",
        "No field was fixed",
        "Fields: no draft was read",
    ):
        expect(figure(page, heading)).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(0)


def test_the_queue_tells_the_progress_of_the_day(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, worked: None
) -> None:
    page = visit.sign_in(second_reviewer)
    expect(page.get_by_role("navigation", name="Views")).to_contain_text("0 decided by you, 2 by all")
    page = visit.sign_in(reviewer, "/decided")
    expect(page.get_by_role("navigation", name="Views")).to_contain_text("2 decided by you, 2 by all")


def test_drafts_on_which_nobody_has_decided_yet_are_told(
    visit: Visit, reviewer: Actor, services: Services, administrator: Actor
) -> None:
    create_drafted_document(services, administrator)
    page = visit.sign_in(reviewer, "/team")
    expect(page.get_by_role("heading", name="Nothing was decided")).to_be_visible()
