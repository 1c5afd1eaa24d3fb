"""Queries: `fields`, `sort`, and that nothing which is not known is passed over."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask

from service.operations.actor import Actor
from service.services import Services
from tests.conftest import create_key
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.integration.api.conftest import ApiClient, kind


def test_every_route_refuses_what_it_does_not_know(app: Flask, services: Services, administrator: Actor) -> None:
    key = create_key(services, administrator, "upload", "read", "review", "adjudicate", "admin")
    api = ApiClient(app.test_client(), key)
    passed = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        path = re.sub("<[^>]*>", lambda name: "1" if "int:" in name[0] else str(UUID(int=7)), rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = api.call(method, path.removeprefix("/api/v1"), query_string={"nonsense": "1"})
            if answer.status_code != 422 or "nonsense" not in answer.json["errors"]:
                passed.append((method, rule.rule, answer.status_code))
    assert passed == []


@pytest.fixture
def story(services: Services, administrator: Actor) -> tuple[UUID, list[UUID]]:
    document, ids = create_drafted_document(services, administrator, title="Talks")
    return document.id, ids


def test_answers_have_the_fields_that_are_asked_for_and_the_id(
    reader_api: ApiClient, story: tuple[UUID, list[UUID]]
) -> None:
    document_id, (event_id, _) = story
    document, event = reader_api.get(f"/documents/{document_id}").json, reader_api.get(f"/events/{event_id}").json
    for path, whole, names in (
        (f"/documents/{document_id}", document, ("title", "state")),
        (f"/documents/{document_id}", document, ("events",)),
        (f"/events/{event_id}", event, ("type", "date", "review")),
        (f"/events/{event_id}", event, ("id",)),
    ):
        some = {"id": whole["id"], **{name: whole[name] for name in names}}
        assert reader_api.get(path, query_string={"fields": ",".join(names)}).json == some
        listed = reader_api.get(path.rpartition("/")[0], query_string={"fields": ",".join(names)}).json["items"]
        assert some in listed
    of_document = reader_api.get(f"/documents/{document_id}/events?fields=state").json["items"]
    assert [set(one) for one in of_document] == [{"id", "state"}] * 2


def test_every_field_can_be_asked_for(reader_api: ApiClient, story: tuple[UUID, list[UUID]]) -> None:
    for path in (f"/documents/{story[0]}", f"/events/{story[1][0]}"):
        whole = reader_api.get(path).json
        assert reader_api.get(path, query_string={"fields": ",".join(whole)}).json == whole


@pytest.mark.parametrize("path", ["/documents", "/events", f"/documents/{UUID(int=7)}", f"/events/{UUID(int=7)}"])
@pytest.mark.parametrize("names", ["", "nonsense", "id,nonsense", "id,", "date/edtf", "date.edtf", "*"])
def test_unknown_fields_are_refused(lasting_api: ApiClient, path: str, names: str) -> None:
    answer = lasting_api.get(path, query_string={"fields": names})
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")
    assert list(answer.json["errors"]) == ["fields"]


def test_fields_are_described_as_one_text_with_commas(lasting_api: ApiClient) -> None:
    told = lasting_api.get("/openapi.json").json["paths"]["/api/v1/events/{event_id}"]["get"]["parameters"]
    (fields,) = [one for one in told if one.get("name") == "fields"]
    assert (fields["style"], fields["explode"], fields["schema"]["type"]) == ("form", False, "array")
    assert "participants" in fields["schema"]["items"]["enum"]


def test_other_fields_are_no_other_version(reader_api: ApiClient, story: tuple[UUID, list[UUID]]) -> None:
    path = f"/documents/{story[0]}"
    tags = [reader_api.get(path + query).headers["ETag"] for query in ("", "?fields=title")]
    assert tags[0] != tags[1]
    assert tags[0].partition(".")[0] == tags[1].partition(".")[0]


def test_records_are_listed_in_both_orders_page_by_page(
    reader_api: ApiClient, services: Services, administrator: Actor
) -> None:
    text, records = many_visits(5)
    document, ids = create_drafted_document(services, administrator, text, records)
    for path in ("/events", f"/documents/{document.id}/events"):
        for sort, expected in (("oldest", ids), ("newest", ids[::-1])):
            found: list[str] = []
            query: dict[str, str | int] | None = {"sort": sort, "limit": 2}
            while query is not None:
                page = reader_api.get(path, query_string=query).json
                found += [one["id"] for one in page["items"]]
                query = {**query, "cursor": page["next_cursor"]} if page["next_cursor"] else None
            assert found == [str(one) for one in expected]


# What is retracted


def test_a_retracted_record_is_gone_for_readers(
    reader_api: ApiClient, reviewer_api: ApiClient, services: Services, reviewer: Actor, story: tuple[UUID, list[UUID]]
) -> None:
    _, (event_id, never) = story
    create_decision(services, event_id, by=reviewer)
    assert reader_api.get(f"/events/{event_id}").status_code == 200
    create_decision(services, event_id, "reject", reason="duplicate", by=reviewer, revision=2)
    create_decision(services, never, "reject", reason="not_an_event", by=reviewer)
    gone = reader_api.get(f"/events/{event_id}")
    assert (gone.status_code, kind(gone)) == (410, "retracted")
    assert (gone.json["id"], gone.json["reason"], gone.json["superseded_by"]) == (str(event_id), "duplicate", None)
    (row,) = reader_api.get(gone.json["change"].removeprefix("/api/v1")).json["items"]
    assert (row["op"], row["event"]["id"], row["seq"]) == ("retract", str(event_id), gone.json["seq"])
    assert reviewer_api.get(f"/events/{event_id}").json["state"] == "retracted"
    assert len(reader_api.get(f"/events/{event_id}/history").json["items"]) == 3
    assert reader_api.get(f"/events/{never}").json["state"] == "rejected"  # which was never published
