"""Cursors of lists: signed, and good for the list that they come from, asked for in the same way."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import pytest

from service.operations.actor import Actor
from service.services import Services
from tests.conftest import create_key
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.integration.api.conftest import ApiClient, kind

LISTS = {
    "/documents": {},
    "/events": {},
    "/search": {"q": "visit or arrived"},
    "/reviews": {},
    "/audit": {},
    "/changes": {},
    "/keys": {},
    "/people": {},
}
OTHERWISE = [
    ("/documents", {"state": "drafted"}),
    ("/documents", {"sort": "oldest"}),
    ("/events", {"state": "draft"}),
    ("/search", {"q": "arrived"}),
    ("/search", {"q": "visit or arrived", "kind": "record"}),
    ("/reviews", {"order": "uncertain"}),
    ("/audit", {"action": "event.drafted"}),
]


@pytest.fixture
def records(services: Services, administrator: Actor, reviewer: Actor) -> tuple[UUID, list[UUID]]:
    """Two documents with three records each, of which two are approved."""
    for number in range(2):
        text, records = many_visits(3)
        document, ids = create_drafted_document(services, administrator, f"{text}{number}", records)
    for event_id in ids[:2]:
        create_decision(services, event_id, by=reviewer)
    create_key(services, reviewer, "read")
    return document.id, ids


def cursor_of(api: ApiClient, path: str, **query: Any) -> str:
    answer = api.get(path, query_string={"limit": 1, **query})
    assert answer.json is not None
    assert answer.json["next_cursor"]
    return str(answer.json["next_cursor"])


def refused(api: ApiClient, path: str, cursor: str, **query: Any) -> bool:
    answer = api.get(path, query_string={"cursor": cursor, **query})
    if answer.status_code == 200:
        return False
    assert answer.json is not None
    assert (kind(answer), list(answer.json["errors"])) == ("invalid-input", ["cursor"])
    return True


def test_a_cursor_is_good_for_its_own_list_alone(api: ApiClient, records: object) -> None:
    cursors = {path: cursor_of(api, path, **query) for path, query in LISTS.items()}
    for path, query in LISTS.items():
        good = [of for of, cursor in cursors.items() if not refused(api, path, cursor, **query)]
        assert good == [path]


def test_a_cursor_is_good_for_its_own_document_alone(api: ApiClient, records: tuple[UUID, list[UUID]]) -> None:
    document_id, _ = records
    other = next(one["id"] for one in (api.get("/documents").json or {})["items"] if one["id"] != str(document_id))
    cursor = cursor_of(api, f"/documents/{document_id}/events")
    assert not refused(api, f"/documents/{document_id}/events", cursor)
    assert refused(api, f"/documents/{other}/events", cursor)
    assert refused(api, "/events", cursor, document=document_id)


@pytest.mark.parametrize(("path", "otherwise"), OTHERWISE)
def test_a_cursor_of_another_filter_or_order_is_refused(
    api: ApiClient, records: object, path: str, otherwise: dict[str, str]
) -> None:
    cursor = cursor_of(api, path, **LISTS[path])
    assert not refused(api, path, cursor, **LISTS[path])
    assert refused(api, path, cursor, **otherwise)


def test_the_length_of_the_page_may_change_on_the_way(api: ApiClient, records: object) -> None:
    assert not refused(api, "/events", cursor_of(api, "/events"), limit=3)


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_was_altered_or_made_up_is_refused(api: ApiClient, records: object, path: str) -> None:
    cursor = cursor_of(api, path, **LISTS[path])
    head, _, signature = cursor.rpartition(".")
    turned = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")
    packed = base64.urlsafe_b64encode(bytes(16)).rstrip(b"=").decode()
    for made_up in (f"{head}.{turned}", head, f"{head[:-1]}.{signature}", packed, "", "!", "é"):
        assert refused(api, path, made_up, **LISTS[path])


def test_keys_people_and_comments_come_in_pages(
    api: ApiClient, second_reviewer: Actor, records: tuple[UUID, list[UUID]]
) -> None:
    comments = f"/events/{records[1][0]}/comments"
    for word in ("one", "two", "three"):
        api.post(comments, json={"text": word})
    for path, name in (("/keys", "id"), ("/people", "username"), (comments, "text")):
        whole = [one[name] for one in (api.get(path).json or {})["items"]]
        seen: list[str] = []
        cursor: str | None = None
        while cursor or not seen:
            answer = api.get(path, query_string={"limit": 1} | ({"cursor": cursor} if cursor else {}))
            assert answer.json is not None
            seen += [one[name] for one in answer.json["items"]]
            cursor = answer.json["next_cursor"]
            assert ("Link" in answer.headers) == (cursor is not None)
        assert seen == whole
        assert len(whole) > 1
