"""Signing in at an OpenID provider, through a real browser, with a provider that is a server of its own."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from service.app import create_app
from service.operations import accounts, people
from service.operations.actor import Actor
from service.operations.people import Change
from service.services import Services
from tests.browser import axe
from tests.browser.conftest import Counting, QuietHandler, Visit
from tests.browser.pictures import keep_both
from tests.conftest import create_actor
from tests.provider import CLIENT_ID, CLIENT_SECRET, Provider, new_key, provider

LABEL = "Sign in with Example"
ROLES = "desk=reviewer,chiefs=adjudicator,chiefs=administrator"


@pytest.fixture
def idp() -> Iterator[Provider]:
    with provider() as made:
        yield made


@dataclasses.dataclass
class Later:
    """An application that is made when its address is known."""

    app: Flask | None = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        assert self.app is not None
        return self.app(environ, start_response)


@pytest.fixture
def house(browser: Browser, services: Services, idp: Provider, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """The application that this provider signs people in to; a test's parameter changes its settings."""
    later = Later()
    counting = Counting(later)  # type: ignore[arg-type]
    server = make_server("127.0.0.1", 0, counting, threaded=True, request_handler=QuietHandler)
    address = f"http://127.0.0.1:{server.server_port}"
    wanted = {
        "public_url": address,
        "oidc_issuer": idp.address,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_label": LABEL,
        "oidc_role_claim": "groups",
        "oidc_roles": ROLES,
        **getattr(request, "param", {}),
    }
    later.app = create_app(dataclasses.replace(services.settings, **wanted))
    thread = threading.Thread(target=server.serve_forever, name="house")
    thread.start()
    visit = Visit(browser, address)
    yield visit
    for context in visit.contexts:
        context.close()
    server.shutdown()
    thread.join()
    counting.wait()
    server.server_close()
    later.app.extensions["legation"].engine.dispose()


def come_in(house: Visit, page: Page | None = None, answer: str = "Let in", path: str = "/documents") -> Page:
    page = page or house.page()
    page.goto(path)
    page.get_by_role("link", name=LABEL).click()
    page.get_by_role("button", name=answer).click()
    return page


def refused(page: Page, told: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(told)
    page.goto("/documents")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def person(services: Services, username: str) -> people.Person:
    with services.sessions() as session:
        return next(one for one in people.everybody(session, by=None) if one.user.username == username)


def test_a_person_comes_in_with_the_role_that_his_claims_give_and_goes_out_on_both_sides(
    house: Visit, idp: Provider, services: Services, administrator: Actor
) -> None:
    idp.who["groups"] = ["football", "desk"]
    page = come_in(house)
    expect(page).to_have_url(re.compile("/documents$"))
    made = person(services, "rosa").user
    assert (made.role, made.password_hash, made.oidc_subject) == ("reviewer", None, "7f3a")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert [one["client_id"] for one in idp.signed_out] == [CLIENT_ID]
    assert idp.signed_out[0]["id_token_hint"].count(".") == 2
    page.goto("/documents")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    idp.who |= {"preferred_username": "rosalind", "groups": "chiefs"}
    come_in(house, page)
    expect(page).to_have_url(re.compile("/documents$"))
    assert person(services, "rosa").user.role == "administrator"


def test_who_has_no_role_is_refused_and_gets_no_account(
    house: Visit, idp: Provider, services: Services, administrator: Actor
) -> None:
    refused(come_in(house), "You have no account here.")
    with services.sessions() as session:
        assert accounts.find_user(session, "rosa") is None


@pytest.mark.parametrize("house", [{"oidc_default_role": "reader"}], indirect=True)
def test_where_unknown_people_are_let_in_they_get_that_role(house: Visit, services: Services) -> None:
    expect(come_in(house)).to_have_url(re.compile("/documents$"))
    assert person(services, "rosa").user.role == "reader"


def test_a_name_or_an_address_links_to_nobody_but_he_himself_can(
    house: Visit, idp: Provider, services: Services, reviewer: Actor
) -> None:
    idp.who |= {"groups": ["desk"], "email": "rosa@example.org", "email_verified": True}
    refused(come_in(house), "There is an account 'rosa' already.")
    page = house.sign_in(reviewer, "/account/password")
    page.get_by_role("button", name="Link it").click()
    page.get_by_role("button", name="Let in").click()
    expect(page.get_by_text("Your account is linked")).to_be_visible()
    expect(come_in(house)).to_have_url(re.compile("/documents$"))
    assert person(services, "rosa").user.oidc_subject == "7f3a"
    theirs = house.sign_in(create_actor(services, "theo", "reviewer"), "/account/password")
    theirs.get_by_role("button", name="Link it").click()
    theirs.get_by_role("button", name="Let in").click()
    expect(theirs.get_by_role("alert")).to_contain_text("signs in somebody else")


def test_who_is_disabled_stays_out(house: Visit, idp: Provider, services: Services, administrator: Actor) -> None:
    idp.who["groups"] = ["desk"]
    page = come_in(house)
    expect(page).to_have_url(re.compile("/documents$"))
    with services.sessions() as session:
        people.change(session, "rosa", Change(is_disabled=True), by=administrator)
    refused(come_in(house, page), "Your account is disabled.")


def test_who_denies_is_told_so(house: Visit) -> None:
    refused(come_in(house, answer="Deny"), "refused or given up")


def test_the_ways_in_are_accessible(house: Visit, reviewer: Actor) -> None:
    page = house.page()
    page.goto("/sign-in")
    expect(page.get_by_role("link", name=LABEL)).to_be_visible()
    keep_both(page, "sign-in-provider")
    wrong = axe.violations(page)
    come_in(house, page, "Deny")
    expect(page.get_by_role("alert")).to_be_visible()
    wrong += axe.violations(page)
    page = house.sign_in(reviewer, "/account/password")
    expect(page.get_by_role("button", name="Link it")).to_be_visible()
    keep_both(page, "password-provider")
    assert wrong + axe.violations(page) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"]},
        {"iss": "https://another.example"},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(house: Visit, idp: Provider, changed: dict[str, Any]) -> None:
    idp.who["groups"] = ["desk"]
    idp.changed = changed
    refused(come_in(house), "could not be proven")


def test_a_token_that_another_key_signed_is_refused_and_one_of_a_rotated_key_is_taken(
    house: Visit, idp: Provider, services: Services
) -> None:
    idp.who["groups"] = ["desk"]
    page = come_in(house)
    expect(page).to_have_url(re.compile("/documents$"))
    idp.published, idp.key = idp.key, new_key()
    refused(come_in(house), "could not be proven")
    idp.published = None
    expect(come_in(house)).to_have_url(re.compile("/documents$"))


def test_an_answer_to_a_sign_in_that_nobody_began_here_is_refused(house: Visit, idp: Provider) -> None:
    idp.who["groups"] = ["desk"]
    page = house.page()
    page.goto("/sign-in")
    page.get_by_role("link", name=LABEL).click()
    began = page.url
    other = house.page()
    other.goto(began)
    other.get_by_role("button", name="Let in").click()
    refused(other, "could not be proven")


def test_while_the_provider_is_away_the_page_says_so_and_passwords_work(
    house: Visit, idp: Provider, reviewer: Actor
) -> None:
    idp.is_up = False
    page = house.page()
    page.goto("/sign-in")
    house.complaints.clear()
    page.get_by_role("link", name=LABEL).click()
    expect(page.get_by_role("alert")).to_contain_text("The sign-in service does not answer.")
    expect(house.sign_in(reviewer, "/documents")).to_have_url(re.compile("/documents$"))
    idp.is_up = True
    idp.who |= {"groups": ["desk"], "preferred_username": "theo"}
    expect(come_in(house)).to_have_url(re.compile("/documents$"))


@pytest.mark.parametrize("house", [{"passwords": False, "oidc_default_role": "reader"}], indirect=True)
def test_where_passwords_are_off_none_is_asked_for_or_taken(house: Visit, reviewer: Actor) -> None:
    page = house.page()
    page.goto("/sign-in")
    expect(page.get_by_label("Password")).to_have_count(0)
    token = page.locator("[name=csrf_token]").first
    expect(token).to_have_count(0)
    answer = page.request.post("/sign-in", form={"username": "rosa", "password": "x"})
    assert answer.status in (400, 404)
