"""Two pairs of eyes over HTTP: rules, settling, agreement; and nothing tells the first answer before the second."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from service.operations.actor import Actor
from service.services import Services
from tests.conftest import create_actor, create_key
from tests.factories import STORY, create_drafted_document, visit
from tests.integration.api.conftest import ApiClient, kind

STREAM = "/api/v1/changes/stream"
FIX = {"decision": "fix", "changes": {"modality": "planned", "details/purpose": "a secret of the first reader"}}


@pytest.fixture
def judge_api(client: FlaskClient, services: Services) -> ApiClient:
    judge = create_actor(services, "judith", "adjudicator")
    return ApiClient(client, create_key(services, judge, "read", "review", "adjudicate"))


@pytest.fixture
def visit_id(api: ApiClient, services: Services, administrator: Actor) -> UUID:
    """A visit that two people are to read."""
    rule = {"family": "visit", "second_share": 1, "gold_share": 0}
    assert api.change("PUT", "/review-rules", json=rule).status_code == 204
    return create_drafted_document(services, administrator)[1][0]


def test_rules_are_read_and_set_by_administrators(api: ApiClient, reviewer_api: ApiClient, visit_id: UUID) -> None:
    rules = api.get("/review-rules").json
    assert rules
    assert rules["items"][0] == {"family": "visit", "second_share": 1.0, "gold_share": 0.0}
    for wrong in ({"family": "coup", "second_share": 1}, {"family": "visit", "second_share": 2}):
        assert api.change("PUT", "/review-rules", json={**wrong, "gold_share": 0}).status_code == 422
    assert reviewer_api.get("/review-rules").status_code == 403


def test_the_first_answer_is_told_nowhere_until_the_second_is_there(
    api: ApiClient, reviewer_api: ApiClient, second_reviewer_api: ApiClient, visit_id: UUID
) -> None:
    found = {path: second_reviewer_api.get(path) for path in readable(api, visit_id)}
    before = {path: answer.data for path, answer in found.items() if answer.status_code == 200}
    assert reviewer_api.decide(visit_id, 1, **FIX).status_code == 200
    for path in found:
        assert b"secret of the first" not in second_reviewer_api.get(path).data, path
        assert b"secret of the first" not in api.get(path).data, path
    same = [path for path in before if not path.endswith(("/review", "/reviews"))]
    assert [path for path in same if second_reviewer_api.get(path).data != before[path]] == []
    undone = reviewer_api.post("/reviews/undo", json={})
    assert undone.status_code == 200
    for path in found:
        assert b"secret of the first" not in second_reviewer_api.get(path).data, path


def readable(api: ApiClient, event_id: UUID) -> list[str]:
    """Every address of the API that is read, for this record, but the stream of changes, which tells what they do."""
    description = api.get("/openapi.json").json
    assert description
    document_id = api.get(f"/events/{event_id}").json["document"]["id"]  # type: ignore[index]
    queries = {"/search": "?q=secret"}
    found = [
        path.removeprefix("/api/v1")
        for path, methods in description["paths"].items()
        if "get" in methods and path != STREAM
    ]
    known = defaultdict(uuid4, event_id=event_id, document_id=document_id)
    return [path.format_map(known) + queries.get(path, "") for path in found]


def test_a_dispute_is_read_and_settled(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, judge_api: ApiClient, visit_id: UUID
) -> None:
    assert kind(judge_api.get(f"/events/{visit_id}/settlement")) == "transition-impossible"
    reviewer_api.decide(visit_id, 1, **FIX)
    second_reviewer_api.decide(visit_id, 1, decision="approve")
    assert kind(reviewer_api.get(f"/events/{visit_id}/settlement")) == "scope-missing"
    claimed = judge_api.post("/reviews/next", query_string={"stage": "adjudication"})
    dispute = judge_api.get(f"/events/{visit_id}/settlement")
    assert dispute.json
    assert [one["field"] for one in dispute.json["differences"]] == ["modality", "details/purpose"]
    assert "rosa" not in dispute.text
    assert "theo" not in dispute.text
    modality = dispute.json["differences"][0]
    side = next(side for side in ("a", "b") if modality[side]["value"] == "planned")
    assert claimed.json
    body = {
        "choices": {"modality": side},
        "changes": {"details/purpose": "talks"},
        "lease": claimed.json["lease"]["token"],
    }
    path, seen = f"/events/{visit_id}/settlement", {"If-Match": claimed.headers["ETag"]}
    assert judge_api.post(path, json=body).status_code == 428
    refused = judge_api.post(path, json={**body, "choices": {}}, headers=seen)
    assert refused.json
    assert (kind(refused), list(refused.json["errors"])) == ("invalid-input", ["modality"])
    settled = judge_api.post(path, json=body, headers=seen)
    assert settled.json
    assert (settled.json["state"], settled.json["modality"]) == ("approved", "planned")
    assert settled.json["details"]["purpose"] == "talks"


def test_agreement_is_told_by_family_and_field(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, visit_id: UUID
) -> None:
    for one in (reviewer_api, second_reviewer_api):
        one.decide(visit_id, 1, decision="approve")
    told = reviewer_api.get("/statistics/agreement", query_string={"days": 7}).json
    assert told
    found = {(one["family"], one["field"]): one for one in told["items"]}
    visits = found["visit", "modality"]
    assert (visits["pairs"], visits["equal"], visits["alpha"]) == (1, 1.0, None)
    assert visits["why"]
    assert found["treaty", "modality"]["equal"] is None
    assert reviewer_api.get("/statistics/agreement", query_string={"days": 0}).status_code == 422


def test_hidden_checks_are_marked_handed_out_and_scored(
    api: ApiClient,
    reviewer_api: ApiClient,
    second_reviewer_api: ApiClient,
    judge_api: ApiClient,
    services: Services,
    administrator: Actor,
) -> None:
    visit_id, incident_id = create_drafted_document(services, administrator)[1]
    assert kind(judge_api.call("PUT", f"/events/{visit_id}/gold")) == "not-gold"
    second_reviewer_api.decide(visit_id, 1, decision="approve")
    assert kind(reviewer_api.call("PUT", f"/events/{visit_id}/gold")) == "scope-missing"
    for _ in range(2):
        assert judge_api.call("PUT", f"/events/{visit_id}/gold").status_code == 204
    for family in ("visit", "border_incident"):
        api.change("PUT", "/review-rules", json={"family": family, "second_share": 0, "gold_share": 1})
    assert claimed(reviewer_api) == str(incident_id)  # of this family there is nothing to be checked on
    text = STORY + "Again."
    create_drafted_document(services, administrator, text, [visit(text)])
    check = claimed(reviewer_api)
    assert reviewer_api.decide(check, 1, decision="approve").status_code == 200
    assert second_reviewer_api.get(f"/events/{check}").status_code == 404
    listed = reviewer_api.get("/events", query_string={"state": "approved"}).json
    assert listed
    assert [record["id"] for record in listed["items"]] == [str(visit_id)]
    assert reviewer_api.get("/statistics/gold").json == {"items": []}  # it could still be undone
    assert judge_api.call("DELETE", f"/events/{visit_id}/gold").status_code == 204
    assert judge_api.call("DELETE", f"/events/{check[:-4]}0000/gold").status_code == 404


def claimed(api: ApiClient) -> str:
    answer = api.post("/reviews/next")
    assert answer.json, answer.text
    return str(answer.json["id"])
