"""The search through the API: the same results as the page, in pages that go on where the last one ended."""

from __future__ import annotations

from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_drafted_document
from tests.integration.api.conftest import ApiClient, kind


def test_results_tell_what_they_are_and_where_the_words_stand(
    services: Services, administrator: Actor, reader_api: ApiClient
) -> None:
    document, events = create_drafted_document(services, administrator, title="A crossing", source="Example Wire")
    answer = reader_api.get("/search", query_string={"q": "soldiers", "limit": 1}).json
    assert answer is not None
    assert answer["items"] == [
        {
            "kind": "record",
            "document": {"id": str(document.id), "title": "A crossing", "source": "Example Wire", "published": None},
            "event": {"id": str(events[1]), "type": "border_incident", "state": "draft"},
            "excerpt": {
                "start": 0,
                "pieces": [
                    {"text": "soldiers", "is_found": True},
                    {"text": " of Norvale · two guards · Grey Line · crossing · Grey Line", "is_found": False},
                ],
            },
        }
    ]
    after = reader_api.get("/search", query_string={"q": "soldiers", "limit": 1, "cursor": answer["next_cursor"]}).json
    assert after is not None
    assert [(item["kind"], item["event"]) for item in after["items"]] == [("document", None)]
    assert after["next_cursor"] is None


def test_what_cannot_be_searched_is_refused(lasting_api: ApiClient) -> None:
    for query in ({}, {"q": "a" * 201}, {"q": "a\0"}, {"q": "a", "kind": "x"}, {"q": "a", "cursor": "AAAA"}):
        answer = lasting_api.get("/search", query_string=query)
        assert answer.status_code == 422
        assert kind(answer) == "invalid-input"
