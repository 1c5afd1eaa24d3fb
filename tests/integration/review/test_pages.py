"""What the pages promise over HTTP, whatever a browser does: sign-in, cookies, CSRF tokens, scopes, safe reading."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import create_app
from service.operations import claims, records, reviews
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from service.store.models import User
from tests.conftest import PASSWORD, create_actor
from tests.factories import STORY, create_decision, create_drafted_document, visit

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token_of(answer: TestResponse) -> str:
    found = TOKEN.search(answer.text)
    assert found
    return found[1]


def sign_in(client: FlaskClient, who: Actor, **more: str) -> TestResponse:
    fields = {"csrf_token": token_of(client.get("/sign-in")), "username": who.username, "password": PASSWORD}
    return client.post("/sign-in", data={**fields, **more})


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get("/")), **fields})


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/decided",
        "/documents",
        f"/documents/{UUID(int=7)}",
        f"/review/{UUID(int=7)}",
        "/account/keys",
        "/map",
        "/map/places.geojson",
    ],
)
def test_every_page_asks_for_a_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")


def test_a_sign_in_goes_to_own_paths_only(client: FlaskClient, reviewer: Actor) -> None:
    assert sign_in(client, reviewer, next="https://other.example/").location == "/"
    post(client, "/sign-out")
    assert sign_in(client, reviewer, next="/documents").location == "/documents"


def test_the_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(client: FlaskClient, reviewer: Actor) -> None:
    cookie = sign_in(client, reviewer).headers["Set-Cookie"]
    assert cookie.startswith("legation=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_over_https_the_cookie_is_secure(settings: Settings) -> None:
    app = create_app(dataclasses.replace(settings, public_url="https://legation.example"))
    cookie = app.test_client().get("/sign-in", base_url="https://legation.example").headers["Set-Cookie"]
    app.extensions["legation"].engine.dispose()
    assert cookie.startswith("__Host-legation=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-out", "/review/next", "/documents", "/review/{id}/claim", "/review/{id}/keep",
             "/review/{id}/next", "/account/keys", "/account/keys/switch",
             "/review/{id}/leave", "/review/{id}/decision", "/review/{id}/merge", "/documents/{id}/replay"]
)  # fmt: skip
def test_every_form_needs_its_token(client: FlaskClient, administrator: Actor, path: str) -> None:
    sign_in(client, administrator)
    assert client.post(path.format(id=uuid4()), data={"decision": "save"}).status_code == 400


def test_a_token_is_bound_to_its_sign_in(client: FlaskClient, reviewer: Actor, second_reviewer: Actor) -> None:
    sign_in(client, reviewer)
    others = token_of(client.get("/"))
    assert client.post("/sign-out", data={"csrf_token": others}).status_code == 303
    sign_in(client, second_reviewer)
    assert client.post("/review/next", data={"csrf_token": others}).status_code == 400


def test_a_kept_cookie_is_worth_nothing_after_the_sign_out(
    client: FlaskClient, reviewer: Actor, services: Services
) -> None:
    sign_in(client, reviewer)
    kept = client.get_cookie("legation")
    assert kept is not None
    assert post(client, "/sign-out").location == "/sign-in?out=1"
    client.set_cookie("legation", kept.value)
    assert client.get("/").status_code == 303


def test_looking_changes_nothing(client: FlaskClient, reviewer: Actor, services: Services, story: list[UUID]) -> None:
    sign_in(client, reviewer)
    assert client.get(f"/review/{story[0]}").status_code == 200
    with services.sessions() as session:
        assert reviews.item_of(session, story[0], by=reviewer).holder_id is None


def test_pages_stay_out_of_caches(client: FlaskClient, reviewer: Actor) -> None:
    sign_in(client, reviewer)
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_a_reader_reads_and_decides_nothing(client: FlaskClient, services: Services, story: list[UUID]) -> None:
    sign_in(client, create_actor(services, "rita", "reader"))
    page = client.get(f"/review/{story[0]}")
    assert page.status_code == 200
    assert 'value="save"' not in page.text
    assert post(client, "/review/next").status_code == 403
    answer = post(client, f"/review/{story[0]}/decision", decision="save", revision="1")
    assert answer.status_code == 403
    assert "This is not yours to see" in answer.text


def test_only_who_may_upload_uploads(client: FlaskClient, reviewer: Actor) -> None:
    sign_in(client, reviewer)
    assert post(client, "/documents", text="A text.").status_code == 403


def test_a_disabled_person_is_out_at_once(client: FlaskClient, reviewer: Actor, services: Services) -> None:
    sign_in(client, reviewer)
    assert client.get("/").status_code == 200
    with services.sessions() as session, session.begin():
        session.get_one(User, reviewer.user_id).disabled_at = dt.datetime.now(dt.UTC)
    assert client.get("/").status_code == 303


def test_a_decision_on_a_revision_that_moved_on_is_refused_with_what_was_typed(
    client: FlaskClient, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    sign_in(client, reviewer)
    with services.sessions() as session:
        lease = claims.claim(session, story[0], by=reviewer, seconds=60).number
    fields = {"decision": "save", "revision": "7", "lease": str(lease), "place/name": "Northmark"}
    answer = post(client, f"/review/{story[0]}/decision", **fields)
    assert answer.status_code == 412
    assert "The record is at revision 1 now" in answer.text
    assert "Northmark" in answer.text
    with services.sessions() as session:
        assert records.get(session, story[0], by=reviewer).event.state == "draft"


def test_a_rejection_without_a_reason_is_refused_in_the_form(
    client: FlaskClient, reviewer: Actor, services: Services, story: list[UUID]
) -> None:
    sign_in(client, reviewer)
    with services.sessions() as session:
        lease = claims.claim(session, story[0], by=reviewer, seconds=60).number
    answer = post(
        client, f"/review/{story[0]}/decision", decision="reject", revision="1", lease=str(lease), reason_text="why"
    )
    assert answer.status_code == 422
    assert "Not saved yet." in answer.text


def test_what_cannot_be_stored_is_refused_in_every_form(client: FlaskClient, reviewer: Actor) -> None:
    fields = {"csrf_token": token_of(client.get("/sign-in")), "username": "a\0b", "password": PASSWORD}
    assert client.post("/sign-in", data=fields).status_code == 422
    assert client.get("/sign-in", query_string={"next": "a\0b"}).status_code == 422


@pytest.mark.parametrize(
    "address", ["/?after=x", "/search?q=arrived&after=x", "/decided?before=x", "/documents?before=x"]
)
def test_a_list_begins_anew_where_its_address_was_cut(
    client: FlaskClient, reviewer: Actor, story: list[UUID], address: str
) -> None:
    sign_in(client, reviewer)
    cut, first = client.get(address), client.get(re.sub("(after|before)=x", "", address))
    assert (cut.status_code, cut.text.count("<tr")) == (200, first.text.count("<tr"))


def test_versions_of_a_document_lead_to_each_other_and_its_records_are_taken_from_the_newest(
    client: FlaskClient, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    old, (event_id,) = create_drafted_document(services, administrator, records=[visit()], external_id="wire/1")
    create_decision(services, event_id, by=reviewer)
    changed = STORY.replace("arrived in Sudmark", "arrived in Sudmark late")
    found = replace(visit(changed), modality="alleged")
    new, ids = create_drafted_document(services, administrator, changed, [found], external_id="wire/1")
    assert (ids, new.replaces) == ([], old.id)
    sign_in(client, reviewer)
    assert f'href="/documents/{new.id}">Newer version' in client.get(f"/documents/{old.id}").text
    assert f'href="/documents/{old.id}">Older version' in client.get(f"/documents/{new.id}").text
    page = client.get(post(client, f"/review/{event_id}/claim").headers["Location"]).text
    assert "Approve the newest" in page
    lease = re.search(r'name="lease" value="([0-9]+)"', page)
    assert lease
    post(client, f"/review/{event_id}/decision", revision="2", lease=lease[1], take_draft="yes")
    with services.sessions() as session:
        taken = records.get(session, event_id, by=reviewer).to_json()
    assert (taken["modality"], taken["document"]["id"]) == ("alleged", str(new.id))
