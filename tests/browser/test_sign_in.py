"""Signing in and out, as people do it."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import expect
from sqlalchemy import update

from service.operations.actor import Actor
from service.services import Services
from service.store.models import SignIn
from tests.browser.conftest import Visit
from tests.conftest import PASSWORD


def test_a_page_asks_for_a_sign_in_and_then_opens(visit: Visit, reviewer: Actor) -> None:
    page = visit.page()
    page.goto("/documents?state=drafted")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("User name").fill(reviewer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/documents?state=drafted")


def test_a_wrong_password_is_refused_in_words_and_the_name_stays(visit: Visit, reviewer: Actor) -> None:
    page = visit.page()
    page.goto("/sign-in")
    page.get_by_label("User name").fill(reviewer.username)
    page.get_by_label("Password").fill("incorrect horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The user name or the password is wrong.")
    expect(page.get_by_label("User name")).to_have_value(reviewer.username)
    expect(page.get_by_label("Password")).to_be_focused()
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_ends_the_sign_in_on_the_server(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer)
    kept = page.context.cookies()
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")

    page.context.add_cookies(kept)  # type: ignore[arg-type]  # cookies() and add_cookies() name one shape twice
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_sign_in_that_ran_out_is_told(visit: Visit, reviewer: Actor, services: Services) -> None:
    page = visit.sign_in(reviewer, "/documents")
    with services.sessions.begin() as session:
        session.execute(update(SignIn).values(expires_at=dt.datetime.now(dt.UTC)))
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Your sign-in has run out.")


def test_the_choice_of_dark_stays(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer, color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Your account").click()
    page.get_by_label("Dark").check()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.goto("/documents")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
