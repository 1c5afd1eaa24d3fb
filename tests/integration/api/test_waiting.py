"""Uploads that wait for their drafts: as long as they want and may, and at nobody else's cost."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from service.app import create_app
from service.operations import drafting
from service.operations.actor import Actor
from service.operations.drafting import Drafts
from service.services import Services
from service.store.models import Document
from tests.factories import STORY, create_document, create_drafted_document, story_records
from tests.integration.api.conftest import ApiClient
from tests.processes import wait_for


@contextmanager
def api_with(services: Services, api_key: str, **changed: int) -> Iterator[ApiClient]:
    app = create_app(dataclasses.replace(services.settings, **changed))
    try:
        yield ApiClient(app.test_client(), api_key)
    finally:
        app.extensions["legation"].engine.dispose()


def send(api: ApiClient, prefer: str, body: str = STORY, **more: str) -> TestResponse:
    return api.upload(body, headers={"Prefer": prefer, **more})


def await_waiting(services: Services, number: int = 1) -> None:
    """Until so many documents are kept, and their senders wait."""

    def kept() -> bool:
        with services.sessions() as session:
            waiting = select(func.count()).select_from(Document).where(Document.state == "received")
            return session.scalars(waiting).one() == number

    wait_for(kept, 10, "the documents are not kept")


def open_transactions(services: Services) -> set[tuple[int, dt.datetime]]:
    """Process and start of each transaction that is open now; who looks has one for a moment."""
    query = text(
        "select pid, xact_start from pg_stat_activity where xact_start is not null and pid <> pg_backend_pid()"
        " and datname = current_database() and backend_type = 'client backend'"
    )
    with services.engine.connect() as connection:
        return {(row.pid, row.xact_start) for row in connection.execute(query)}


def draft(services: Services) -> None:
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=3)
        drafting.record(session, job, Drafts(story_records(), (), "test", "no parser"))


def fail(services: Services) -> None:
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=1)
        drafting.fail(session, job, "timeout", "No progress.", attempts=1)


@pytest.mark.parametrize(("end", "state", "events"), [(draft, "drafted", {"draft": 2}), (fail, "failed", {})])
def test_the_answer_comes_when_the_document_is_drafted_or_has_failed(
    api: ApiClient, services: Services, end: Callable[[Services], None], state: str, events: dict[str, int]
) -> None:
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(send, api, "wait=25")
        await_waiting(services)
        end(services)
        answer = sent.result(timeout=10)
    assert answer.status_code == 201
    assert answer.headers["Preference-Applied"] == "wait=25"
    assert "Retry-After" not in answer.headers
    assert answer.json is not None
    assert (answer.json["state"], answer.json["events"], answer.json["duplicate_of"]) == (state, events, None)
    assert answer.headers["Location"] == answer.json["links"]["self"]


def test_a_known_document_is_waited_for_too(api: ApiClient, services: Services, administrator: Actor) -> None:
    document = create_document(services, administrator)
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(send, api, "wait=25")
        await_waiting(services)
        draft(services)
        answer = sent.result(timeout=10)
    assert answer.json is not None
    assert (answer.status_code, answer.json["state"]) == (200, "drafted")
    assert answer.json["duplicate_of"] == str(document.id)


def test_one_that_is_drafted_anew_is_waited_for_and_the_answer_kept(
    api: ApiClient, services: Services, administrator: Actor
) -> None:
    create_drafted_document(services, administrator)

    def force() -> TestResponse:
        headers = {"Prefer": "wait=25", "Idempotency-Key": '"a"'}
        return api.upload(STORY, query_string={"force": "true"}, headers=headers)

    with ThreadPoolExecutor() as pool:
        sent = pool.submit(force)
        await_waiting(services)
        draft(services)
        answer = sent.result(timeout=10)
    assert answer.json is not None
    assert (answer.status_code, answer.json["state"]) == (200, "drafted")
    again = force()
    assert (again.status_code, again.data) == (200, answer.data)
    assert again.headers["Preference-Applied"] == "wait=25"


def test_the_wait_ends_in_time(services: Services, api_key: str) -> None:
    with api_with(services, api_key, wait_limit=1) as api:
        started = time.monotonic()
        answer = send(api, "wait=1000")
        waited = time.monotonic() - started
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert answer.headers["Retry-After"] == "1"
    assert 1 <= waited < 5


@pytest.mark.parametrize("prefer", ["wait=0", 'WAIT = "0"', "respond-async, wait=0;x=y", "wait=0, wait=20"])
def test_what_is_preferred(api: ApiClient, prefer: str) -> None:
    assert send(api, prefer).headers["Preference-Applied"] == "wait=0"


@pytest.mark.parametrize("prefer", ["", "wait", "wait=", "wait=soon", "wait=-1", "wait=1.5", 'wait="1', "await=20"])
def test_what_is_no_wait_is_left_alone(api: ApiClient, prefer: str) -> None:
    answer = send(api, prefer)
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_who_finds_no_place_is_answered_at_once(services: Services, api_key: str) -> None:
    with api_with(services, api_key, wait_places=1) as api, ThreadPoolExecutor() as pool:
        first = pool.submit(send, api, "wait=25")
        await_waiting(services)
        second = send(api, "wait=25", "Another text.")
        assert (second.status_code, second.headers.get("Preference-Applied")) == (202, None)
        draft(services)
        assert first.result(timeout=10).status_code == 201
        draft(services)
        assert send(api, "wait=25", "Another text.").headers["Preference-Applied"] == "wait=25", (
            "the place is free again"
        )


def test_who_waits_holds_no_connection(services: Services, api_key: str) -> None:
    """Twice as many as the pool has connections wait, and others are answered."""
    number = 30
    with api_with(services, api_key, wait_places=number) as api, ThreadPoolExecutor(number) as pool:
        sent = [pool.submit(send, api, "wait=30", f"Text {i}.") for i in range(number)]
        await_waiting(services, number)
        assert api.get("/documents").status_code == 200
        looks = open_transactions(services)
        wait_for(lambda: not looks & open_transactions(services), 10, "a look's transaction stays open")
        with services.engine.begin() as connection:
            connection.execute(text("update documents set state = 'drafted', drafted_at = now()"))
        answers = [answer.result(timeout=20) for answer in sent]
    assert {answer.status_code for answer in answers} == {201}
