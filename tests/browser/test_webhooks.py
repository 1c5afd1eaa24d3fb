"""The administrators' page of webhooks."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from service.operations import deliveries, webhooks
from service.operations.actor import Actor
from service.operations.deliveries import Logged
from service.operations.versions import seen
from service.operations.webhooks import Wanted
from service.services import Services
from service.store.models import Webhook
from tests.browser.conftest import Visit
from tests.browser.steps import arrive
from tests.receivers import NAMES, create_webhook, create_webhooks_in_every_state, delivering, receiver

PAGE = "/administration/webhooks"
URL = "https://desk.example/hook"


@pytest.fixture(autouse=True)
def names(app: Flask) -> Iterator[None]:
    """Every name is that of a public address; no name server is asked."""
    services = app.extensions["legation"]
    app.extensions["legation"] = dataclasses.replace(services, receivers=NAMES)
    yield
    app.extensions["legation"] = services


def add(page: Page, url: str = URL) -> str:
    """Adds a webhook, and returns the secret that is shown."""
    page.get_by_role("button", name="Add a webhook").click()
    page.get_by_label("Address").fill(url)
    page.get_by_role("button", name="Add", exact=True).click()
    secret = page.get_by_label("Secret").input_value()
    page.get_by_role("link", name="I have kept it").click()
    arrive(page, "#deliveries-h")
    return secret


def test_a_webhook_is_added_with_a_secret_that_is_shown_once(
    visit: Visit, administrator: Actor, services: Services
) -> None:
    page = visit.sign_in(administrator)
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("button", name="Add a webhook").click()
    page.get_by_label("Treaty").check()
    page.get_by_label("Retracted").uncheck()
    page.get_by_label("Address").fill(URL)
    page.get_by_role("button", name="Add", exact=True).click()
    secret = page.get_by_label("Secret").input_value()
    with services.sessions() as session:
        (made,) = webhooks.find(session, by=administrator, limit=10)
    assert (made.url, made.families, made.ops) == (URL, ["treaty"], ["put"])
    assert base64.b64decode(secret.removeprefix("whsec_")) == services.sealer.unseal(made.secret)
    page.get_by_role("link", name="I have kept it").click()
    expect(page.get_by_role("heading", name=URL)).to_be_visible()
    assert secret not in page.content()


def test_it_is_changed_disabled_enabled_rotated_and_deleted_without_scripts(
    visit: Visit, administrator: Actor, services: Services
) -> None:
    page = visit.sign_in(administrator, PAGE, java_script_enabled=False)
    first = add(page)
    page.get_by_label("Address").fill(f"{URL}2")
    page.get_by_label("Visit").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#status")).to_contain_text("The webhook is changed")
    expect(page.get_by_role("heading", name=f"{URL}2")).to_be_visible()
    page.get_by_role("button", name="Disable").click()
    expect(page.locator(".page-head")).to_contain_text("Disabled by an administrator")
    page.get_by_role("button", name="Enable").click()
    expect(page.locator(".page-head .state")).to_contain_text("Enabled")
    page.get_by_role("button", name="Rotate the secret").click()
    assert page.get_by_label("Secret").input_value() != first
    expect(page.locator(".notice")).to_contain_text("The secret before it signs, too, until")
    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("button", name="Delete the webhook").click()
    expect(page.get_by_role("heading", name="No webhooks yet.")).to_be_visible()
    with services.sessions() as session:
        assert session.scalars(select(Webhook)).all() == []


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    visit: Visit, administrator: Actor, services: Services
) -> None:
    page = visit.sign_in(administrator, PAGE)
    add(page)
    with services.sessions() as session:
        (made,) = webhooks.find(session, by=administrator, limit=10)
        wanted = Wanted(ops=["put"])
        webhooks.change(session, made.id, wanted, seen=seen("1"), by=administrator, receivers=NAMES)
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("alert")).to_contain_text("It was changed after it was read.")
    expect(page.get_by_label("Retracted")).not_to_be_checked()
    page.get_by_role("button", name="Disable").click()
    expect(page.locator(".page-head")).to_contain_text("Disabled by an administrator")


def test_an_address_inside_is_refused_with_the_reason(visit: Visit, administrator: Actor, app: Flask) -> None:
    inside = dataclasses.replace(NAMES, resolve=lambda host, port: ["10.0.0.7"])
    app.extensions["legation"] = dataclasses.replace(app.extensions["legation"], receivers=inside)
    page = visit.sign_in(administrator, PAGE)
    page.get_by_role("button", name="Add a webhook").click()
    page.get_by_label("Address").fill("https://inside.example/hook")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The address of inside.example is not a public one.")
    page.get_by_role("button", name="Add a webhook").click()
    expect(page.get_by_label("Address")).to_have_value("https://inside.example/hook")


def test_the_log_is_read_and_what_failed_is_sent_again(
    visit: Visit, administrator: Actor, reviewer: Actor, services: Services
) -> None:
    made = create_webhooks_in_every_state(services, administrator, reviewer)
    page = visit.sign_in(administrator, PAGE)
    expect(page.get_by_role("row", name="https://old.example/hook")).to_contain_text("gone (410)")
    page.get_by_role("link", name=made.webhook.url).click()
    page.get_by_role("link", name="Failed", exact=True).click()
    expect(page.locator(".webhooks__log tbody tr")).to_have_count(1)
    page.locator("summary", has_text="410").press("Enter")
    expect(page.locator(".attempts")).to_contain_text("no more")
    page.get_by_role("button", name="Send all 1 failed again").click()
    expect(page.locator("#status")).to_contain_text("1 delivery will be sent again.")
    page.get_by_role("link", name="Delivered", exact=True).click()
    expect(page.locator(".webhooks__log tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#status")).to_contain_text("1 delivery will be sent again.")
    with services.sessions() as session:
        log = deliveries.find(session, made.webhook.id, Logged(), by=administrator, limit=10)
    assert {one.state for one in log} == {"waiting"}


def test_a_test_message_arrives_and_the_page_tells_so(visit: Visit, administrator: Actor, services: Services) -> None:
    with receiver() as there, delivering(services):
        made = create_webhook(services, administrator, there.url)
        page = visit.sign_in(administrator, f"{PAGE}/{made.webhook.id}")
        page.get_by_role("button", name="Send a test").click()
        expect(page.locator("#status")).to_contain_text("A test message is sent.")
        row = page.locator(".webhooks__log tbody tr")
        expect(row).to_contain_text("Test")
        for _ in range(100):  # until it has been sent; whoever waits for it loads the page again
            if there.received and "delivered" in row.inner_text():
                break
            page.wait_for_timeout(100)
            page.reload()
            arrive(page, "#deliveries-h")
        expect(row).to_contain_text("delivered")
        expect(row).to_contain_text("1 attempt, 204")
    assert there.received[0].verified(made.secret)["type"] == "ping"


def test_reviewers_do_not_see_webhooks(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer, PAGE)
    expect(page.get_by_role("heading", name="This is not yours to see")).to_be_visible()
