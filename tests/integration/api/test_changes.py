"""The feed over HTTP: pages, cursors, and that what a reader adds up is what the export has."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from service.operations.actor import Actor
from service.services import Services
from service.store.access import KeyInUse
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.feed import fold
from tests.integration.api.conftest import ApiClient, kind
from tests.processes import wait_for

PLANNED = {"modality": "planned"}


@pytest.fixture
def events(services: Services, administrator: Actor, reviewer: Actor) -> list[UUID]:
    """Five records: all approved, the second corrected, the third retracted. Seven changes."""
    text, records = many_visits(5)
    _, ids = create_drafted_document(services, administrator, text, records)
    for event_id in ids:
        create_decision(services, event_id, by=reviewer)
    create_decision(services, ids[1], "fix", changes=PLANNED, by=reviewer, revision=2)
    create_decision(services, ids[2], "reject", reason="duplicate", by=reviewer, revision=2)
    return ids


def page(api: ApiClient, **query: Any) -> dict[str, Any]:
    answer = api.get("/changes", query_string=query)
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
def test_pages_of_any_size_have_each_change_once_and_add_up_to_the_export(
    reader_api: ApiClient, events: list[UUID], limit: int
) -> None:
    changes, query, more = [], {"limit": limit}, True
    while more:
        found = page(reader_api, **query)
        changes += found["items"]
        query["cursor"], more = found["next_cursor"], found["has_more"]
    assert [change["seq"] for change in changes] == [1, 2, 3, 4, 5, 6, 7]
    exported = map(json.loads, reader_api.get("/exports/events.jsonl").text.splitlines())
    assert fold(changes) == {record["id"]: record for record in exported}


def test_the_cursor_at_the_end_finds_what_comes_later(
    reader_api: ApiClient, services: Services, reviewer: Actor, events: list[UUID]
) -> None:
    end = page(reader_api)
    nothing = page(reader_api, cursor=end["next_cursor"])
    assert nothing == {"items": [], "next_cursor": end["next_cursor"], "has_more": False}
    create_decision(services, events[0], "fix", changes=PLANNED, by=reviewer, revision=2)
    (change,) = page(reader_api, cursor=end["next_cursor"])["items"]
    assert (change["seq"], change["op"], change["event"]["id"]) == (8, "put", str(events[0]))


def test_a_reader_who_keeps_numbers_goes_on_behind_one(reader_api: ApiClient, events: list[UUID]) -> None:
    assert [change["seq"] for change in page(reader_api, after=4)["items"]] == [5, 6, 7]
    assert page(reader_api, after=7)["items"] == []
    for wrong in (
        {"after": 8},
        {"after": -1},
        {"after": 2**63},
        {"after": 1, "cursor": page(reader_api)["next_cursor"]},
    ):
        refused = reader_api.get("/changes", query_string=wrong)
        assert (kind(refused), list(refused.json["errors"])) == ("invalid-input", ["after"])  # type: ignore[index]


def test_links_lead_to_the_end(reader_api: ApiClient, events: list[UUID]) -> None:
    numbers, address = [], "/api/v1/changes?limit=3&after=1"
    while address:
        answer = reader_api.get(address.removeprefix("/api/v1"))
        numbers += [change["seq"] for change in answer.json["items"]]  # type: ignore[index]
        address = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert numbers == [2, 3, 4, 5, 6, 7]


def test_an_empty_feed_has_a_cursor_to_go_on_from(
    reader_api: ApiClient, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    empty = page(reader_api)
    assert (empty["items"], empty["has_more"]) == ([], False)
    _, ids = create_drafted_document(services, administrator)
    create_decision(services, ids[0], by=reviewer)
    assert [change["seq"] for change in page(reader_api, cursor=empty["next_cursor"])["items"]] == [1]


def test_a_page_asked_for_again_is_the_same(reader_api: ApiClient, events: list[UUID]) -> None:
    """As a reader does who died before he had kept it, also while records go on changing."""
    first = page(reader_api, limit=3)
    again = page(reader_api, limit=3, cursor=first["next_cursor"])
    assert page(reader_api, limit=3, cursor=first["next_cursor"]) == again
    assert again["items"][0]["event"]["state"] == "approved"


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "MQ"},
        {"cursor": "MQ.made-up"},
        {"cursor": ""},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "many"},
        {"wait": "31"},
        {"wait": "-1"},
        {"wait": "nan"},
        {"unknown": "1"},
        {"type": "visit"},
    ],
)
def test_what_is_no_query_is_refused(lasting_api: ApiClient, query: dict[str, str]) -> None:
    answer = lasting_api.get("/changes", query_string=query)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")


def test_a_cursor_of_another_installation_is_refused(reader_api: ApiClient, events: list[UUID]) -> None:
    cursor = page(reader_api)["next_cursor"]
    head, _, signature = cursor.rpartition(".")
    other = f"{head}.{signature[:-2]}{'AA' if signature[-2:] != 'AA' else 'BB'}"
    assert kind(reader_api.get("/changes", query_string={"cursor": other})) == "invalid-input"


def test_who_waits_is_answered_when_a_change_is_committed(
    app: Flask, api_key: str, services: Services, reviewer: Actor, events: list[UUID]
) -> None:
    cursor = page(ApiClient(app.test_client(), api_key))["next_cursor"]

    def wait() -> dict[str, Any]:
        return page(ApiClient(app.test_client(), api_key), cursor=cursor, wait=30)

    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(wait) for _ in range(3)]
        wait_for(lambda: readers(app) == 3, 10, "nobody waits")
        assert app.extensions["legation"].engine.pool.checkedout() <= 1, "only the watch may hold a connection"
        create_decision(services, events[0], "fix", changes=PLANNED, by=reviewer, revision=2)
        for one in waiting:
            assert [change["seq"] for change in one.result(timeout=10)["items"]] == [8]
    assert readers(app) == 0


def readers(app: Flask) -> int:
    return int(app.extensions["legation"].watch._readers.total())


def test_who_waits_for_nothing_is_answered_in_time(reader_api: ApiClient, events: list[UUID]) -> None:
    cursor = page(reader_api)["next_cursor"]
    began = time.monotonic()
    nothing = page(reader_api, cursor=cursor, wait=0.3)
    assert time.monotonic() - began >= 0.3
    assert nothing == {"items": [], "next_cursor": cursor, "has_more": False}


def test_who_waits_where_there_is_a_change_does_not_wait(reader_api: ApiClient, events: list[UUID]) -> None:
    began = time.monotonic()
    assert len(page(reader_api, wait=30)["items"]) == 7
    assert time.monotonic() - began < 20


def test_readers_beyond_the_places_are_told_to_come_again(
    app: Flask, reader_api: ApiClient, events: list[UUID]
) -> None:
    cursor = page(reader_api)["next_cursor"]
    watch, places = app.extensions["legation"].watch, app.extensions["legation"].settings.feed_readers
    with ExitStack() as taken:
        for _ in range(places):
            taken.enter_context(watch.place(KeyInUse(UUID(int=0), "of somebody else")))
        refused = reader_api.get("/changes", query_string={"cursor": cursor, "wait": 1})
        assert (refused.status_code, kind(refused)) == (429, "too-many-readers")
        assert int(refused.headers["Retry-After"]) > 0
        assert page(reader_api, cursor=cursor)["items"] == [], "who does not wait needs no place"
    assert page(reader_api, cursor=cursor, wait=0.01)["items"] == []
