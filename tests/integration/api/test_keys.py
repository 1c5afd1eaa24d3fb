"""API keys through the API: made, changed, rotated, ended; and what an end means to who is reading just then."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from service.api import live_changes
from service.app import create_app
from service.operations import keys, people
from service.operations.actor import Actor
from service.operations.people import Change
from service.services import Services
from service.store.models import ApiKey
from tests.conftest import create_key
from tests.factories import STORY
from tests.integration.api.conftest import ApiClient, kind
from tests.processes import wait_for

SOON = 30
"""Seconds that nothing takes which is told at once; a stream lasts ten times as long."""


def in_days(days: float) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).isoformat()


def is_let_in(client: FlaskClient, secret: str) -> bool:
    answer = ApiClient(client, secret).get("/documents")
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def make(api: ApiClient, **more: Any) -> dict[str, Any]:
    answer = api.post("/keys", json={"name": "wire", "scopes": ["read", "upload"], **more})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    assert api.get(answer.headers["Location"].removeprefix("/api/v1")).json == {
        name: value for name, value in answer.json.items() if name != "secret"
    }
    return dict(answer.json)


def test_a_key_is_made_and_its_secret_is_told_once(api: ApiClient, client: FlaskClient, reviewer: Actor) -> None:
    made = make(api, owner="rosa", scopes=["read"], expires_at=in_days(2), rate_limit=7)
    assert made["secret"].startswith(f"lgn_{made['prefix']}_")
    assert (made["owner"], made["scopes"], made["rate_limit"], made["documents_in_work"]) == ("rosa", ["read"], 7, None)
    assert (made["state"], made["last_used_at"]) == ("valid", None)
    assert is_let_in(client, made["secret"])
    listed = api.get("/keys")
    assert made["secret"] not in listed.text
    assert listed.json is not None
    found = {one["id"]: one for one in listed.json["items"]}
    assert found[made["id"]]["last_used_at"] is not None


def test_what_makes_no_key_is_refused(api: ApiClient, reader_api: ApiClient, reviewer: Actor) -> None:
    for wrong in (
        {"scopes": []},
        {"scopes": ["admin"], "owner": "rosa"},
        {"expires_at": in_days(-1)},
        {"expires_at": "2031-01-01T00:00:00"},
        {"rate_limit": 0},
        {"documents_in_work": "many"},
        {"name": " "},
        {"name": "two\nlines"},
    ):
        body = {"name": "wire", "scopes": ["read"], **wrong}
        assert kind(api.post("/keys", json=body)) == "invalid-input", wrong
    assert kind(api.post("/keys", json={"name": "wire", "scopes": ["read"], "owner": "nobody"})) == "not-found"
    assert kind(reader_api.get("/keys")) == "scope-missing"
    assert kind(reader_api.post("/keys", json={"name": "wire", "scopes": ["read"]})) == "scope-missing"


def test_a_key_is_changed_at_the_version_that_was_read(api: ApiClient, client: FlaskClient) -> None:
    path = f"/keys/{make(api, documents_in_work=3)['id']}"
    seen = {"If-Match": api.get(path).headers["ETag"]}
    assert kind(api.call("PATCH", path, json={"name": "other"})) == "version-missing"
    changed = api.call("PATCH", path, json={"name": "other", "rate_limit": 9, "documents_in_work": None}, headers=seen)
    assert changed.json is not None
    assert [changed.json[name] for name in ("name", "rate_limit", "documents_in_work")] == ["other", 9, None]
    for refused in (
        api.call("PATCH", path, json={"name": "third"}, headers=seen),
        api.post(f"{path}/rotate", json={}, headers=seen),
        api.post(f"{path}/revoke", headers=seen),
    ):
        assert kind(refused) == "version-changed"
    now = {"If-Match": changed.headers["ETag"]}
    revoked = api.post(f"{path}/revoke", headers=now)
    assert revoked.json is not None
    assert revoked.json["state"] == "revoked"
    then = {"If-Match": revoked.headers["ETag"]}
    assert kind(api.call("PATCH", path, json={"name": "third"}, headers=then)) == "key-ended"


def test_a_rotated_key_is_the_same_key_with_two_secrets_until_the_overlap_ends(
    api: ApiClient, client: FlaskClient, services: Services
) -> None:
    """What was begun with the old secret is gone on with by the new one: an upload that is sent again, too."""
    made = make(api)
    path, once = f"/keys/{made['id']}", {"Idempotency-Key": "first"}
    first = ApiClient(client, made["secret"]).upload(STORY, headers=once)
    rotated = api.post(f"{path}/rotate", json={"overlap": 600}, headers={"If-Match": api.get(path).headers["ETag"]})
    assert rotated.json is not None
    new = rotated.json["secret"]
    same = ("id", "name", "prefix", "scopes", "owner", "rate_limit", "created_at")
    assert [rotated.json[name] for name in same] == [made[name] for name in same]
    assert is_let_in(client, made["secret"])
    again = ApiClient(client, new).upload(STORY, headers=once)
    assert (again.status_code, again.json) == (first.status_code, first.json)
    with services.sessions.begin() as session:
        session.execute(update(ApiKey).where(ApiKey.id == UUID(made["id"])).values(previous_until=func.now()))
    assert not is_let_in(client, made["secret"])
    assert is_let_in(client, new)
    at_once = api.post(f"{path}/rotate", json={"overlap": 0}, headers={"If-Match": rotated.headers["ETag"]})
    assert at_once.json is not None
    assert [is_let_in(client, secret) for secret in (new, at_once.json["secret"])] == [False, True]


def test_a_key_ends_when_it_said_and_lives_as_long_again_when_it_is_rotated(
    api: ApiClient, client: FlaskClient, services: Services
) -> None:
    made = make(api, expires_at=in_days(10))
    path = f"/keys/{made['id']}"
    with services.sessions.begin() as session:
        session.execute(
            update(ApiKey)
            .where(ApiKey.id == UUID(made["id"]))
            .values(secret_at=func.now() - dt.timedelta(days=10), expires_at=func.now())
        )
    assert not is_let_in(client, made["secret"])
    ended = api.get(path)
    assert ended.json is not None
    assert ended.json["state"] == "expired"
    with services.sessions() as session:
        rotated = keys.rotate(session, UUID(made["id"]), by=None)
    assert rotated.key.expires_at is not None
    assert abs(rotated.key.expires_at - dt.datetime.now(dt.UTC) - dt.timedelta(days=10)) < dt.timedelta(hours=1)
    assert [is_let_in(client, secret) for secret in (made["secret"], rotated.secret)] == [False, True]


def test_where_secrets_may_live_so_long_none_lives_longer(services: Services, api_key: str) -> None:
    app = create_app(dataclasses.replace(services.settings, key_days=30))
    api = ApiClient(app.test_client(), api_key)
    made = make(api)
    left = dt.datetime.fromisoformat(made["expires_at"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=29) < left <= dt.timedelta(days=30)
    assert kind(api.post("/keys", json={"name": "wire", "scopes": ["read"], "expires_at": in_days(31)})) == (
        "invalid-input"
    )
    app.extensions["legation"].engine.dispose()


def test_a_key_has_limits_of_its_own(api: ApiClient, client: FlaskClient) -> None:
    made = make(api, rate_limit=3, documents_in_work=1)
    own = ApiClient(client, made["secret"])
    first, second, third = own.upload(STORY), own.upload(f"{STORY} Again."), own.get("/documents")
    assert (first.status_code, kind(second), third.status_code) == (202, "too-many-in-work", 200)
    assert first.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert kind(own.get("/documents")) == "too-many-requests"
    assert api.get("/documents").headers["RateLimit-Policy"] == '"default";q=6000;w=60'


def revoke(session: Session, key_id: UUID, administrator: Actor) -> None:
    keys.revoke(session, key_id, by=administrator)


def disable(session: Session, key_id: UUID, administrator: Actor) -> None:
    people.change(session, "rosa", Change(is_disabled=True), by=administrator)


def rotate(session: Session, key_id: UUID, administrator: Actor) -> None:
    keys.rotate(session, key_id, overlap=dt.timedelta(), by=administrator)


def expire(session: Session, key_id: UUID, administrator: Actor) -> None:
    keys.change(session, key_id, {"expires_at": dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)}, by=administrator)


@pytest.mark.parametrize("end", [revoke, disable, rotate, expire])
@pytest.mark.parametrize("how", ["stream", "wait"])
def test_who_reads_with_a_key_that_ends_is_let_in_no_more_at_once(
    app: Flask,
    services: Services,
    administrator: Actor,
    reviewer: Actor,
    how: str,
    end: Callable[[Session, UUID, Actor], None],
) -> None:
    secret, other = (create_key(services, reviewer, "read"), create_key(services, administrator, "read"))
    watch = app.extensions["legation"].watch
    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(read, app, secret, how)
        staying = pool.submit(read, app, other, "stream")
        wait_for(lambda: watch._readers.total() == 2, 20, "nobody reads")
        began = time.monotonic()
        with services.sessions() as session:
            end(session, keys.id_of(session, secret.split("_")[1]), administrator)
        assert reading.result(timeout=SOON) in ("ended", "401 not-signed-in")
        assert time.monotonic() - began < SOON < live_changes.LONGEST_STREAM
        assert not staying.done()
        with services.sessions() as session:
            keys.revoke(session, keys.id_of(session, other.split("_")[1]), by=administrator)
        assert staying.result(timeout=SOON) == "ended"
    assert watch._ended == set()


def read(app: Flask, secret: str, how: str) -> str:
    api = ApiClient(app.test_client(), secret)
    if how == "stream":
        answer = api.get("/changes/stream")
        consume(answer.iter_encoded())
        answer.close()
        return "ended"
    answer = api.get("/changes", query_string={"wait": 30})
    return f"{answer.status_code} {kind(answer)}" if answer.status_code >= 400 else "waited to the end"


def consume(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass
