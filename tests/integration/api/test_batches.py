"""Many documents in one request: each by itself, in little memory, and none of a batch that is no batch."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from service.app import create_app
from service.services import Services
from service.store.models import Document
from tests.factories import STORY
from tests.integration.api.conftest import ApiClient, kind
from tests.integration.api.test_limits import app_with

JSON_LINES = "application/x-ndjson"


def send(api: ApiClient, *lines: bytes | dict[str, Any], **headers: str) -> TestResponse:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return api.post("/documents/batch", data=body, content_type=JSON_LINES, headers=headers)


def results(answer: TestResponse) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.content_type) == (200, JSON_LINES)
    return [json.loads(line) for line in answer.text.splitlines()]


def documents(services: Services) -> int:
    with services.sessions() as session:
        return session.scalars(select(func.count()).select_from(Document)).one()


def test_one_bad_line_spoils_no_other(api: ApiClient, services: Services) -> None:
    metadata = {"title": "Talks", "source": "Example Wire", "published": "2024-06-19"}
    found = results(
        send(
            api,
            {"text": STORY, **metadata},
            b"{no json",
            b"",
            {"text": "a", "colour": "red"},
            {"text": " "},
            b'{"text": "\xff"}',
            b"[1]",
            {"text": "x" * (services.settings.upload_limit + 1)},
            b'{"text": "' + b"y" * (services.settings.upload_limit + 100_000) + b'"}',
            b'{"text": "The last but one."}\r',
            {"text": STORY},
        )
    )
    assert [(result["line"], result["status"]) for result in found] == [
        *((1, 202), (2, 400), (4, 422), (5, 422), (6, 400), (7, 422), (8, 413), (9, 413), (10, 202), (11, 200))
    ]
    first, last = found[0], found[-1]
    assert (first["state"], first["duplicate_of"]) == ("received", None)
    assert last["duplicate_of"] == last["id"] == first["id"]
    told = api.get(first["location"].removeprefix("/api/v1")).json
    assert told is not None
    assert {name: told[name] for name in metadata} == metadata
    for result in found[1:8]:
        assert "id" not in result
        assert result["problem"]["status"] == result["status"]
        assert result["problem"]["type"].startswith("/problems/")
    assert documents(services) == 2


def test_a_batch_that_is_none_keeps_nothing(services: Services, api_key: str) -> None:
    line = json.dumps({"text": STORY}).encode()
    with app_with(services, batch_lines=2, batch_limit=1_000) as app:
        api = ApiClient(app.test_client(), api_key)
        for refused in (send(api, line, b'{"text": "b"}', b'{"text": "c"}'), send(api, b""), send(api, b" ", b"\r")):
            assert (refused.status_code, kind(refused)) == (422, "invalid-input")
        large = send(api, line, b" " * 1_000)
        assert (large.status_code, kind(large)) == (413, "too-large")
        other = api.post("/documents/batch", data=line, content_type="application/json")
        assert (other.status_code, other.headers["Accept-Post"]) == (415, JSON_LINES)
        packed = send(api, line, **{"Content-Encoding": "gzip"})
        assert packed.status_code == 415
        assert documents(services) == 0
        assert len(results(send(api, line, b'{"text": "b"}'))) == 2


def test_a_batch_with_a_key_is_carried_out_once(api: ApiClient) -> None:
    key = {"Idempotency-Key": '"batch-1"'}
    first = send(api, {"text": STORY}, b"{", **key)
    again = send(api, {"text": STORY}, b"{", **key)
    assert [result["status"] for result in results(first)] == [202, 400]
    assert again.data == first.data
    assert again.content_type == first.content_type
    other = send(api, {"text": STORY}, **key)
    assert (other.status_code, kind(other)) == (422, "idempotency-key-reused")


def test_documents_over_the_bound_are_refused_one_by_one(services: Services, api_key: str) -> None:
    with app_with(services, documents_in_work=2) as app:
        api = ApiClient(app.test_client(), api_key)
        found = results(send(api, *({"text": f"Text {number}."} for number in (1, 2, 3, 1))))
    assert [result["status"] for result in found] == [202, 202, 429, 200]
    assert found[2]["problem"]["type"] == "/problems/too-many-in-work"


def test_a_large_batch_needs_little_memory(services: Services, api_key: str) -> None:
    """Of 40 documents of a megabyte, no more than a few are in memory at a time."""
    app = create_app(services.settings)
    body = b"\n".join(json.dumps({"text": f"{number} " + "x" * 1_000_000}).encode() for number in range(40))
    api = ApiClient(app.test_client(), api_key)
    tracemalloc.start()
    answer = api.post("/documents/batch", input_stream=io.BytesIO(body), content_type=JSON_LINES)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    app.extensions["legation"].engine.dispose()
    assert [result["status"] for result in results(answer)] == [202] * 40
    assert peak < len(body) / 2


lines = st.one_of(
    st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b" ")),
    st.dictionaries(st.sampled_from(["text", "title", "x"]), st.text(max_size=10) | st.none() | st.integers()).map(
        lambda value: json.dumps(value).encode()
    ),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(batch=st.lists(lines, min_size=1, max_size=6))
def test_any_lines(api: ApiClient, batch: list[bytes]) -> None:
    answer = send(api, *batch)
    wanted = [number for number, line in enumerate(batch, 1) if line.strip()]
    if not wanted:
        assert answer.status_code == 422
        return
    found = results(answer)
    assert [result["line"] for result in found] == wanted
    assert {result["status"] for result in found} <= {200, 202, 400, 413, 422}


def test_a_key_without_the_scope(reader_api: ApiClient) -> None:
    refused = send(reader_api, {"text": STORY})
    assert (refused.status_code, kind(refused)) == (403, "scope-missing")


def test_options_of_one_upload_are_none_of_a_batch(lasting_api: ApiClient) -> None:
    refused = lasting_api.post("/documents/batch?force=true", data=b"{}", content_type=JSON_LINES)
    assert (refused.status_code, kind(refused)) == (422, "invalid-input")
