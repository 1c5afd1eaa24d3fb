"""Event records over HTTP: read, claimed, decided, exported."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_drafted_document
from tests.integration.api.conftest import ApiClient, kind


@pytest.fixture
def drafts(services: Services, administrator: Actor) -> list[UUID]:
    """A visit and a border incident that wait for review."""
    return create_drafted_document(services, administrator)[1]


def body_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found = answer.json
    assert isinstance(found, dict)
    return found


def test_a_draft_with_its_evidence(api: ApiClient, drafts: list[UUID]) -> None:
    answer = api.get(f"/events/{drafts[0]}")
    record = body_of(answer)
    assert answer.headers["ETag"] == '"1"'
    assert (record["type"], record["state"], record["revision"]) == ("visit", "draft", 1)
    text = api.get(f"/documents/{record['document']['id']}/text").text
    assert all(text[item["start"] : item["end"]] == item["quote"] for item in record["evidence"])
    unchanged = api.get(f"/events/{drafts[0]}", headers={"If-None-Match": '"1"'})
    assert unchanged.status_code == 304


def test_claim_approve_and_read_back(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    claimed = reviewer_api.post("/reviews/next")
    record = body_of(claimed)
    assert record["id"] == str(drafts[0])
    assert record["lease"]["holder"] == "rosa"
    decided = reviewer_api.post(
        f"/events/{record['id']}/decisions",
        json={"decision": "approve", "lease": record["lease"]["token"]},
        headers={"If-Match": claimed.headers["ETag"]},
    )
    approved = body_of(decided)
    assert decided.headers["ETag"] == '"2"'
    assert (approved["state"], approved["revision"]) == ("approved", 2)
    assert approved["review"]["reviewer"] == "rosa"
    assert body_of(reviewer_api.get("/events", query_string={"state": "approved"}))["items"] == [approved]
    exported = reviewer_api.get("/exports/events.jsonl")
    assert exported.content_type == "application/x-ndjson"
    assert [json.loads(line) for line in exported.text.splitlines()] == [approved]


def test_fix_a_field(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    changes = {"date/edtf": "2024-06-18", "participants/0/country": "NOR"}
    fixed = body_of(reviewer_api.decide(drafts[0], 1, decision="fix", changes=changes))
    assert fixed["date"]["edtf"] == "2024-06-18"
    assert fixed["draft"]["date"]["edtf"] is None
    assert fixed["review"]["decision"] == "fixed"
    assert {change["field"] for change in fixed["review"]["changes"]} == set(changes)
    history = body_of(reviewer_api.get(f"/events/{drafts[0]}/history"))["items"]
    assert [entry["revision"] for entry in history] == [1, 2]
    assert history[0]["review"] is None
    assert history[1]["review"] == fixed["review"]


def test_reject_with_a_reason(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    verdict = {"decision": "reject", "reason": "other", "reason_text": "A rehearsal"}
    rejected = body_of(reviewer_api.decide(drafts[1], 1, **verdict))
    assert rejected["state"] == "rejected"
    assert (rejected["review"]["reason"], rejected["review"]["reason_text"]) == ("other", "A rehearsal")
    assert reviewer_api.get("/exports/events.jsonl").text == ""


def test_nothing_waits(reviewer_api: ApiClient) -> None:
    answer = reviewer_api.post("/reviews/next")
    assert (answer.status_code, answer.data) == (204, b"")


def test_two_reviewers_never_get_the_same_item(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, drafts: list[UUID]
) -> None:
    got = [body_of(api.post("/reviews/next"))["id"] for api in (reviewer_api, second_reviewer_api)]
    assert got == [str(event) for event in drafts]
    assert reviewer_api.post("/reviews/next").status_code == 204


def test_the_next_item_of_a_family(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    wanted = {"type": ["border_incident", "treaty"]}
    assert body_of(reviewer_api.post("/reviews/next", query_string=wanted))["id"] == str(drafts[1])
    assert reviewer_api.post("/reviews/next", query_string=wanted).status_code == 204
    assert reviewer_api.post("/reviews/next", query_string={"type": "gossip"}).status_code == 422


def test_claim_renew_and_give_back(reviewer_api: ApiClient, second_reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    event = f"/events/{drafts[0]}"
    lease = body_of(reviewer_api.post(f"{event}/claim"))["lease"]
    refused = second_reviewer_api.post(f"{event}/claim")
    assert (refused.status_code, kind(refused)) == (409, "held-by-another")
    assert refused.json is not None
    assert refused.json["holder"] == "rosa"
    renewed = body_of(reviewer_api.post(f"{event}/lease", query_string={"token": lease["token"]}))
    assert renewed["token"] == lease["token"]
    assert renewed["expires_at"] >= lease["expires_at"]
    given_back = reviewer_api.call("DELETE", f"{event}/lease", query_string={"token": lease["token"]})
    assert (given_back.status_code, given_back.data) == (204, b"")
    assert body_of(second_reviewer_api.post(f"{event}/claim"))["lease"]["token"] == lease["token"] + 1


def test_a_decision_on_anothers_item_is_refused(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, drafts: list[UUID]
) -> None:
    body_of(reviewer_api.post(f"/events/{drafts[0]}/claim"))
    refused = second_reviewer_api.decide(drafts[0], 1, decision="approve")
    assert (refused.status_code, kind(refused)) == (409, "held-by-another")


def test_a_late_decision_is_refused_after_a_take_over(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    event = f"/events/{drafts[0]}"
    first = body_of(reviewer_api.post(f"{event}/claim"))["lease"]["token"]
    reviewer_api.call("DELETE", f"{event}/lease", query_string={"token": first})
    body_of(reviewer_api.post(f"{event}/claim"))
    refused = reviewer_api.decide(drafts[0], 1, decision="approve", lease=first)
    assert (refused.status_code, kind(refused)) == (409, "lease-lost")


def test_only_the_first_of_two_decisions_counts(
    reviewer_api: ApiClient, second_reviewer_api: ApiClient, drafts: list[UUID]
) -> None:
    body_of(reviewer_api.decide(drafts[0], 1, decision="approve"))
    late = second_reviewer_api.decide(drafts[0], 1, decision="reject", reason="duplicate")
    assert (late.status_code, kind(late)) == (412, "revision-changed")
    assert late.json is not None
    assert late.json["revision"] == 2
    again = second_reviewer_api.decide(drafts[0], 2, decision="approve")
    assert (again.status_code, kind(again)) == (409, "transition-impossible")
    claimed = second_reviewer_api.post(f"/events/{drafts[0]}/claim")
    assert (claimed.status_code, kind(claimed)) == (409, "already-decided")


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        (None, 428),
        ("", 412),
        ("*", 428),
        ('"1", "2"', 428),
        ('W/"1"', 412),
        ('"2"', 412),
        ('""', 412),
        ('"one"', 412),
        ('"' + "1" * 5000 + '"', 412),
        ('"١"', 412),
        ('"99999999999999999999"', 412),
    ],
)
def test_a_decision_names_the_revision_it_is_about(
    reviewer_api: ApiClient, drafts: list[UUID], if_match: str | None, status: int
) -> None:
    headers = {} if if_match is None else {"If-Match": if_match.encode().decode("latin-1")}
    answer = reviewer_api.post(f"/events/{drafts[0]}/decisions", json={"decision": "approve"}, headers=headers)
    assert answer.status_code == status
    assert body_of(reviewer_api.get(f"/events/{drafts[0]}"))["revision"] == 1


@pytest.mark.parametrize(
    "verdict",
    [
        {},
        {"decision": "maybe"},
        {"decision": "approve", "changes": {"modality": "planned"}},
        {"decision": "approve", "reason": "other"},
        {"decision": "fix"},
        {"decision": "fix", "changes": {"modality": "certain"}},
        {"decision": "fix", "changes": {"id": "other"}},
        {"decision": "fix", "changes": {"modality": "occurred"}},
        {"decision": "fix", "changes": []},
        {"decision": "fix", "changes": {"place/name": "a\0b"}},
        {"decision": "fix", "changes": {"evidence": [{"field": "date", "start": 0, "end": 10**6}]}},
        {"decision": "reject"},
        {"decision": "reject", "reason": "mood"},
        {"decision": "approve", "lease": "1"},
        {"decision": "approve", "colour": "red"},
        [],
    ],
)
def test_bad_decisions_are_refused_and_change_nothing(
    reviewer_api: ApiClient, drafts: list[UUID], verdict: object
) -> None:
    answer = reviewer_api.post(f"/events/{drafts[0]}/decisions", json=verdict, headers={"If-Match": '"1"'})
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")
    assert answer.json is not None
    assert answer.json["errors"]
    assert body_of(reviewer_api.get(f"/events/{drafts[0]}"))["revision"] == 1


def test_events_by_state_family_and_document(
    api: ApiClient, services: Services, administrator: Actor, drafts: list[UUID]
) -> None:
    other, more = create_drafted_document(services, administrator, _another_story())
    body_of(api.decide(drafts[0], 1, decision="approve"))

    def ids(**query: object) -> list[str]:
        return [item["id"] for item in body_of(api.get("/events", query_string=query))["items"]]

    assert ids() == [str(event) for event in (*drafts, *more)]
    assert ids(state="approved") == [str(drafts[0])]
    assert ids(type="border_incident") == [str(drafts[1]), str(more[1])]
    assert ids(document=other.id) == [str(event) for event in more]
    assert ids(document=uuid4()) == []
    first = body_of(api.get("/events", query_string={"limit": 3}))
    assert ids(cursor=first["next_cursor"]) == [str(more[1])]


def _another_story() -> str:
    from tests.factories import STORY

    return STORY.replace("Hours later", "Two hours later")


@pytest.mark.parametrize(
    "query",
    [
        *({"state": "lost"}, {"type": "gossip"}, {"document": "x"}, {"limit": "-1"}, {"cursor": "x"}, {"q": "1"}),
        {"type": ["visit", "treaty"]},
        {"state": ["approved", "rejected"]},
    ],
)
def test_bad_filters_are_refused(lasting_api: ApiClient, query: dict[str, Any]) -> None:
    answer = lasting_api.get("/events", query_string=query)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")
    assert answer.json is not None
    assert list(answer.json["errors"]) == list(query)


def test_what_is_known_already_is_not_sent_again(api: ApiClient, drafts: list[UUID]) -> None:
    assert api.get(f"/events/{drafts[0]}", headers={"If-None-Match": '"1"'}).status_code == 304
    other = api.get(f"/events/{drafts[0]}", headers={"If-Match": '"9"'})
    assert (other.status_code, kind(other)) == (412, "version-changed")


def test_new_words_are_among_the_changes_of_a_fix(reviewer_api: ApiClient, drafts: list[UUID]) -> None:
    words = [{"field": "modality", "start": 0, "end": 7}]
    fixed = body_of(
        reviewer_api.decide(drafts[0], 1, decision="fix", changes={"modality": "planned", "evidence": words})
    )
    assert [change["field"] for change in fixed["review"]["changes"]] == ["modality", "evidence"]
    rules = {item["field"]: item["rule"] for item in fixed["evidence"]}
    assert (rules["trigger"], rules["modality"]) == ("test.visit", None)


def test_unknown_events_are_not_found(lasting_api: ApiClient) -> None:
    for method, path in (
        ("GET", ""),
        ("GET", "/history"),
        ("POST", "/claim"),
        ("POST", "/lease?token=1"),
        ("DELETE", "/lease?token=1"),
    ):
        answer = lasting_api.call(method, f"/events/{uuid4()}{path}")
        assert (answer.status_code, kind(answer)) == (404, "not-found")
    assert lasting_api.decide(uuid4(), 1, decision="approve").status_code == 404


def test_an_export_of_one_family(api: ApiClient, drafts: list[UUID]) -> None:
    for event in drafts:
        body_of(api.decide(event, 1, decision="approve"))
    lines = api.get("/exports/events.jsonl", query_string={"type": "visit"}).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [str(drafts[0])]
