"""Settling what two readers differ in: by mouse, by keys alone, and without scripts."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from service.operations import claims, records
from service.operations.actor import Actor
from service.operations.records import Record
from service.operations.reviews import Verdict
from service.services import Services
from tests.browser.conftest import Visit
from tests.conftest import create_actor
from tests.factories import create_dispute

FIRST = Verdict(
    "fix",
    {
        "modality": "planned",
        "place/name": "Northmark",
        "participants/1": {"role": "host", "name": "the hosts", "kind": "other"},
    },
)
SECOND = Verdict("fix", {"participants/0/office": None, "details/purpose": None})


@pytest.fixture
def judge(services: Services) -> Actor:
    return create_actor(services, "judith", "adjudicator")


@pytest.fixture
def disputed(services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor) -> UUID:
    return create_dispute(services, administrator, (reviewer, second_reviewer), FIRST, SECOND)


def record_of(services: Services, event_id: UUID, by: Actor) -> Record:
    with services.sessions() as session:
        return records.get(session, event_id, by=by)


def open_item(visit: Visit, who: Actor, **options: object) -> Page:
    """From the queue, as one gets there."""
    page = visit.sign_in(who, "/?stage=adjudication", **options)
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(re.compile("/review/.*stage=adjudication"))
    return page


def choose(page: Page, field: str, value: str) -> None:
    row = page.locator("[data-choice]").filter(has=page.get_by_role("rowheader", name=field))
    row.get_by_role("radio", name=re.compile(value)).check()


def test_the_fields_that_differ_are_settled_beside_the_text(
    visit: Visit, services: Services, disputed: UUID, judge: Actor, reviewer: Actor
) -> None:
    page = open_item(visit, judge)
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    labels = page.locator("[data-choice] th").all_inner_texts()
    assert [label.split(maxsplit=1)[1] for label in labels] == ["Modality", "Destination", "Visitor", "Host", "Purpose"]
    assert not {"rosa", "theo"} & set(re.findall(r"\w+", page.locator("main").inner_text()))
    expect(page.locator(".text-pane .ev[data-n~='3']")).to_have_text("Ada Larsen")
    page.locator(".text-pane .ev[data-n~='3']").click()
    expect(page.locator("#f-3 input").first).to_be_focused()
    expect(page.locator("#choices-left")).to_have_text("5 fields still need a choice")
    page.keyboard.press("Control+Enter")  # the browser asks for the choices
    expect(page.locator("main.work")).to_be_visible()
    choose(page, "Modality", "planned")
    choose(page, "Destination", "another value")
    page.locator("[name='other:2:name']").fill("Southmark")
    choose(page, "Visitor", "President")
    choose(page, "Host", "the hosts")
    choose(page, "Purpose", "nothing")
    expect(page.locator("#choices-left")).to_have_text("")
    page.get_by_role("button", name="Settle it").click()
    page.wait_for_url("/?stage=adjudication*")
    expect(page.get_by_role("status").first).to_contain_text("Settled: Visit")
    record = record_of(services, disputed, judge)
    body = record.current.body
    assert (record.event.state, body["modality"], body["place"]["name"]) == ("approved", "planned", "Southmark")
    assert [(one["name"], one["office"]) for one in body["participants"]] == [
        ("Ada Larsen", "President"),
        ("the hosts", None),
    ]
    assert "purpose" not in body["details"]


def test_keys_alone_are_enough(visit: Visit, services: Services, disputed: UUID, judge: Actor) -> None:
    page = open_item(visit, judge)
    expect(page.locator("#fields")).to_be_enabled()
    for number in range(1, 6):
        page.locator(f"#f-{number} input").first.focus()
        page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("/?stage=adjudication*")
    assert record_of(services, disputed, judge).event.state == "approved"


def test_a_rejection_against_a_record_is_one_choice(
    visit: Visit, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor, judge: Actor
) -> None:
    rejection = Verdict("reject", reason="duplicate", reason_text="as above")
    event_id = create_dispute(services, administrator, (reviewer, second_reviewer), FIRST, rejection)
    page = open_item(visit, judge)
    expect(page.get_by_text("Modality: occurred → planned")).to_be_visible()
    expect(page.get_by_text("The same event as another record. as above")).to_be_visible()
    choose(page, "Record", "Reject it")
    page.get_by_role("button", name="Settle it").click()
    page.wait_for_url("/?stage=adjudication*")
    record = record_of(services, event_id, judge)
    assert record.decision
    assert (record.event.state, record.decision.reason) == ("rejected", "duplicate")


def test_plain_forms_settle_it_too(visit: Visit, services: Services, disputed: UUID, judge: Actor) -> None:
    page = open_item(visit, judge, java_script_enabled=False)
    expect(page.get_by_text("Held by you")).to_be_visible()
    choose(page, "Destination", "another value")
    page.locator("[name='other:2:country']").fill("XQX")
    for field in ("Modality", "Visitor", "Host", "Purpose"):
        row = page.locator("[data-choice]").filter(has=page.get_by_role("rowheader", name=field))
        row.get_by_role("radio").first.check()
    page.get_by_role("button", name="Settle it").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    expect(page.locator("[name='other:2:country']")).to_have_value("XQX")
    page.locator("[name='other:2:country']").fill("SDN")
    page.get_by_role("button", name="Settle it").click()
    page.wait_for_url("/?stage=adjudication*")
    assert record_of(services, disputed, judge).current.body["place"]["country"] == "SDN"


def test_who_has_read_it_is_told_why_he_cannot_go_on(
    visit: Visit, services: Services, disputed: UUID, reviewer: Actor, second_reviewer: Actor, judge: Actor
) -> None:
    page = visit.sign_in(reviewer, f"/review/{disputed}")
    expect(page.get_by_text("It is settled by somebody who adjudicates.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.locator("[name='place/name']")).to_have_value("Sudmark")


def test_a_settlement_that_comes_too_late_shows_what_became_of_it(
    visit: Visit, services: Services, disputed: UUID, judge: Actor, administrator: Actor
) -> None:
    page = open_item(visit, judge)
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    with services.sessions() as session:
        claims.take_over(session, disputed, by=administrator, seconds=60)
    page.get_by_role("button", name="Reject it").click()
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Reject", exact=False).last.click()
    expect(page.get_by_role("alert")).to_contain_text("ada holds this item")
    assert record_of(services, disputed, judge).event.state == "draft"
