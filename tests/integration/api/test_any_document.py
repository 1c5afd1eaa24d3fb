"""Documents of any kind over HTTP: taken in, told of, and given back as they came."""

from __future__ import annotations

import io
import zipfile

import pytest

from service.services import Services
from tests.integration.api.conftest import ApiClient, kind
from workers.reading import Reader

PAGE = b"<!doctype html><title>T</title><article><h1>Talks</h1><p>The ministers met on Tuesday.</p></article>"


def read_all(services: Services) -> None:
    reader = Reader(services)
    while reader.read_waiting():
        pass


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as members:
        members.writestr("page.html", PAGE)
    return made.getvalue()


@pytest.mark.parametrize("declared", ["text/html", "application/octet-stream", "application/pdf"])
def test_a_page_as_the_body_is_told_by_its_bytes(api: ApiClient, services: Services, declared: str) -> None:
    sent = api.post("/documents", data=PAGE, content_type=declared)
    assert (sent.status_code, sent.json and sent.json["state"], sent.headers["Retry-After"]) == (202, "received", "1")
    assert sent.json
    path = f"/documents/{sent.json['id']}"
    assert (sent.json["characters"], sent.json["encoding"], sent.json["media_type"]) == (None, None, "text/html")
    assert kind(api.get(f"{path}/text")) == "not-found"
    read_all(services)
    told = api.get(path).json
    assert told
    assert (told["title"], told["origins"]["title"], told["characters"]) == ("Talks", "html:h1", 36)
    assert api.get(f"{path}/text").text == "Talks\n\nThe ministers met on Tuesday."
    places = (api.get(f"{path}/places").json or {})["items"]
    assert places[1] == {
        "start": 7, "end": 36, "kind": "paragraph", "number": 1, "label": "paragraph 1", "bytes": None,
    }  # fmt: skip
    assert api.get(f"{path}/pages").json == {"items": []}


def test_of_plain_text_every_byte_is_told(api: ApiClient) -> None:
    sent = api.post("/documents", data="Gespräche\r\n\r\nSie traf ihn.".encode("cp1252"), content_type="text/plain")
    assert sent.json
    places = (api.get(f"/documents/{sent.json['id']}/places").json or {})["items"]
    assert [(one["label"], one["start"], one["bytes"]) for one in places] == [
        ("paragraph 1", 0, {"start": 0, "end": 9}),
        ("paragraph 2", 13, {"start": 13, "end": 26}),
    ]


def test_a_file_in_a_form_and_a_refusal(api: ApiClient, services: Services) -> None:
    form = {"file": (io.BytesIO(b"%PDF-1.7 no"), "x.pdf"), "title": "A note"}
    sent = api.post("/documents", data=form, content_type="multipart/form-data")
    assert sent.status_code == 202
    read_all(services)
    assert sent.json
    told = api.get(f"/documents/{sent.json['id']}").json
    assert told
    assert (told["state"], told["title"], told["filename"]) == ("failed", "A note", "x.pdf")
    assert told["failure"] == {
        "type": "corrupt", "detail": "It is no PDF that can be read.", "problem": "/problems/corrupt",
    }  # fmt: skip
    again = api.post("/documents", data=b"%PDF-1.7 no", content_type="application/pdf")
    assert (again.status_code, again.json and again.json["duplicate_of"]) == (200, told["id"])


def test_what_is_inside_is_listed_on_both_sides(api: ApiClient, services: Services) -> None:
    sent = api.post("/documents", data=archive(), content_type="application/zip").json
    assert sent
    read_all(services)
    outer = api.get(f"/documents/{sent['id']}").json
    assert outer
    ((part),) = outer["parts"]
    assert (outer["state"], part["part"], part["name"]) == ("unpacked", 1, "page.html")
    inner = api.get(f"/documents/{part['document']}").json
    assert inner
    assert (inner["part_of"], inner["parts"], inner["state"]) == ([outer["id"]], [], "received")


def test_the_original_comes_back_as_a_file_that_nobody_runs(api: ApiClient) -> None:
    form = {"file": (io.BytesIO(PAGE), 'na"me\u202e.html')}
    sent = api.post("/documents", data=form, content_type="multipart/form-data").json
    assert sent
    answer = api.get(f"/documents/{sent['id']}/original")
    assert answer.data == PAGE
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    tag = answer.headers["ETag"]
    assert api.get(f"/documents/{sent['id']}/original", headers={"If-None-Match": tag}).status_code == 304


def test_other_media_types_are_refused_and_nothing_at_all_too(api: ApiClient) -> None:
    assert kind(api.post("/documents", data=PAGE, content_type="video/mp4")) == "unsupported-type"
    assert kind(api.post("/documents", data=b"", content_type="application/pdf")) == "empty-document"
