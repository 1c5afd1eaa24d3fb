"""The feed as server-sent events: behind a real gunicorn where sockets and processes matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from flask import Flask

from service.api import live_changes
from service.operations.actor import Actor
from service.services import Services
from tests.conftest import create_key
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.feed import fold
from tests.integration.api.conftest import ApiClient, kind
from tests.integration.api.test_real_server import workers_of
from tests.processes import gunicorn, wait_for

RECORDS = 6
ATTEMPTS = 40


@dataclass
class Reader:
    """A client of the stream that remembers the last id, as all of them do."""

    port: int
    key: str
    last: str = ""

    @contextmanager
    def connected(self) -> Iterator[Iterator[dict[str, Any]]]:
        headers = {"Authorization": f"Bearer {self.key}", **({"Last-Event-ID": self.last} if self.last else {})}
        address = f"http://127.0.0.1:{self.port}/api/v1/changes/stream"
        with httpx.Client(timeout=20) as http, http.stream("GET", address, headers=headers) as answer:
            answer.raise_for_status()
            yield self._events(answer)

    def _events(self, answer: httpx.Response) -> Iterator[dict[str, Any]]:
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                self.last = value
            if name == "data":
                yield json.loads(value)


@pytest.fixture
def events(services: Services, administrator: Actor) -> list[UUID]:
    text, records = many_visits(RECORDS)
    return create_drafted_document(services, administrator, text, records)[1]


@pytest.fixture
def reader(services: Services, administrator: Actor, tmp_path: Path) -> Iterator[Reader]:
    with gunicorn(services.settings, tmp_path / "log") as port:
        yield Reader(port, create_key(services, administrator, "read"))


def test_a_reader_who_loses_the_connection_goes_on_where_he_was(
    services: Services, reader: Reader, reviewer: Actor, events: list[UUID]
) -> None:
    """Twice: once he goes away himself, once the server's processes are killed."""
    for event_id in events[:3]:
        create_decision(services, event_id, by=reviewer)
    seen = []
    with reader.connected() as stream:
        seen += [next(stream), next(stream)]
    with reader.connected() as stream:
        seen.append(next(stream))
        create_decision(services, events[3], by=reviewer)
        seen.append(next(stream))
        for process in workers_of(reader.port):
            process.kill()
        with pytest.raises(httpx.TransportError):
            next(stream)
    create_decision(services, events[3], "reject", reason="duplicate", by=reviewer, revision=2)
    wait_for(lambda: is_answered(reader), 20, "the server does not come back")
    with reader.connected() as stream:
        seen.append(next(stream))
    assert [change["seq"] for change in seen] == [1, 2, 3, 4, 5]
    assert sorted(fold(seen)) == sorted(str(event_id) for event_id in events[:3])


def is_answered(reader: Reader) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{reader.port}/healthz").is_success
    except httpx.TransportError:
        return False


def test_many_readers_are_told_at_once_and_leave_threads_to_others(
    services: Services, reader: Reader, reviewer: Actor, events: list[UUID]
) -> None:
    most = 2 * services.settings.feed_readers
    with ExitStack() as connected, ThreadPoolExecutor(most) as pool:
        tried = [connect(connected, reader) for _ in range(ATTEMPTS)]
        streams = [one for one in tried if not isinstance(one, httpx.Response)]
        assert 0 < len(streams) <= most < ATTEMPTS
        refused = [one for one in tried if isinstance(one, httpx.Response)]
        assert {(one.status_code, one.headers["Retry-After"]) for one in refused} == {(429, "5")}
        assert is_answered(reader)
        create_decision(services, events[0], by=reviewer)
        told = [pool.submit(next, stream) for stream in streams]
        assert {one.result(timeout=20)["seq"] for one in told} == {1}
    wait_for(lambda: is_connected(reader), 30, "the places of readers who left stay taken")


def connect(connected: ExitStack, reader: Reader) -> Iterator[dict[str, Any]] | httpx.Response:
    """A stream, or the answer of a server that has no place for another one."""
    try:
        return connected.enter_context(Reader(reader.port, reader.key).connected())
    except httpx.HTTPStatusError as refused:
        return refused.response


def is_connected(reader: Reader) -> bool:
    try:
        with Reader(reader.port, reader.key).connected() as stream:
            return bool(next(stream)["seq"] == 1)
    except httpx.HTTPStatusError:
        return False


def test_a_stream_is_kept_alive_and_ends_after_a_while(
    reader_api: ApiClient, services: Services, reviewer: Actor, events: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    create_decision(services, events[0], by=reviewer)
    monkeypatch.setattr(live_changes, "HEARTBEAT", 0.05)
    monkeypatch.setattr(live_changes, "LONGEST_STREAM", 0.5)
    answer = reader_api.get("/changes/stream", buffered=True)
    assert answer.content_type == "text/event-stream"
    assert answer.headers["X-Accel-Buffering"] == "no"
    begin, first, *comments = answer.text.strip().split("\n\n")
    assert begin.startswith("retry: ")
    assert [line.split(": ")[0] for line in first.split("\n")] == ["id", "data"]
    assert set(comments) == {": nothing new"}
    cursor = first.split("\n")[0].removeprefix("id: ")
    assert cursor == reader_api.get("/changes").json["next_cursor"]  # type: ignore[index]
    again = reader_api.get("/changes/stream", headers={"Last-Event-ID": cursor}, buffered=True)
    assert "data:" not in again.text
    assert "data:" not in reader_api.get("/changes/stream", query_string={"cursor": cursor}, buffered=True).text


@pytest.mark.parametrize(
    "request_",
    [{"headers": {"Last-Event-ID": "7"}}, {"query_string": {"cursor": "7"}}, {"query_string": {"wait": "1"}}],
)
def test_what_is_no_request_for_a_stream_is_refused(lasting_api: ApiClient, request_: dict[str, Any]) -> None:
    answer = lasting_api.get("/changes/stream", **request_)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")


def test_a_stream_that_is_not_read_gives_its_place_back(app: Flask, reader_api: ApiClient) -> None:
    for _ in range(2 * services_of(app).settings.feed_readers):
        answer = reader_api.call("HEAD", "/changes/stream")
        assert answer.status_code == 200
        answer.close()  # as the web server does
    assert services_of(app).watch._readers.total() == 0


def services_of(app: Flask) -> Services:
    found = app.extensions["legation"]
    assert isinstance(found, Services)
    return found
