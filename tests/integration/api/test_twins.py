"""The same story elsewhere, over HTTP and on the pages."""

from __future__ import annotations

import pytest

from service.operations.actor import Actor
from service.services import Services
from service.store.models import Document
from tests.factories import STORY, create_decision, create_drafted_document
from tests.integration.api.conftest import ApiClient, kind
from workers.likeness import sketch

AGAIN = f"{STORY}\nThe paper adds a line of its own.\n"


@pytest.fixture
def pair(services: Services, administrator: Actor, reviewer: Actor) -> tuple[Document, Document]:
    one, events = create_drafted_document(
        services, administrator, sketch=sketch(STORY), title="The visit", source="Daily"
    )
    create_decision(services, events[0], by=reviewer)
    return one, create_drafted_document(services, administrator, AGAIN, sketch=sketch(AGAIN))[0]


def test_twins_are_listed_with_what_was_decided_there(api: ApiClient, pair: tuple[Document, Document]) -> None:
    one, other = pair
    links = (api.get(f"/documents/{other.id}").json or {})["links"]
    answer = api.get(links["twins"].removeprefix("/api/v1"))
    assert answer.json is not None
    (twin,) = answer.json["items"]
    assert twin["document"] == api.get(f"/documents/{one.id}").json
    assert twin["document"]["events"] == {"approved": 1, "draft": 1}
    assert 0.5 <= twin["likeness"] < 1


def test_a_document_that_is_not_there_has_none(api: ApiClient) -> None:
    assert kind(api.get("/documents/018f0000-0000-7000-8000-000000000000/twins")) == "not-found"
