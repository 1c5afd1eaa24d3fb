"""Comments through the API."""

from __future__ import annotations

from uuid import uuid4

from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_drafted_document
from tests.integration.api.conftest import ApiClient


def test_a_comment_is_added_read_and_resolved(api: ApiClient, services: Services, administrator: Actor) -> None:
    _, (event_id, _) = create_drafted_document(services, administrator)
    path = f"/events/{event_id}/comments"
    made = api.post(path, json={"text": "Which day?", "field": "date"})
    assert made.status_code == 201
    comment = f"{path}/{made.json['id']}"
    resolved = api.change("POST", f"{comment}/resolve", of=comment)
    assert resolved.json["resolved_by"] == administrator.username
    assert api.get(path).json == {"items": [resolved.json], "next_cursor": None}
    assert api.post(path, json={"text": "Who?", "field": "participants/9"}).status_code == 422
    assert api.get(f"/events/{uuid4()}/comments").status_code == 404
    assert api.change("POST", f"{path}/{uuid4()}/resolve").status_code == 404
