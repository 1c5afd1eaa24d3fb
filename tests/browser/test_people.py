"""The administration of people, by who may."""

from __future__ import annotations

from playwright.sync_api import expect

from service.operations import people, second_reading
from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import create_drafted_document


def test_an_administrator_keeps_a_reviewer_to_families(
    visit: Visit, administrator: Actor, reviewer: Actor, services: Services
) -> None:
    create_drafted_document(services, administrator)
    page = visit.sign_in(administrator)
    page.get_by_role("link", name="Administration").click()
    of_rosa = page.get_by_role("group", name="Families that rosa reviews")
    of_rosa.get_by_label("Visit").check()
    page.get_by_role("button", name="Save rosa").click()
    expect(page.locator("#status")).to_contain_text("rosa is changed.")
    expect(of_rosa.get_by_label("Visit")).to_be_checked()
    theirs = visit.sign_in(reviewer)
    expect(theirs.locator(".toggle")).to_have_count(1)
    expect(theirs.locator(".items tbody tr")).to_have_count(1)
    theirs.goto("/administration/people")
    expect(theirs.get_by_role("heading", name="This is not yours to see")).to_be_visible()
    expect(theirs.get_by_role("link", name="Administration")).to_have_count(0)


def test_accounts_are_made_and_disabled(
    visit: Visit, administrator: Actor, reviewer: Actor, services: Services
) -> None:
    page = visit.sign_in(administrator, "/administration/people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_label("User name").fill("Aline")
    page.get_by_role("dialog", name="Add a person").get_by_label("Password").fill("correct horse battery staple")
    page.get_by_label("Role", exact=True).select_option("adjudicator")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#status")).to_contain_text("aline can sign in now.")
    page.get_by_role("button", name="Disable rosa").click()
    expect(page.locator("#status")).to_contain_text("rosa is signed out and cannot sign in any more.")
    with services.sessions() as session:
        known = {one.user.username: one.user for one in people.everybody(session, by=administrator)}
    assert (known["aline"].role, known["rosa"].disabled_at is not None) == ("adjudicator", True)
    page.get_by_role("button", name="Let in again rosa").click()
    expect(page.get_by_role("button", name="Disable rosa")).to_be_visible()
    expect(page.get_by_role("button", name="Disable ada")).to_have_count(0)


def test_shares_of_second_readings_and_hidden_checks_are_set(
    visit: Visit, administrator: Actor, services: Services
) -> None:
    page = visit.sign_in(administrator, "/administration/people")
    page.get_by_label("Second readings of Treaty, per cent").fill("12.5")
    page.get_by_label("Hidden checks of Visit, per cent").fill("3")
    page.get_by_role("button", name="Save the shares").click()
    expect(page.locator("#status")).to_contain_text("The shares are set")
    expect(page.get_by_label("Second readings of Treaty, per cent")).to_have_value("12.5")
    with services.sessions() as session:
        rules = {one.family: one for one in second_reading.rules(session, by=administrator)}
    assert (rules["treaty"].second_share, rules["visit"].gold_share) == (0.125, 0.03)
