"""Documents over HTTP: sent in three forms, followed, read back."""

from __future__ import annotations

import gzip
import hashlib
import io
import json

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from service.operations import drafting
from service.operations.actor import Actor
from service.operations.drafting import Drafts
from service.services import Services
from tests.factories import STORY, create_document, create_drafted_document
from tests.integration.api.conftest import ApiClient, kind

METADATA = {"title": "Talks in Sudmark", "source": "Example Wire", "published": "2024-06-19"}


def test_plain_text_with_metadata_in_the_query(api: ApiClient) -> None:
    answer = api.upload(STORY, query_string=METADATA)
    assert answer.status_code == 202
    document = answer.json
    assert document is not None
    assert {name: document[name] for name in METADATA} == METADATA
    assert document["state"] == "received"
    assert document["duplicate_of"] is None
    assert document["characters"] == len(STORY)
    assert document["sha256"] == hashlib.sha256(STORY.encode()).hexdigest()
    assert answer.headers["Retry-After"] == "1"
    assert api.get(answer.headers["Location"].removeprefix("/api/v1")).json == {
        name: value for name, value in document.items() if name != "duplicate_of"
    }


def test_json(api: ApiClient) -> None:
    answer = api.post("/documents", json={"text": STORY, **METADATA})
    assert answer.status_code == 202
    assert answer.json is not None
    assert {name: answer.json[name] for name in METADATA} == METADATA
    assert answer.json["encoding"] == "utf-8"
    assert api.get(f"/documents/{answer.json['id']}/text").text == STORY


def test_form_with_a_file(api: ApiClient) -> None:
    form = {"file": (io.BytesIO(STORY.encode("utf-16")), "../wire/talks\x07.txt"), **METADATA}
    answer = api.post("/documents", data=form, content_type="multipart/form-data")
    assert answer.status_code == 202
    assert answer.json is not None
    assert {name: answer.json[name] for name in METADATA} == METADATA
    assert answer.json["filename"] == "talks.txt"
    assert answer.json["encoding"] == "utf-16-le"


def test_the_same_bytes_are_the_same_document_in_whatever_form(api: ApiClient) -> None:
    first = api.upload(STORY)
    assert first.json is not None
    form = {"file": (io.BytesIO(STORY.encode()), "story.txt")}
    for again in (
        api.upload(STORY),
        api.post("/documents", json={"text": STORY}),
        api.post("/documents", data=form, content_type="multipart/form-data"),
    ):
        assert again.status_code == 200
        assert again.json is not None
        assert again.json["duplicate_of"] == again.json["id"] == first.json["id"]
        assert again.headers["Location"] == first.headers["Location"]
    assert len(api.get("/documents").json["items"]) == 1  # type: ignore[index]


def test_the_text_comes_back_as_it_is_kept(api: ApiClient) -> None:
    text = "\ufeffZÜRICH \U0001f3d4 –\r\n<script>alert(1)</script>\tend\x0cpage"
    document = api.upload(text.encode()).json
    assert document is not None
    answer = api.get(f"/documents/{document['id']}/text")
    assert answer.data == text.encode()
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{document["sha256"]}"'
    unchanged = api.get(f"/documents/{document['id']}/text", headers={"If-None-Match": answer.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_blank_metadata_is_none(api: ApiClient) -> None:
    document = api.upload(STORY, query_string={"title": "  "}).json
    assert document is not None
    assert document["title"] is None


@pytest.mark.parametrize(
    ("body", "content_type", "status", "problem"),
    [
        (b"", "text/plain", 422, "empty-document"),
        (b" \r\n\t ", "text/plain", 422, "empty-document"),
        ("\ufeff\u3000".encode(), "text/plain", 422, "empty-document"),
        ("\u200b\u2060".encode(), "text/plain", 422, "empty-document"),
        (b"a\0b", "text/plain", 422, "binary-content"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "text/plain", 422, "binary-content"),
        (b"\xc3\xa9t\xc3\xa9 \xc3", "text/plain", 422, "unknown-encoding"),
        (b"caf\xe9", "text/plain; charset=utf-8", 422, "unknown-encoding"),
        (b"text", "text/plain; charset=klingon", 422, "unknown-encoding"),
        (b"text", "", 415, "unsupported-type"),
        (b"text", "application/x-www-form-urlencoded", 415, "unsupported-type"),
        (b"%PDF-1.7", "video/mp4", 415, "unsupported-type"),
        (b"{", "application/json", 400, "bad-request"),
        (b"\xff", "application/json", 400, "bad-request"),
        (b"", "application/json", 400, "bad-request"),
        (b'{"text": NaN}', "application/json", 400, "bad-request"),
        (b"[" * 100_000, "application/json", 400, "bad-request"),
        (b"[]", "application/json", 422, "invalid-input"),
        (b"null", "application/json", 422, "invalid-input"),
        (b'{"title": "no text"}', "application/json", 422, "invalid-input"),
        (b'{"text": ["a"]}', "application/json", 422, "invalid-input"),
        (b'{"text": ""}', "application/json", 422, "empty-document"),
        (rb'{"text": "a\u0001b"}', "application/json", 422, "binary-content"),
        (rb'{"text": "a\u0000b"}', "application/json", 422, "invalid-input"),
        (rb'{"text": "a\ud800b"}', "application/json", 422, "invalid-input"),
        (rb'{"text": "a", "title": "\udfff"}', "application/json", 422, "invalid-input"),
        (b'{"text": "a", "colour": "red"}', "application/json", 422, "invalid-input"),
        (rb'{"text": "a", "\ud800": "red"}', "application/json", 422, "invalid-input"),
        (b'{"text": "a", "title": 7}', "application/json", 422, "invalid-input"),
        (b'{"text": "a", "published": "19 June"}', "application/json", 422, "invalid-input"),
        (b'{"text": "a", "published": "2024-6-1"}', "application/json", 422, "invalid-input"),
        (b'{"text": "a", "published": "2024-02-30"}', "application/json", 422, "invalid-input"),
        (b"no boundary", "multipart/form-data", 422, "invalid-input"),
    ],
)
def test_bad_uploads_are_refused_with_the_reason(
    lasting_api: ApiClient, body: bytes, content_type: str, status: int, problem: str
) -> None:
    answer = lasting_api.upload(body, content_type)
    assert (answer.status_code, kind(answer)) == (status, problem)
    assert lasting_api.get("/documents").json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"published": "yesterday"}, "published"),
        ({"title": "x" * 501}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "a\x1b[31mb"}, "title"),
        ([("title", "one"), ("title", "two")], "title"),
    ],
)
def test_bad_metadata_is_named(lasting_api: ApiClient, query: object, field: str) -> None:
    answer = lasting_api.upload(STORY, query_string=query)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")
    assert answer.json is not None
    assert list(answer.json["errors"]) == [field]


def test_a_compressed_body_is_refused(lasting_api: ApiClient) -> None:
    for content_type in ("text/plain", "application/json", "multipart/form-data; boundary=b"):
        answer = lasting_api.upload(gzip.compress(STORY.encode()), content_type, headers={"Content-Encoding": "gzip"})
        assert (answer.status_code, kind(answer)) == (415, "unsupported-type")


def test_a_form_with_too_much_beside_the_file_is_told_so(lasting_api: ApiClient) -> None:
    for fields in ({"title": "x" * 600_000}, {f"field{i}": "x" for i in range(1100)}):
        boundary, form = encode_multipart({**fields, "file": FileStorage(io.BytesIO(STORY.encode()), "a.txt")})
        answer = lasting_api.upload(form, f"multipart/form-data; boundary={boundary}")
        assert (answer.status_code, kind(answer)) == (422, "invalid-input")


def test_metadata_of_json_does_not_come_by_the_query(lasting_api: ApiClient) -> None:
    answer = lasting_api.post("/documents", json={"text": STORY}, query_string={"title": "T"})
    assert answer.status_code == 422


def test_a_form_needs_one_text_file_called_file(lasting_api: ApiClient) -> None:
    story = STORY.encode()
    forms: list[tuple[dict[str, object], int]] = [
        ({"title": "no file"}, 422),
        ({"other": (io.BytesIO(story), "a.txt")}, 422),
        ({"file": [(io.BytesIO(story), "a.txt"), (io.BytesIO(story), "b.txt")]}, 422),
        ({"file": (io.BytesIO(story), "a.txt"), "colour": "red"}, 422),
        ({"file": (io.BytesIO(b""), "a.txt")}, 422),
        ({"file": (io.BytesIO(story), "a.mp4", "video/mp4")}, 415),
    ]
    answers = [lasting_api.post("/documents", data=form, content_type="multipart/form-data") for form, _ in forms]
    assert [answer.status_code for answer in answers] == [status for _, status in forms]


def test_a_document_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(api: ApiClient, services: Services) -> None:
    limit = services.settings.upload_limit
    fits, over = b"x" * limit, b"x" * (limit + 1)
    assert [answer.status_code for answer in send_in_every_form(api, fits)] == [202, 200, 200]
    for answer in send_in_every_form(api, over):
        assert (answer.status_code, kind(answer)) == (413, "too-large")
        assert answer.json is not None
        assert answer.json["limit"] == limit


def send_in_every_form(api: ApiClient, text: bytes) -> list[TestResponse]:
    boundary, form = encode_multipart({"file": FileStorage(io.BytesIO(text), "a.txt")})
    return [
        api.upload(text),
        api.upload(form, f'multipart/form-data; boundary="{boundary}"'),
        api.upload(json.dumps({"text": text.decode()}), "application/json"),
    ]


def test_follow_a_document_until_it_is_drafted(api: ApiClient, services: Services, administrator: Actor) -> None:
    document, events = create_drafted_document(services, administrator)
    told = api.get(f"/documents/{document.id}").json
    assert told is not None
    assert (told["state"], told["events"], told["failure"]) == ("drafted", {"draft": 2}, None)
    found = api.get(told["links"]["events"].removeprefix("/api/v1")).json
    assert found is not None
    assert [item["id"] for item in found["items"]] == [str(event) for event in events]


def test_a_failed_document_says_why_and_can_be_replayed(
    api: ApiClient, services: Services, administrator: Actor
) -> None:
    document = create_document(services, administrator)
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=1_000, lease=60, attempts=1)
        assert drafting.fail(session, job, "timeout", "No progress within 120 s.", attempts=1)
    told = api.get(f"/documents/{document.id}").json
    assert told is not None
    assert told["state"] == "failed"
    why = {"type": "timeout", "detail": "No progress within 120 s.", "problem": "/problems/timeout"}
    assert told["failure"] == why
    replayed = api.post(f"/documents/{document.id}/replay")
    assert replayed.status_code == 202
    assert replayed.json is not None
    assert (replayed.json["state"], replayed.json["failure"]) == ("received", None)
    again = api.post(f"/documents/{document.id}/replay")
    assert (again.status_code, kind(again)) == (409, "not-replayable")


def test_a_family_that_failed_is_told(api: ApiClient, services: Services, administrator: Actor) -> None:
    document = create_document(services, administrator)
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=1_000, lease=60, attempts=3)
        drafting.record(session, job, Drafts([], ["treaty failed: ValueError"], "0", "stanza-0/none"))
    told = api.get(f"/documents/{document.id}").json
    assert told is not None
    assert (told["state"], told["notes"]) == ("drafted", ["treaty failed: ValueError"])


def test_pages_give_every_document_once_newest_first(api: ApiClient, services: Services, administrator: Actor) -> None:
    ids = [str(create_document(services, administrator, f"Text {i}.").id) for i in range(5)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = api.get("/documents", query_string={"limit": 2, **cursor})
        assert answer.json is not None
        seen += [document["id"] for document in answer.json["items"]]
        assert ("Link" in answer.headers) == (answer.json["next_cursor"] is not None)
        if answer.json["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json["next_cursor"]}
        assert answer.headers["Link"] == f'</api/v1/documents?limit=2&cursor={cursor["cursor"]}>; rel="next"'
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"cursor": "!"}, {"cursor": "AAAA"}, {"state": "lost"}, {"x": 1}],
)
def test_bad_page_requests_are_refused(lasting_api: ApiClient, query: dict[str, object]) -> None:
    assert lasting_api.get("/documents", query_string=query).status_code == 422


def test_documents_can_be_filtered_by_state(api: ApiClient, services: Services, administrator: Actor) -> None:
    drafted, _ = create_drafted_document(services, administrator)
    create_document(services, administrator, "Another.")
    found = api.get("/documents", query_string={"state": "drafted"}).json
    assert found is not None
    assert [document["id"] for document in found["items"]] == [str(drafted.id)]


@pytest.mark.parametrize("path", ["", "/text", "/events"])
@pytest.mark.parametrize("id", ["01a20bc5-d88e-76de-8846-57ad979d0b75", "not-an-id", "1"])
def test_unknown_documents_are_not_found(lasting_api: ApiClient, id: str, path: str) -> None:
    answer = lasting_api.get(f"/documents/{id}{path}")
    assert (answer.status_code, kind(answer)) == (404, "not-found")
