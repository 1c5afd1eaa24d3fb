"""The queue over HTTP: the calls that the pages make with forms, with the same rules."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.operations.actor import Actor
from service.services import Services
from service.store.models import Document
from tests.factories import STORY, create_drafted_document
from tests.integration.api.conftest import ApiClient, kind

START = STORY.index("crossed")
TRIGGER = {"field": "trigger", "start": START, "end": START + len("crossed")}


@pytest.fixture
def drafted(services: Services, administrator: Actor) -> tuple[Document, list[UUID]]:
    """A document with a visit and a border incident that wait for review."""
    return create_drafted_document(services, administrator)


@pytest.fixture
def drafts(drafted: tuple[Document, list[UUID]]) -> list[UUID]:
    return drafted[1]


def claimed(api: ApiClient, **query: str) -> dict[str, Any]:
    answer = api.post("/reviews/next", query_string=query)
    assert answer.status_code == 200
    assert isinstance(answer.json, dict)
    return answer.json


def test_the_order_and_the_holder_are_told(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, drafts: list[UUID]
) -> None:
    record = claimed(reviewer_api, order="uncertain")
    assert record["id"] == str(drafts[1])
    told = second_reviewer_api.get(f"/events/{drafts[1]}/review").json
    assert told["holder"] == "rosa"
    assert dt.datetime.fromisoformat(told["expires_at"]) > dt.datetime.now(dt.UTC)
    assert told["expected_edits"] == pytest.approx(1.06)
    assert reviewer_api.post("/reviews/next", query_string={"order": "random"}).status_code == 422


def test_taking_over_refuses_the_late_save_of_the_other(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, drafts: list[UUID]
) -> None:
    old = claimed(reviewer_api)["lease"]["token"]
    new = second_reviewer_api.post(f"/events/{drafts[0]}/take-over").json["lease"]
    assert (new["holder"], new["token"]) == ("theo", old + 1)
    assert kind(reviewer_api.decide(drafts[0], 1, decision="approve", lease=old)) == "held-by-another"
    assert second_reviewer_api.decide(drafts[0], 1, decision="approve", lease=new["token"]).status_code == 200


def test_skip_snooze_assign_and_prioritize(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, drafts: list[UUID]
) -> None:
    item = f"/events/{drafts[1]}/review"
    put = reviewer_api.change("PUT", f"/events/{drafts[1]}/priority", of=item, json={"priority": 3})
    assert put.status_code == 204
    record = claimed(reviewer_api)
    assert record["id"] == str(drafts[1])
    token = record["lease"]["token"]
    assert reviewer_api.post(f"/events/{drafts[1]}/skip", json={"lease": token}).status_code == 204
    assert claimed(reviewer_api)["id"] == str(drafts[0])

    record = claimed(second_reviewer_api)
    assert record["id"] == str(drafts[1])
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)).isoformat()
    token = record["lease"]["token"]
    snoozed = second_reviewer_api.post(f"/events/{drafts[1]}/snooze", json={"lease": token, "until": until})
    assert snoozed.status_code == 204
    assert second_reviewer_api.post("/reviews/next").status_code == 204
    put = second_reviewer_api.change("PUT", f"/events/{drafts[1]}/assignee", of=item, json={"assignee": "rosa"})
    assert put.status_code == 204
    assert second_reviewer_api.get(f"/events/{drafts[1]}/review").json["assignee"] == "rosa"
    for body in ({"assignee": "nobody"}, {"assignee": 7}, {}):
        put = second_reviewer_api.change("PUT", f"/events/{drafts[1]}/assignee", of=item, json=body)
        assert put.status_code == 422
    naive = {"lease": 1, "until": "2031-01-01T00:00:00"}
    assert second_reviewer_api.post(f"/events/{drafts[1]}/snooze", json=naive).status_code == 422


def test_undo_takes_an_approval_out_of_the_export(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    reviewer_api.decide(drafts[0], 1, decision="approve")
    (undoable,) = reviewer_api.get("/reviews/undoable").json
    assert (undoable["event"], undoable["decision"]) == (str(drafts[0]), "approved")
    undone = reviewer_api.post("/reviews/undo", json={"decision": undoable["id"]}).json
    assert undone["events"] == [str(drafts[0])]
    assert undone["lease"]["holder"] == "rosa"
    assert reviewer_api.get("/exports/events.jsonl").text == ""
    assert kind(reviewer_api.post("/reviews/undo", json={})) == "nothing-to-undo"
    assert kind(reviewer_api.decide(drafts[0], 1, decision="approve")) == "revision-changed"


def test_a_decided_record_is_corrected_and_retracted(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    reviewer_api.decide(drafts[0], 1, decision="approve")
    fixed = reviewer_api.decide(drafts[0], 2, decision="fix", changes={"modality": "alleged"}).json
    assert (fixed["state"], fixed["modality"]) == ("approved", "alleged")
    assert reviewer_api.decide(drafts[0], 3, decision="reject", reason="duplicate").json["state"] == "retracted"
    assert reviewer_api.decide(drafts[0], 4, decision="approve").status_code == 409


def test_add_split_and_merge(reviewer_api: ApiClient, drafted: tuple[Document, list[UUID]]) -> None:
    document, drafts = drafted
    wanted = {"type": "border_incident", "changes": {"details/action": "crossing", "evidence": [TRIGGER]}}
    added = reviewer_api.post(f"/documents/{document.id}/events", json=wanted)
    assert added.status_code == 201
    assert added.headers["Location"].endswith(added.json["id"])
    assert added.json["draft"] is None
    unbacked = {**wanted, "changes": {"details/action": "crossing"}}
    assert reviewer_api.post(f"/documents/{document.id}/events", json=unbacked).status_code == 422
    assert reviewer_api.post(f"/documents/{uuid4()}/events", json=wanted).status_code == 404

    headers = {"If-Match": '"1"'}
    halves = reviewer_api.post(f"/events/{drafts[1]}/split", json={"moved": ["participants/1"]}, headers=headers)
    ids = [half["event"] for half in halves.json["items"]]
    assert ids[0] == str(drafts[1])
    headers = {"If-Match": '"2"'}
    whole = reviewer_api.post(f"/events/{ids[0]}/merge", json={"other": ids[1]}, headers=headers)
    assert [one["name"] for one in whole.json["participants"]] == ["soldiers of Norvale", "two guards"]
    assert reviewer_api.get(f"/events/{ids[1]}").json["state"] == "superseded"
    headers = {"If-Match": '"3"'}
    unlike = reviewer_api.post(f"/events/{ids[0]}/merge", json={"other": str(drafts[0])}, headers=headers)
    assert kind(unlike) == "not-mergeable"


def test_sending_back_has_the_document_drafted_again(
    reviewer_api: ApiClient, api: ApiClient, drafted: tuple[Document, list[UUID]]
) -> None:
    document, drafts = drafted
    assert reviewer_api.decide(drafts[0], 1, decision="send_back", reason_text="Another date").status_code == 200
    assert api.get(f"/documents/{document.id}").json["state"] == "received"
    assert reviewer_api.get(f"/events/{drafts[0]}/review").json["stage"] == "redraft"
    assert kind(reviewer_api.post(f"/events/{drafts[0]}/claim")) == "being-drafted"


def test_a_drafted_document_is_drafted_again(api: ApiClient, drafted: tuple[Document, list[UUID]]) -> None:
    redrafted = api.post(f"/documents/{drafted[0].id}/redraft")
    assert (redrafted.status_code, redrafted.json["state"]) == (202, "received")
    assert kind(api.post(f"/documents/{drafted[0].id}/redraft")) == "not-replayable"
    assert api.post("/documents/redraft-outdated").json == {"documents": 0}


def test_what_waits_is_listed_filtered_and_paged(
    services: Services, administrator: Actor, reviewer_api: ApiClient
) -> None:
    _, events = create_drafted_document(services, administrator)
    _, others = create_drafted_document(services, administrator, STORY + "Again.")
    first = reviewer_api.get("/reviews?type=visit&type=border_incident&order=oldest&limit=3")
    assert first.json is not None
    assert [item["event"] for item in first.json["items"]] == [str(one) for one in (*events, others[0])]
    assert (first.json["total"], first.json["is_more"]) == (4, False)
    following = first.headers["Link"].partition("/api/v1")[2].partition(">")[0]
    second = reviewer_api.get(following).json
    assert second is not None
    assert ([item["event"] for item in second["items"]], second["next_cursor"]) == ([str(others[1])], None)
    unsure = reviewer_api.get("/reviews?unsure=date&least=0.7&q=Larsen").json
    assert unsure is not None
    assert {item["event"] for item in unsure["items"]} == {str(events[0]), str(others[0])}
    assert reviewer_api.get("/reviews?least=2").status_code == 422
    assert reviewer_api.get("/reviews?cursor=AAAA").status_code == 422


def test_a_filter_is_saved_shared_renamed_and_deleted(reviewer_api: ApiClient, second_reviewer_api: ApiClient) -> None:
    wanted = {"type": ["visit"], "unsure": "date", "least": 0.5}
    made = reviewer_api.post("/filters", json={"name": "Visits", "filter": wanted})
    assert made.status_code == 201
    path = made.headers["Location"].removeprefix("/api/v1")
    read = second_reviewer_api.get(path).json
    assert read is not None
    assert {name: read["filter"][name] for name in wanted} == wanted
    assert kind(reviewer_api.post("/filters", json={"name": "Visits", "filter": {}})) == "name-taken"
    assert kind(second_reviewer_api.change("DELETE", path)) == "not-owner"
    assert reviewer_api.change("PATCH", path, json={"name": "Days of visits"}).status_code == 200
    listed = reviewer_api.get("/filters").json
    assert listed is not None
    assert [one["name"] for one in listed["items"]] == ["Days of visits"]
    assert reviewer_api.change("DELETE", path).status_code == 204
    assert reviewer_api.get(path).status_code == 404


def test_many_are_previewed_decided_and_taken_back(
    drafts: list[UUID], reviewer_api: ApiClient, second_reviewer_api: ApiClient
) -> None:
    second_reviewer_api.post(f"/events/{drafts[1]}/claim")
    shown = reviewer_api.post("/reviews/bulk-preview", json={"least": 0.5}).json
    assert shown is not None
    assert [(one["event"], one["revision"]) for one in shown["items"]] == [(str(drafts[0]), 1)]
    assert [(one["event"], one["problem"]) for one in shown["left_out"]] == [
        (str(drafts[1]), "/problems/held-by-another")
    ]
    items = [{"event": str(one), "revision": 1} for one in drafts]
    made = reviewer_api.post("/reviews/bulk", json={"decision": "approve", "items": items})
    assert made.status_code == 201
    assert made.json is not None
    assert [(one["event"], one["state"]) for one in made.json["decided"]] == [(str(drafts[0]), "approved")]
    assert [one["event"] for one in made.json["refused"]] == [str(drafts[1])]
    path = made.headers["Location"].removeprefix("/api/v1")
    assert reviewer_api.get(path).json == made.json
    assert second_reviewer_api.get(path).status_code == 404
    assert kind(second_reviewer_api.post(f"{path}/undo")) == "nothing-to-undo"
    assert reviewer_api.post(f"{path}/undo").json == {"events": [str(drafts[0])]}
    for wrong in ({"decision": "fix", "items": items}, {"decision": "reject", "items": items}, {"decision": "approve"}):
        assert reviewer_api.post("/reviews/bulk", json=wrong).status_code == 422
