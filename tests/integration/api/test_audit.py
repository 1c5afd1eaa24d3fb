"""The audit as programs of administrators read it."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_drafted_document
from tests.integration.api.conftest import ApiClient, kind


@pytest.fixture
def event_id(services: Services, administrator: Actor) -> UUID:
    return create_drafted_document(services, administrator)[1][0]


def page(api: ApiClient, **query: Any) -> dict[str, Any]:
    answer = api.get("/audit", query_string=query)
    assert answer.json is not None
    return dict(answer.json)


def test_the_audit_of_a_record(api: ApiClient, reviewer_api: ApiClient, event_id: UUID) -> None:
    reviewer_api.post(f"/events/{event_id}/claim")
    reviewer_api.decide(event_id, 1, decision="fix", changes={"modality": "planned"})
    entries = page(api, subject=event_id)["items"]
    assert [entry["action"] for entry in entries] == ["event.decided", "review.claimed", "event.drafted"]
    assert [entry["actor"] and entry["actor"]["username"] for entry in entries] == ["rosa", "rosa", None]
    decided, drafted = entries[0], entries[-1]
    assert decided["subject"] == {"kind": "event", "id": str(event_id)}
    assert decided["key"]["prefix"]
    assert decided["before"]["revisions"] == drafted["after"]["revisions"]
    assert decided["after"]["changes"] == [{"field": "modality", "from": "occurred", "to": "planned"}]
    assert page(api, subject=event_id, action="event.drafted")["items"] == [drafted]
    assert page(api, subject=event_id, actor="rosa")["items"] == entries[:2]
    assert page(api, actor="nobody") == {"items": [], "next_cursor": None}


def test_pages_follow_the_chain_down_to_its_first_entry(api: ApiClient, event_id: UUID) -> None:
    entries: list[dict[str, Any]] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        found = page(api, limit=3, **cursor)
        entries += found["items"]
        cursor = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    assert [entry["number"] for entry in entries] == list(range(len(entries), 0, -1))
    assert [entry["previous_hash"] for entry in entries] == [*(entry["hash"] for entry in entries[1:]), "0" * 64]
    assert all(entry["hash"] == hash_of(entry) for entry in entries)


def hash_of(entry: dict[str, Any]) -> str:
    """As docs/audit.md tells it."""
    actor, key = (entry[who] and entry[who]["id"] for who in ("actor", "key"))
    before, after = (
        json.dumps(entry[side], ensure_ascii=False) if entry[side] else None for side in ("before", "after")
    )
    said = [entry["number"], entry["at"], actor, key, entry["action"], *entry["subject"].values(), before, after]
    return hashlib.sha256("\x1f".join(str(one or "") for one in [*said, entry["previous_hash"]]).encode()).hexdigest()


def test_only_administrators_read_it(reviewer_api: ApiClient) -> None:
    answer = reviewer_api.get("/audit")
    assert (answer.status_code, kind(answer)) == (403, "scope-missing")


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "AAAA"}, {"subject": "x"}, {"limit": 201}])
def test_what_it_cannot_look_for_is_refused(api: ApiClient, query: dict[str, Any]) -> None:
    answer = api.get("/audit", query_string=query)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")
