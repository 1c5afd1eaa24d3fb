"""Many at once, from the queue: looked through, decided, taken back; assigned and put before others."""

from __future__ import annotations

import dataclasses
import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from service.operations import claims, records, reviews
from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import STORY, create_decision, create_drafted_document
from tests.factories import visit as draft_of_visit


@pytest.fixture
def visits(services: Services, administrator: Actor) -> list[UUID]:
    """Four visits: 0.9, 0.9, 0.9 and 0.5 certain."""
    sure, unsure = draft_of_visit(), dataclasses.replace(draft_of_visit(), confidence={"record": 0.5})
    drafts = enumerate([sure, sure, sure, unsure])
    return [create_drafted_document(services, administrator, f"{STORY}{n}", [draft])[1][0] for n, draft in drafts]


def states(services: Services, event_ids: list[UUID], by: Actor) -> list[str]:
    with services.sessions() as session:
        return [records.get(session, event_id, by=by).event.state for event_id in event_ids]


def test_the_certain_ones_are_looked_through_approved_together_and_taken_back(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, visits: list[UUID]
) -> None:
    with services.sessions() as session:
        claims.claim(session, visits[0], by=second_reviewer, seconds=60)
    page = visit.sign_in(reviewer, "/?family=visit")
    page.get_by_role("button", name="Decide many").click()
    page.get_by_label("Certain from, in per cent").fill("80")
    page.keyboard.press("Enter")
    expect(page.locator(".page-head")).to_contain_text("2 records, certain from 80%, 1 left out")
    expect(page.get_by_role("region", name="Left out")).to_contain_text("theo holds this item")
    page.locator("input[name=choice]").nth(1).uncheck()
    create_decision(services, visits[2], by=second_reviewer)
    page.get_by_role("button", name="Approve the ticked ones").click()
    expect(page.get_by_role("status")).to_contain_text("1 record decided")
    assert states(services, visits, reviewer) == ["draft", "approved", "approved", "draft"]

    page.get_by_role("button", name="Undo all of it").click()
    expect(page.locator("#status")).to_contain_text("1 decision taken back.")
    assert page.url.partition("?")[2] == "family=visit&least=80"
    assert states(services, visits, reviewer) == ["draft", "draft", "approved", "draft"]


def test_what_changed_after_it_was_shown_is_told(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, visits: list[UUID]
) -> None:
    page = visit.sign_in(reviewer, "/together?least=80")
    create_decision(services, visits[0], by=second_reviewer)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose why they are rejected.")
    page.get_by_label("or reject because").select_option("duplicate")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_contain_text("2 records decided")
    assert states(services, visits, reviewer) == ["approved", "rejected", "rejected", "draft"]


def test_ticked_items_are_decided_assigned_and_put_before_others(
    visit: Visit, reviewer: Actor, second_reviewer: Actor, services: Services, visits: list[UUID]
) -> None:
    page = visit.sign_in(reviewer)
    tools = page.locator("#ticked")
    expect(tools).to_be_hidden()
    page.get_by_role("checkbox", name="Tick Ada Larsen").nth(3).check()
    expect(tools).to_contain_text("1 ticked")
    tools.get_by_label("Assign to").select_option("theo")
    tools.get_by_role("button", name="Assign").click()
    expect(page.locator("#status")).to_contain_text("1 item assigned to theo.")
    expect(page.locator(".items__holder").last).to_have_text("for theo")
    page.get_by_role("checkbox", name="Tick all on this page").check()
    tools.get_by_label("Priority").fill("9")
    tools.get_by_role("button", name="Set").click()
    expect(page.locator("#status")).to_contain_text("4 items given the priority 9.")
    page.get_by_role("checkbox", name="Tick all on this page").check()
    tools.get_by_role("button", name="Decide together").click()
    expect(page.get_by_role("region", name="Left out")).to_contain_text("It is left to theo.")
    page.get_by_role("button", name="Approve the ticked ones").click()
    page.wait_for_url(re.compile("/together/"))
    assert states(services, visits, reviewer) == ["approved"] * 3 + ["draft"]
    with services.sessions() as session:
        assert len(reviews.decided_today(session, by=reviewer)) == 3
