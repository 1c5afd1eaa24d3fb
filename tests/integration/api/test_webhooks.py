"""Webhooks through the API: made, changed, rotated, deleted, and what is refused."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from service.operations import deliveries
from service.operations.actor import Actor
from service.operations.deliveries import Lease, Outcome
from service.receivers import Receivers
from service.services import Services
from service.store.models import AuditEntry, Webhook
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.integration.api.conftest import ApiClient, kind

URL = "https://receiver.example/hook"
AT = dt.datetime(2024, 6, 19, tzinfo=dt.UTC)
FINE = Outcome(at=AT, seconds=0.1, status=204, answer="")


@pytest.fixture(autouse=True)
def names(app: Flask, lasting_app: Flask) -> Iterator[None]:
    """No test asks a real name server: every name is that of a public address, but those that say otherwise."""
    known = {"inside.example": "10.0.0.7"}
    receivers = Receivers(resolve=lambda host, port: [known.get(host, "1.1.1.1")])
    before = [(one, one.extensions["legation"]) for one in (app, lasting_app)]
    for one, services in before:
        one.extensions["legation"] = dataclasses.replace(services, receivers=receivers)
    yield
    for one, services in before:
        one.extensions["legation"] = services


def create(api: ApiClient, **body: Any) -> TestResponse:
    answer = api.post("/webhooks", json={"url": URL, **body})
    assert answer.status_code == 201, answer.text
    return answer


def json_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    return dict(answer.json)


def version(answer: TestResponse) -> str:
    """What a change names by `If-Match`; the rest of the tag is for caches."""
    return (answer.get_etag()[0] or "").partition(".")[0]


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(api: ApiClient) -> None:
    answer = create(api, families=["treaty", "visit"], ops=["put"])
    made = json_of(answer)
    secret = base64.b64decode(made.pop("secret").removeprefix("whsec_"), validate=True)
    assert 24 <= len(secret) <= 64
    assert answer.headers["Cache-Control"] == "no-store"
    read = api.get(answer.headers["Location"].removeprefix("/api/v1"))
    assert json_of(read) == made
    assert [version(one) for one in (read, answer)] == ["1", "1"]
    assert (made["url"], made["ops"], set(made["families"])) == (URL, ["put"], {"visit", "treaty"})
    assert (made["is_enabled"], made["disabled"], made["next_seq"], made["created_by"]) == (True, None, 1, "ada")
    assert "secret" not in json_of(api.get("/webhooks"))["items"][0]


def test_the_database_alone_does_not_tell_the_secret(api: ApiClient, services: Services) -> None:
    secret = base64.b64decode(json_of(create(api))["secret"].removeprefix("whsec_"))
    with services.sessions() as session:
        kept = session.scalars(select(Webhook.secret)).one()
        rows = session.scalars(text("select row_to_json(w)::text from webhooks w")).one()
        audited = str(session.scalars(select(AuditEntry.after)).all())
    assert secret not in kept
    assert secret.hex() not in rows
    assert base64.b64encode(secret).decode() not in audited
    assert services.sealer.unseal(kept) == secret


def test_webhooks_begin_at_the_newest_change_or_where_they_are_told_to(
    api: ApiClient, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    _, events = create_drafted_document(services, administrator)
    for event_id in events:
        create_decision(services, event_id, by=reviewer)
    assert json_of(create(api))["next_seq"] == 3
    assert json_of(create(api, from_seq=1))["next_seq"] == 1
    assert json_of(create(api, from_seq=3))["next_seq"] == 3
    for outside in (0, -1, 4):
        assert kind(api.post("/webhooks", json={"url": URL, "from_seq": outside})) == "invalid-input"


def test_a_webhook_is_changed_disabled_and_enabled(api: ApiClient, services: Services) -> None:
    made = json_of(create(api, families=["visit"]))
    path = f"/webhooks/{made['id']}"
    changed = api.call("PATCH", path, json={"url": f"{URL}2", "families": []}, headers={"If-Match": '"1"'})
    assert (json_of(changed)["url"], json_of(changed)["families"]) == (f"{URL}2", [])
    assert version(changed) == "2"
    off = api.call("PATCH", path, json={"is_enabled": False}, headers={"If-Match": '"2"'})
    assert (json_of(off)["is_enabled"], json_of(off)["disabled"]["reason"]) == (False, "administrator")
    same = api.call("PATCH", path, json={"is_enabled": False}, headers={"If-Match": '"3"'})
    assert version(same) == "3"
    on = api.call("PATCH", path, json={"is_enabled": True}, headers={"If-Match": '"3"'})
    assert (json_of(on)["is_enabled"], json_of(on)["disabled"]) == (True, None)
    actions = json_of(api.get("/audit", query_string={"subject": made["id"]}))["items"]
    assert [one["action"] for one in actions] == ["webhook.changed"] * 3 + ["webhook.created"]
    assert (actions[0]["before"]["disabled"], actions[0]["after"]["disabled"]) == ("administrator", None)


def test_who_changes_says_what_he_has_seen(api: ApiClient) -> None:
    path = f"/webhooks/{json_of(create(api))['id']}"
    calls = [("PATCH", path, {"json": {"ops": ["put"]}}), ("DELETE", path, {}), ("POST", f"{path}/rotate", {})]
    for method, address, request in calls:
        assert api.call(method, address, **request).status_code == 428
        for stale in ('"2"', 'W/"1"', '"x"'):
            assert api.call(method, address, headers={"If-Match": stale}, **request).status_code == 412
    assert json_of(api.get(path))["ops"] == ["put", "retract"]
    assert api.call("DELETE", path, headers={"If-Match": '"1"'}).status_code == 204
    assert kind(api.get(path)) == "not-found"
    assert kind(api.call("DELETE", path, headers={"If-Match": '"1"'})) == "not-found"
    assert json_of(api.get("/audit"))["items"][0]["action"] == "webhook.deleted"


def test_rotation_shows_a_new_secret_once_and_keeps_the_old_one_for_a_while(api: ApiClient, services: Services) -> None:
    made = json_of(create(api))
    path = f"/webhooks/{made['id']}"
    answer = api.post(f"{path}/rotate", headers={"If-Match": '"1"'})
    rotated = json_of(answer)
    assert version(answer) == "2"
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"] is not None
    with services.sessions() as session:
        webhook = session.get_one(Webhook, UUID(made["id"]))
        ahead = session.scalars(select(Webhook.previous_until - text("now()"))).one()
    secrets = [base64.b64decode(one["secret"].removeprefix("whsec_")) for one in (rotated, made)]
    assert webhook.previous_secret is not None
    assert [services.sealer.unseal(one) for one in (webhook.secret, webhook.previous_secret)] == secrets
    assert 23.9 < ahead.total_seconds() / 3600 <= 24
    again = api.post(f"{path}/rotate", headers={"If-Match": '"1"'})
    assert again.status_code == 412, "an answer that was lost must not cost the secret that receivers still have"


def test_webhooks_come_in_pages(api: ApiClient) -> None:
    made = [json_of(create(api, ops=["put"]))["id"] for _ in range(3)]
    first = api.get("/webhooks", query_string={"limit": 2})
    assert 'rel="next"' in first.headers["Link"]
    second = json_of(api.get("/webhooks", query_string={"limit": 2, "cursor": json_of(first)["next_cursor"]}))
    assert [one["id"] for one in json_of(first)["items"] + second["items"]] == made
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://receiver.example/"}, "url"),
        ({"url": "https://ada:word@receiver.example/"}, "url"),
        ({"url": "https://inside.example/"}, "url"),
        ({"url": 5}, "url"),
        ({"url": URL, "families": ["weather"]}, "families"),
        ({"url": URL, "families": "visit"}, "families"),
        ({"url": URL, "ops": []}, "ops"),
        ({"url": URL, "ops": ["delete"]}, "ops"),
        ({"url": URL, "from_seq": "first"}, "from_seq"),
        ({"url": URL, "from_seq": 1.5}, "from_seq"),
        ({"url": URL, "secret": "mine"}, "secret"),
    ],
)
def test_what_is_no_webhook_is_refused(lasting_api: ApiClient, body: dict[str, Any], field: str) -> None:
    answer = lasting_api.post("/webhooks", json=body)
    assert kind(answer) == "invalid-input"
    assert list(json_of(answer)["errors"]) == [field]


def test_an_inside_address_is_refused_when_it_is_changed_to(api: ApiClient) -> None:
    path = f"/webhooks/{json_of(create(api))['id']}"
    answer = api.call("PATCH", path, json={"url": "https://inside.example/"}, headers={"If-Match": '"1"'})
    assert "not a public one" in json_of(answer)["errors"]["url"][0]
    assert kind(api.call("PATCH", path, json={"wrong": 1}, headers={"If-Match": '"1"'})) == "invalid-input"
    assert kind(api.get("/webhooks", query_string={"state": "on"})) == "invalid-input"


def test_webhooks_are_for_administrators(reviewer_api: ApiClient, reader_api: ApiClient) -> None:
    for api in (reviewer_api, reader_api):
        assert kind(api.get("/webhooks")) == "scope-missing"
        assert kind(api.post("/webhooks", json={"url": URL})) == "scope-missing"


@pytest.fixture
def delivered(api: ApiClient, services: Services, administrator: Actor, reviewer: Actor) -> dict[str, Any]:
    """A webhook with one message that came through, one that failed, and one that waits for its next try."""
    text, records = many_visits(3)
    _, events = create_drafted_document(services, administrator, text, records)
    for event_id in events:
        create_decision(services, event_id, by=reviewer)
    made = json_of(create(api, from_seq=1))
    with services.sessions() as session:
        (webhook_id,) = deliveries.behind(session)
        deliveries.fan_out(session, webhook_id)
        lease = Lease(webhook_id, 60)
        claimed = deliveries.claim(
            session, webhook_id, lease, limit=9, sealer=services.sealer, public_url="https://legation.example"
        )
        gone = Outcome(at=AT, seconds=0.5, status=410, answer="no more")
        silent = Outcome(at=AT, seconds=15, error="No answer within 15 seconds.")
        for message, outcome in zip(claimed, (FINE, silent, gone), strict=True):
            deliveries.finish(session, message, outcome, lease, patience_days=5)
    return made


def test_the_log_tells_each_delivery_with_its_attempts(api: ApiClient, delivered: dict[str, Any]) -> None:
    path = f"/webhooks/{delivered['id']}/deliveries"
    newest, silent, first = json_of(api.get(path))["items"]
    assert [(one["seq"], one["state"], one["type"]) for one in (newest, silent, first)] == [
        (3, "failed", "event.put"), (2, "waiting", "event.put"), (1, "delivered", "event.put")
    ]  # fmt: skip
    assert newest["attempts"] == [
        {"number": 1, "at": AT.isoformat(), "seconds": 0.5, "status": 410, "error": None, "answer": "no more"}
    ]
    assert (silent["attempts"][0]["status"], silent["attempts"][0]["error"]) == (None, "No answer within 15 seconds.")
    assert [one["due_at"] is None for one in (newest, silent, first)] == [True, False, True]
    assert json_of(api.get(f"{path}/{first['id']}")) == first
    for state, expected in (("failed", [newest]), ("waiting", [silent]), ("delivered", [first])):
        assert json_of(api.get(path, query_string={"state": state}))["items"] == expected
    page = json_of(api.get(path, query_string={"limit": 2}))
    rest = json_of(api.get(path, query_string={"limit": 2, "cursor": page["next_cursor"]}))
    assert (page["items"] + rest["items"], rest["next_cursor"]) == ([newest, silent, first], None)
    assert json_of(api.get(f"/webhooks/{delivered['id']}"))["disabled"]["reason"] == "gone"


def test_deliveries_are_replayed_alone_and_together(api: ApiClient, delivered: dict[str, Any]) -> None:
    path = f"/webhooks/{delivered['id']}/deliveries"
    newest, _, first = json_of(api.get(path))["items"]
    again = api.post(f"{path}/{first['id']}/replay")
    assert (again.status_code, json_of(again)["state"], json_of(again)["id"]) == (202, "waiting", first["id"])
    assert json_of(again)["attempts"] == first["attempts"]
    assert json_of(api.post(f"{path}/replay")) == {"replayed": 1}
    assert json_of(api.get(f"{path}/{newest['id']}"))["state"] == "waiting"
    actions = [one["action"] for one in json_of(api.get("/audit"))["items"]]
    assert actions[:2] == ["webhook.replayed", "delivery.replayed"]


def test_a_ping_is_sent_on_demand(api: ApiClient, delivered: dict[str, Any]) -> None:
    answer = api.post(f"/webhooks/{delivered['id']}/test")
    assert answer.status_code == 202
    assert (json_of(answer)["type"], json_of(answer)["seq"], json_of(answer)["state"]) == ("ping", None, "waiting")
    assert json_of(api.get(answer.headers["Location"].removeprefix("/api/v1"))) == json_of(answer)
    assert json_of(api.get("/audit"))["items"][0]["action"] == "webhook.pinged"


def test_what_is_no_delivery_is_refused(api: ApiClient, reviewer_api: ApiClient, delivered: dict[str, Any]) -> None:
    path = f"/webhooks/{delivered['id']}/deliveries"
    delivery = json_of(api.get(path))["items"][0]["id"]
    other = json_of(create(api))["id"]
    assert kind(api.get(path, query_string={"state": "lost"})) == "invalid-input"
    assert kind(api.get(path, query_string={"seq": "1"})) == "invalid-input"
    for method, address in (
        ("GET", f"/webhooks/{UUID(int=1)}/deliveries"),
        ("POST", f"/webhooks/{UUID(int=1)}/deliveries/replay"),
        ("POST", f"/webhooks/{UUID(int=1)}/test"),
        ("GET", f"/webhooks/{other}/deliveries/{delivery}"),
        ("POST", f"/webhooks/{other}/deliveries/{delivery}/replay"),
        ("GET", f"{path}/{UUID(int=1)}"),
    ):
        assert kind(api.call(method, address)) == "not-found"
        assert kind(reviewer_api.call(method, address)) == "scope-missing"


def test_a_change_is_read_by_its_number(api: ApiClient, reader_api: ApiClient, delivered: dict[str, Any]) -> None:
    listed = json_of(reader_api.get("/changes"))["items"]
    assert [json_of(reader_api.get(f"/changes/{one['seq']}")) for one in listed] == listed
    for missing in (0, 4, 2**70):
        assert kind(reader_api.get(f"/changes/{missing}")) == "not-found"


def test_figures_tell_of_webhooks(client: FlaskClient, api: ApiClient, delivered: dict[str, Any]) -> None:
    create(api)
    figures = client.get("/metrics").text.splitlines()
    for figure in (
        'legation_webhooks{state="enabled"} 1.0',
        'legation_webhooks{state="gone"} 1.0',
        'legation_deliveries{state="waiting"} 1.0',
        'legation_deliveries{state="failed"} 1.0',
        "legation_delivery_oldest_waiting_seconds 0.0",
    ):
        assert figure in figures
