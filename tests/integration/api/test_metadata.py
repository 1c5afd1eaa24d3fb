"""What senders tell of their documents: kept, shown, found by, and used in the review."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from sqlalchemy import select

from service.operations import drafting
from service.operations.drafting import Drafts
from service.services import Services
from service.store.models import ReviewItem
from tests.factories import STORY, story_records
from tests.integration.api.conftest import ApiClient, kind

TOLD: dict[str, Any] = {"language": "pt-BR", "external_id": "wire/17", "priority": -7, "tags": ["border", "daily wire"]}
IN_WORDS = {**TOLD, "tags": "border, daily  wire,,border"}


def shown(document: dict[str, Any] | None) -> dict[str, Any]:
    assert document is not None
    return {name: document[name] for name in TOLD}


def test_each_form_takes_all_of_it(api: ApiClient) -> None:
    form = {"file": (io.BytesIO(b"In a form."), "talks.txt"), **IN_WORDS}
    for answer in (
        api.post("/documents", json={"text": "In JSON.", **TOLD}),
        api.upload("As text.", query_string=IN_WORDS),
        api.post("/documents", data=form, content_type="multipart/form-data"),
    ):
        assert answer.status_code == 202
        assert shown(answer.json) == TOLD
    assert shown(api.upload("Nothing told.").json) == {
        "language": None, "external_id": None, "priority": 0, "tags": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "English"), ("language", "e"), ("language", "en\n"), ("language", 7),
        ("external_id", "a\x00b"), ("external_id", "x" * 501),
        ("priority", 101), ("priority", -101), ("priority", 1.5), ("priority", True), ("priority", "high"),
        ("priority", None), ("tags", ["x" * 51]), ("tags", [" "]), ("tags", ["a,b"]), ("tags", [7]), ("tags", 7),
        ("tags", [str(number) for number in range(21)]), ("tags", ["a\x00"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_name(lasting_api: ApiClient, field: str, value: object) -> None:
    answer = lasting_api.post("/documents", json={"text": STORY, field: value})
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")
    assert answer.json is not None
    assert [name.split("/")[0] for name in answer.json["errors"]] == [field]


def test_records_come_into_the_review_by_the_priority_of_their_document(api: ApiClient, services: Services) -> None:
    api.post("/documents", json={"text": STORY, "priority": 9})
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=3)
        drafting.record(session, job, Drafts(story_records(), (), "test", "no parser"))
        assert set(session.scalars(select(ReviewItem.priority))) == {9}


def test_documents_are_found_by_what_was_told(api: ApiClient) -> None:
    told: list[dict[str, Any]] = [
        {"language": "en", "external_id": "1", "tags": ["a", "b"], "source": "Wire"},
        {"language": "en", "external_id": "2", "tags": ["b"]},
        {"language": "de", "external_id": "2"},
    ]
    ids = [api.post("/documents", json={"text": f"Text {n}.", **more}).json["id"] for n, more in enumerate(told)]  # type: ignore[index]

    def found(**query: str) -> list[int]:
        page = api.get("/documents", query_string=query).json
        assert page is not None
        return [ids.index(item["id"]) for item in page["items"]]

    assert found() == found(sort="newest") == [2, 1, 0]
    assert found(sort="oldest") == [0, 1, 2]
    assert found(language="en") == [1, 0]
    assert found(external_id="2") == [2, 1]
    assert found(tag="b") == [1, 0]
    assert found(tag="a", language="en", state="received") == [0]
    assert found(source="Wire") == [0]
    assert found(tag="a", language="de") == []


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_pages_go_on_in_either_order(api: ApiClient, sort: str) -> None:
    sent = [api.upload(f"Text {number}.", query_string={"tags": "x"}).json["id"] for number in range(5)]  # type: ignore[index]
    seen: list[str] = []
    query = {"limit": "2", "sort": sort, "tag": "x"}
    while True:
        page = api.get("/documents", query_string=query).json
        assert page is not None
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == (sent if sort == "oldest" else sent[::-1])


@pytest.mark.parametrize("query", [{"sort": "title"}, {"language": "English"}, {"tags": "a"}])
def test_other_filters_are_refused(lasting_api: ApiClient, query: dict[str, str]) -> None:
    answer = lasting_api.get("/documents", query_string=query)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")


def test_other_bytes_under_the_same_name_are_a_new_version_in_each_form(api: ApiClient) -> None:
    told = {"external_id": "wire/18"}
    form = {"file": (io.BytesIO(b"Version 2."), "talks.txt"), **told}
    sent = [
        api.post("/documents", json={"text": "Version 1.", **told}),
        api.post("/documents", data=form, content_type="multipart/form-data"),
        api.upload("Version 3.", query_string=told),
    ]
    assert [one.status_code for one in sent] == [202] * 3
    lines = b"\n".join(json.dumps({"text": text, **told}).encode() for text in ("Version 4.", "Version 1."))
    batch = api.post("/documents/batch", data=lines, content_type="application/x-ndjson").text.splitlines()
    fourth, known = map(json.loads, batch)
    ids = [*(one.json["id"] for one in sent if one.json), fourth["id"]]
    assert [one.json["replaces"] for one in sent if one.json] == [None, *ids[:2]]
    assert (fourth["replaces"], known["status"], known["duplicate_of"]) == (ids[2], 200, ids[0])
    for one in ids:
        assert api.get(f"/documents/{one}").json["versions"] == ids
    assert len(api.get("/documents?fields=versions,replaces").json["items"]) == 4
