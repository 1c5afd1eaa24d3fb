"""The administrators' pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from service.errors import NotSignedInError
from service.operations import documents, keys
from service.operations.actor import Actor
from service.services import Services
from tests.browser.conftest import Visit
from tests.browser.steps import arrive
from tests.conftest import PASSWORD
from tests.factories import create_failed_document

TIMEOUT = {"failure": "timeout", "detail": "No progress."}


def test_failed_documents_are_drafted_again_one_by_one_or_by_kind(
    visit: Visit, administrator: Actor, services: Services
) -> None:
    """Without scripts, too."""
    one = create_failed_document(services, administrator, title="Unreadable")
    late = [create_failed_document(services, administrator, f"Text {number}.", **TIMEOUT) for number in range(2)]
    page = visit.sign_in(administrator, java_script_enabled=False)
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Failed documents").click()
    page.get_by_role("button", name="Draft again Unreadable").click()
    expect(page.locator("#status")).to_contain_text("1 document will be drafted again.")
    expect(page.get_by_role("link", name="Unreadable")).to_have_count(0)
    page.get_by_role("button", name="Draft all 2 again timeout").click()
    expect(page.locator("#status")).to_contain_text("2 documents will be drafted again.")
    expect(page.get_by_role("heading", name="No document has failed.")).to_be_visible()
    with services.sessions() as session:
        states = {documents.get(session, made.id, by=administrator).state for made in (one, *late)}
    assert states == {"received"}


def test_a_key_is_made_rotated_and_revoked_without_scripts(
    visit: Visit, administrator: Actor, services: Services
) -> None:
    page = visit.sign_in(administrator, "/administration/keys", java_script_enabled=False)
    page.get_by_label("Name").fill("wire feed")
    page.get_by_label("read", exact=True).check()
    page.get_by_label("Days until it ends").fill("30")
    page.get_by_label("Requests in a window").fill("50")
    page.get_by_role("button", name="Make the key").click()
    first = page.get_by_label("Secret").input_value()
    assert actor_of(services, first).scopes == {"read"}
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_role("link", name="Limits").click()
    expect(page.get_by_role("row", name="wire feed")).to_contain_text("0 of 50")

    page.get_by_role("link", name="wire feed").click()
    page.get_by_label("The old secret stays good").select_option("for an hour")
    page.get_by_role("button", name="Make another secret").click()
    expect(page.get_by_text("The old secret is good until")).to_be_visible()
    second = page.get_by_label("Secret").input_value()
    assert actor_of(services, first).key_id == actor_of(services, second).key_id

    page.get_by_role("link", name="To the key").click()
    page.get_by_label("Name").fill("archive")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#status")).to_contain_text("The key is changed.")
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator("#status")).to_contain_text("archive is revoked.")
    expect(page.get_by_role("row", name="archive")).to_contain_text("revoked")
    for secret in (first, second):
        with pytest.raises(NotSignedInError):
            actor_of(services, secret)


def test_a_secret_is_copied(visit: Visit, administrator: Actor) -> None:
    page = visit.sign_in(administrator, "/administration/keys")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("Name").fill("wire feed")
    page.get_by_label("read", exact=True).check()
    page.get_by_role("button", name="Make the key").click()
    arrive(page, "[data-copy]")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.get_by_label("Secret").input_value()


def actor_of(services: Services, secret: str) -> Actor:
    with services.sessions() as session:
        return keys.authenticate(session, secret)


def test_passwords_are_changed_by_oneself_and_by_an_administrator(
    visit: Visit, administrator: Actor, reviewer: Actor, services: Services
) -> None:
    theirs = visit.sign_in(reviewer, "/account/password")
    theirs.get_by_label("Your password now").fill(PASSWORD)
    for label in ("The new one, at least", "The new one once more"):
        theirs.get_by_label(label).fill("another good password")
    theirs.get_by_role("button", name="Change it").click()
    expect(theirs.get_by_text("Your password is changed.")).to_be_visible()

    page = visit.sign_in(administrator, "/administration/people")
    page.get_by_role("button", name="Password of rosa").click()
    page.get_by_role("dialog", name="Another password for rosa").get_by_label("Password").fill("a third good one")
    page.get_by_role("button", name="Set it").click()
    expect(page.locator("#status")).to_contain_text("rosa has another password, and is signed out.")
    theirs.goto("/")
    theirs.get_by_label("User name").fill("rosa")
    theirs.get_by_label("Password").fill("a third good one")
    theirs.get_by_role("button", name="Sign in").click()
    expect(theirs.get_by_role("heading", name="Waiting")).to_be_visible()
