"""A decision that was refused: the page shows what both sides did, field by field, and nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from service.operations import claims, reviews
from service.operations.actor import Actor
from service.operations.reviews import Verdict
from service.services import Services
from tests.browser.conftest import PHONE, Visit
from tests.browser.steps import arrive, field, open_item, record_of
from tests.factories import create_drafted_document

LEASE = 180


@pytest.fixture
def border(services: Services, administrator: Actor) -> UUID:
    """A border incident that waits."""
    return create_drafted_document(services, administrator)[1][1]


def overtake(services: Services, event_id: UUID, first: Actor, second: Actor, verdict: Verdict) -> None:
    """While the first one was away, the second one claims and decides."""
    with services.sessions() as session:
        claims.release(session, event_id, 1, by=first)
        lease = claims.claim(session, event_id, by=second, seconds=LEASE)
        revision = record_of(services, event_id, first).event.revision
        reviews.decide(session, event_id, verdict, revision=revision, by=second, lease=lease.number)


def fix(**changes: Any) -> Verdict:
    return Verdict("fix", {path.replace("__", "/"): value for path, value in changes.items()})


def row(page: Page, label: str) -> Locator:
    return page.locator(".merge tbody tr", has=page.locator("th", has_text=re.compile(f"^{label}")))


def choice(page: Page, label: str, value: str) -> Locator:
    return row(page, label).locator(".pick", has_text=value).get_by_role("radio")


def test_what_one_side_changed_is_chosen_and_what_both_changed_waits_for_a_choice(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    page.locator(field(page, "place/name")).fill("Grey Line, north")
    page.locator(field(page, "details/killed")).fill("1")
    page.get_by_text("Older event, told as background").click()
    theirs = fix(modality="alleged", place__name="Greyline", details__killed=1)
    overtake(services, border, reviewer, second_reviewer, theirs)
    with page.expect_response("**/decision") as refused:
        page.get_by_role("button", name="Save 3 fixes").click()
    assert refused.value.status == 412

    expect(page.get_by_role("alert")).to_contain_text(f"Not saved. {second_reviewer.username} fixed and approved")
    expect(page.get_by_role("alert")).to_contain_text("3 fields differ, 1 needs your choice")
    expect(page.locator(".merge tbody tr")).to_have_count(3)  # what both changed alike is not asked
    expect(row(page, "Modality")).to_contain_text(f"changed by {second_reviewer.username} only")
    expect(choice(page, "Modality", "alleged")).to_be_checked()
    expect(choice(page, "Older event", "yes")).to_be_checked()
    expect(row(page, "Place").locator(":checked")).to_have_count(0)
    expect(page.locator(".passages")).to_contain_text("soldiers of Norvale crossed the Grey Line into Sudmark")
    expect(page.get_by_text("1 field still needs a choice")).to_be_visible()

    page.keyboard.press("Control+Enter")
    expect(choice(page, "Place", "Greyline")).to_be_focused()  # asked for, and nothing was sent
    choice(page, "Place", "Grey Line, north").check()
    expect(page.get_by_text("still needs a choice")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: str(border) not in url.partition("?")[0])

    saved = record_of(services, border, reviewer)
    assert (saved.event.state, saved.event.revision) == ("approved", 3)
    assert saved.current.body["place"]["name"] == "Grey Line, north"
    assert (saved.current.body["modality"], saved.current.body["background"]) == ("alleged", True)
    assert saved.current.body["details"]["killed"] == 1
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('typed'))") == []


def test_another_value_opens_the_field_and_a_wrong_one_is_told_there(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    page.locator(field(page, "participants/1/name")).fill("guards")
    overtake(services, border, reviewer, second_reviewer, fix(participants__1__name="border guards"))
    page.get_by_role("button", name="Save 1 fix").click()

    arrive(page, "#merge-form")
    target = row(page, "Target")
    target.get_by_label("another value").check()
    expect(target.get_by_label("Name")).to_be_focused()
    expect(target.get_by_label("Name")).to_have_value("guards")
    target.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save as revision 3").click()
    expect(target).to_contain_text("Must not be blank")
    arrive(page, "#merge-form")
    target.get_by_label("Name").fill("two border guards of Sudmark")
    page.get_by_role("button", name="Save as revision 3").click()
    page.wait_for_url(lambda url: str(border) not in url.partition("?")[0])
    names = [one["name"] for one in record_of(services, border, reviewer).current.body["participants"]]
    assert names == ["soldiers of Norvale", "two border guards of Sudmark"]


def test_a_participant_that_another_took_out_can_be_kept(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    page.locator(field(page, "participants/0/kind")).select_option("armed_group")
    overtake(services, border, reviewer, second_reviewer, fix(participants__0=None))
    page.get_by_role("button", name="Save 1 fix").click()
    initiator = row(page, "Initiator")
    expect(initiator).to_contain_text("not in the record")
    initiator.get_by_label(re.compile("soldiers of Norvale.*armed group")).check()
    page.get_by_role("button", name="Save as revision 3").click()
    page.wait_for_url(lambda url: str(border) not in url.partition("?")[0])
    kinds = {one["name"]: one["kind"] for one in record_of(services, border, reviewer).current.body["participants"]}
    assert kinds == {"two guards": "armed_forces", "soldiers of Norvale": "armed_group"}


def test_a_second_refusal_keeps_what_was_chosen_on_the_first(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    page.locator(field(page, "place/name")).fill("Grey Line, north")
    overtake(services, border, reviewer, second_reviewer, fix(place__name="Greyline"))
    page.get_by_role("button", name="Save 1 fix").click()
    choice(page, "Place", "Grey Line, north").check()
    with services.sessions() as session:
        reviews.decide(session, border, fix(place__name="Gray Line"), revision=2, by=second_reviewer)
    page.get_by_role("button", name="Save as revision 3").click()
    expect(page.get_by_role("columnheader", name="Before, revision 2")).to_be_visible()
    expect(row(page, "Place").locator(".merge__was")).to_contain_text("Greyline")
    choice(page, "Place", "Grey Line, north").check()
    page.get_by_role("button", name="Save as revision 4").click()
    page.wait_for_url(lambda url: str(border) not in url.partition("?")[0])
    assert record_of(services, border, reviewer).current.body["place"]["name"] == "Grey Line, north"


def test_the_other_revision_can_be_kept(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    page.locator(field(page, "place/name")).fill("Grey Line, north")
    overtake(services, border, reviewer, second_reviewer, Verdict("reject", reason="not_an_event"))
    page.get_by_role("button", name="Save 1 fix").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{second_reviewer.username} rejected this record")
    arrive(page, "#merge-form")
    page.get_by_role("button", name="Keep revision 2").click()
    page.wait_for_url(lambda url: str(border) not in url.partition("?")[0])
    assert record_of(services, border, reviewer).event.state == "rejected"
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('typed'))") == []


def test_a_claim_that_was_given_up_is_taken_again_by_saving(
    visit: Visit, reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    page.locator(field(page, "place/name")).fill("Grey Line, north")
    with services.sessions() as session:
        claims.release(session, border, 1, by=reviewer)
    with page.expect_response("**/decision") as refused:
        page.get_by_role("button", name="Save 1 fix").click()
    assert refused.value.status == 409
    expect(page.get_by_role("alert")).to_contain_text("Your claim on this item was given up")

    with page.expect_response("**/keep"):  # the page has renewed the new claim
        page.get_by_role("button", name="Go on in its form").click()
    expect(page.locator(field(page, "place/name"))).to_have_value("Grey Line, north")
    with services.sessions() as session:
        claims.release(session, border, 2, by=reviewer)
    page.get_by_role("button", name="Save 1 fix").click()
    page.get_by_role("button", name="Save as revision 2").click()
    page.wait_for_url(lambda url: str(border) not in url.partition("?")[0])
    saved = record_of(services, border, reviewer)
    assert (saved.event.state, saved.current.body["place"]["name"]) == ("approved", "Grey Line, north")


def test_a_rejection_keeps_its_reason_until_the_item_is_taken_over(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, border: UUID
) -> None:
    page = open_item(visit, reviewer, border)
    with services.sessions() as session:
        claims.release(session, border, 1, by=reviewer)
        claims.claim(session, border, by=second_reviewer, seconds=LEASE)
    page.get_by_role("button", name="Reject").click()
    dialog = page.get_by_role("dialog", name="Reject this record")
    dialog.get_by_label("The same event as another record").check()
    dialog.get_by_label("Note, for the history").fill("told above")
    dialog.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{second_reviewer.username} holds this item now")
    page.get_by_role("button", name="Reject it").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{second_reviewer.username} holds this item now")
    page.get_by_role("button", name="Take it over and save").click()
    page.wait_for_url(lambda url: str(border) not in url.partition("?")[0])
    decision = record_of(services, border, reviewer).decision
    assert decision is not None
    assert (decision.reason, decision.reason_text) == ("duplicate", "told above")


def test_a_merge_works_without_scripts_and_on_a_phone(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, border: UUID
) -> None:
    page = visit.sign_in(reviewer, f"/review/{border}", java_script_enabled=False, viewport=PHONE)
    page.get_by_role("button", name="Take it").click()
    page.locator("[name='place/name']").fill("Grey Line, north")
    overtake(services, border, reviewer, second_reviewer, fix(place__name="Greyline"))
    page.get_by_role("button", name="Approve").click()
    assert page.locator("html").evaluate("one => one.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Save as revision 3").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved.")  # the browser asked for the choice
    choice(page, "Place", "another value").check()
    row(page, "Place").get_by_label("Name").fill("the Grey Line")
    page.get_by_role("button", name="Save as revision 3").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert record_of(services, border, reviewer).current.body["place"]["name"] == "the Grey Line"
