"""Records that people make: what the machine missed, two of one, one of two; and one that goes back to it."""

from __future__ import annotations

import dataclasses
import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from service.operations import reviews
from service.operations.actor import Actor
from service.services import Services
from service.store.models import Document
from tests.browser.conftest import Visit
from tests.browser.steps import field, open_item, record_of, unfold
from tests.factories import STORY, border_incident, create_drafted_document
from tests.factories import visit as draft_of_visit
from workers.extraction.records import Participant


@pytest.fixture
def drafted(services: Services, administrator: Actor) -> tuple[Document, list[UUID]]:
    """A document with two drafts of one visit, and a border incident."""
    other = dataclasses.replace(draft_of_visit(), participants=(Participant("host", "Sudmark", "state"),))
    return create_drafted_document(services, administrator, records=[draft_of_visit(), other, border_incident()])


def test_a_missed_event_is_added_from_the_work_page(
    visit: Visit, reviewer: Actor, services: Services, drafted: tuple[Document, list[UUID]]
) -> None:
    page = open_item(visit, reviewer, drafted[1][0])
    page.keyboard.press("n")
    page.keyboard.type("wounding two guards")
    box = page.get_by_role("dialog", name="Point at words")
    box.get_by_label(re.compile("an event that the machine missed")).select_option("border_incident/clash")
    box.get_by_role("button", name="Add the event").click()
    expect(page.locator("h1")).to_contain_text("No initiator named")
    page.wait_for_load_state()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    expect(page.locator("#text .ev--trigger")).to_have_text("wounding two guards")
    page.get_by_role("button", name="Add a participant").click()
    page.locator(field(page, "participants/0/name")).fill("soldiers of Norvale")
    added = UUID(page.url.rpartition("/")[2].partition("?")[0])
    page.get_by_role("button", name="Save 1 fix").click()
    page.wait_for_url(lambda url: str(added) not in url.partition("?")[0])
    record = record_of(services, added, reviewer)
    assert (record.event.state, record.current.body["details"]["action"]) == ("approved", "clash")
    assert [item.quote for item in record.current.evidence] == ["wounding two guards"]


def test_a_missed_event_is_added_from_the_document_by_a_plain_form(
    visit: Visit, reviewer: Actor, services: Services, drafted: tuple[Document, list[UUID]]
) -> None:
    page = visit.sign_in(reviewer, f"/documents/{drafted[0].id}", java_script_enabled=False)
    unfold(page, "Add an event that the machine missed")
    page.get_by_label(re.compile("Words that report it")).fill("norvale")
    page.get_by_label("What it is").select_option("treaty/signed")
    page.get_by_role("button", name="Add the event").click()
    expect(page.get_by_text("The words stand in several places.")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(3)
    page.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Add the event").click()
    page.wait_for_url(re.compile("/review/"))
    event_id = UUID(page.url.rpartition("/")[2].partition("?")[0])
    (evidence,) = record_of(services, event_id, reviewer).current.evidence
    assert evidence.start == STORY.rindex("Norvale")

    page.goto(f"/documents/{drafted[0].id}")
    unfold(page, "Add an event that the machine missed")
    page.get_by_label(re.compile("Words that report it")).fill("nowhere")
    page.get_by_label("What it is").select_option("treaty/signed")
    page.get_by_role("button", name="Add the event").click()
    expect(page.get_by_text("The text has no such words.")).to_be_visible()
    expect(page.get_by_label(re.compile("Words that report it"))).to_have_value("nowhere")


def test_selected_words_of_a_document_report_the_event(
    visit: Visit, reviewer: Actor, services: Services, drafted: tuple[Document, list[UUID]]
) -> None:
    page = visit.sign_in(reviewer, f"/documents/{drafted[0].id}")
    page.get_by_text("two days of talks").dblclick(position={"x": 5, "y": 5})
    expect(page.get_by_label(re.compile("Words that report it"))).not_to_have_value("")
    page.get_by_label(re.compile("Words that report it")).fill("two guards")
    page.get_by_label("What it is").select_option("border_incident/clash")
    page.get_by_role("button", name="Add the event").click()
    page.wait_for_url(re.compile("/review/"))
    event_id = UUID(page.url.rpartition("/")[2].partition("?")[0])
    assert [item.quote for item in record_of(services, event_id, reviewer).current.evidence] == ["two guards"]


def test_a_record_is_split_and_changes_are_to_be_saved_before(
    visit: Visit, reviewer: Actor, services: Services, drafted: tuple[Document, list[UUID]]
) -> None:
    page = open_item(visit, reviewer, drafted[1][2])
    page.locator(field(page, "place/name")).fill("Grey Line, north")
    unfold(page, "Split, merge, send back")
    page.get_by_label("two guards", exact=True).check()
    page.get_by_role("button", name="Split").click()
    expect(page.get_by_role("alert")).to_contain_text("Save your changes, or put them back")
    expect(page.locator(field(page, "place/name"))).to_have_value("Grey Line, north")
    page.wait_for_load_state()
    page.locator(".row[data-path='place']").get_by_role("button", name="Put back").click()
    page.get_by_label("two guards", exact=True).check()
    page.get_by_role("button", name="Split").click()
    page.get_by_role("link", name="the new record").click()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    names = [one["name"] for one in record_of(services, drafted[1][2], reviewer).current.body["participants"]]
    assert names == ["soldiers of Norvale"]


def test_two_records_become_one_by_a_plain_form(
    visit: Visit, reviewer: Actor, services: Services, drafted: tuple[Document, list[UUID]]
) -> None:
    first, second, _ = drafted[1]
    page = visit.sign_in(reviewer, f"/review/{first}", java_script_enabled=False)
    page.get_by_role("button", name="Take it").click()
    unfold(page, "Split, merge, send back")
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the record")
    page.get_by_role("radio", name=re.compile("No visitor named to Sudmark")).check()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator("[name='participants/1/name']")).to_have_value("Sudmark")
    assert record_of(services, second, reviewer).event.state == "superseded"


def test_a_record_goes_back_to_the_machine_with_a_reason(
    visit: Visit, reviewer: Actor, services: Services, drafted: tuple[Document, list[UUID]]
) -> None:
    page = open_item(visit, reviewer, drafted[1][0])
    unfold(page, "Split, merge, send back")
    page.get_by_role("button", name="Send back").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    page.get_by_label("Why, for the next reader").fill("two visits in one")
    page.get_by_role("button", name="Send back").click()
    page.wait_for_url(lambda url: str(drafted[1][0]) not in url.partition("?")[0])
    with services.sessions() as session:
        item = reviews.item_of(session, drafted[1][0], by=reviewer)
    assert (item.stage, item.note) == ("redraft", "two visits in one")
