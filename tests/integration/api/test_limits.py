"""How many requests a key may make, and how many of its documents may be in work."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from service.app import create_app
from service.embedded.valkey import EmbeddedValkey
from service.limiter import ASK_AGAIN, Limiter
from service.operations import drafting
from service.operations.actor import Actor
from service.operations.drafting import Drafts
from service.services import Services
from tests.conftest import create_key
from tests.factories import STORY, create_drafted_document
from tests.integration.api.conftest import ApiClient, kind
from tests.processes import wait_for


@contextmanager
def app_with(services: Services, **changed: int | str) -> Iterator[Flask]:
    app = create_app(dataclasses.replace(services.settings, **changed))  # type: ignore[arg-type]
    yield app
    app.extensions["legation"].engine.dispose()


def told(answer: TestResponse) -> tuple[int, int]:
    """What `RateLimit` says: requests left, for how many seconds."""
    found = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert found is not None
    return int(found[1]), int(found[2])


def test_each_answer_tells_what_is_left(services: Services, api_key: str) -> None:
    with app_with(services, rate_limit=5, rate_window=60) as app:
        api = ApiClient(app.test_client(), api_key)
        answers = [api.get("/documents"), api.get(f"/documents/{uuid4()}"), api.upload(b"a\0b"), api.upload(STORY)]
    assert [answer.status_code for answer in answers] == [200, 404, 422, 202]
    assert [told(answer)[0] for answer in answers] == [4, 3, 2, 1]
    for answer in answers:
        assert answer.headers["RateLimit-Policy"] == '"default";q=5;w=60'
        assert 0 < told(answer)[1] <= 60


def test_one_too_many_is_refused_before_its_body_is_read(services: Services, api_key: str) -> None:
    with app_with(services, rate_limit=1) as app:
        api = ApiClient(app.test_client(), api_key)
        assert api.get("/documents").status_code == 200
        for refused in (api.upload(STORY), api.get("/documents")):
            assert (refused.status_code, kind(refused)) == (429, "too-many-requests")
            left, seconds = told(refused)
            assert (left, refused.headers["Retry-After"]) == (0, str(seconds))
            assert refused.json is not None
            assert refused.json["violated-policies"] == ["default"]
    with app_with(services) as app:
        assert ApiClient(app.test_client(), api_key).get("/documents").json == {"items": [], "next_cursor": None}


def test_each_key_has_its_own_count_and_pages_have_none(services: Services, administrator: Actor, api_key: str) -> None:
    with app_with(services, rate_limit=1) as app:
        api, other = (
            ApiClient(app.test_client(), key) for key in (api_key, create_key(services, administrator, "read"))
        )
        assert api.get("/documents").status_code == 200
        assert api.get("/documents").status_code == 429
        assert other.get("/documents").status_code == 200
        pages = [app.test_client().get(path) for path in ("/sign-in", "/healthz", "/api/v1/openapi.json") * 2]
        assert {page.status_code for page in pages} == {200}
        assert not [page for page in pages if "RateLimit" in page.headers]


def test_a_count_begins_anew_when_its_time_is_over(services: Services, api_key: str) -> None:
    with app_with(services, rate_limit=1, rate_window=1) as app:
        api = ApiClient(app.test_client(), api_key)
        assert api.get("/documents").status_code == 200
        wait_for(lambda: api.get("/documents").status_code == 200, 5, "the count does not begin anew")


def test_no_two_requests_get_the_same_count(services: Services) -> None:
    limiter, key = Limiter(services.settings.redis_url, limit=50, window=60), uuid4()
    with ThreadPoolExecutor(8) as pool:
        quotas = list(pool.map(lambda _: limiter.count(key), range(100)))
    assert sorted(quota.used for quota in quotas if quota) == list(range(1, 101))
    assert sum(quota.is_exceeded for quota in quotas if quota) == 50


def test_while_redis_is_away_all_goes_on_uncounted(services: Services, api_key: str, tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, durable=False)
    with server, app_with(services, redis_url=server.url, rate_limit=2) as app:
        api = ApiClient(app.test_client(), api_key)
        assert told(api.get("/documents"))[0] == 1
        before = uncounted(app)
        server.stop()
        for number in range(4):
            answer = api.upload(f"Text {number}.")
            assert answer.status_code == 202
            assert "RateLimit" not in answer.headers
        assert uncounted(app) == before + 4


def uncounted(app: Flask) -> float:
    (sample,) = [
        sample
        for family in text_string_to_metric_families(app.test_client().get("/metrics").text)
        for sample in family.samples
        if sample.name == "legation_requests_uncounted_total"
    ]
    return sample.value


def test_a_redis_that_is_away_is_not_asked_with_each_request_and_is_counted_with_again(tmp_path: Path) -> None:
    server, key = EmbeddedValkey(tmp_path, durable=False), uuid4()
    with server:
        limiter = Limiter(server.url, limit=2, window=60)
        server.stop()
        assert limiter.count(key) is None
        server.start()
        assert limiter.count(key) is None, "it was away a moment ago"
        started = time.monotonic()
        wait_for(lambda: limiter.count(key) is not None, ASK_AGAIN + 5, "Redis is not asked again")
        assert time.monotonic() - started > ASK_AGAIN / 2


# Documents in work


def test_a_key_may_have_so_many_documents_in_work(services: Services, administrator: Actor, api_key: str) -> None:
    with app_with(services, documents_in_work=2) as app:
        api = ApiClient(app.test_client(), api_key)
        assert [api.upload(f"Text {number}.").status_code for number in range(2)] == [202, 202]
        refused = api.upload("Text 2.", headers={"Idempotency-Key": '"a"'})
        assert (refused.status_code, kind(refused)) == (429, "too-many-in-work")
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json is not None
        assert refused.json["limit"] == 2
        assert len(api.get("/documents").json["items"]) == 2  # type: ignore[index]
        assert api.upload("Text 1.").status_code == 200, "what is known adds no work"
        other = ApiClient(app.test_client(), create_key(services, administrator, "upload", "read"))
        assert other.upload("Text 3.").status_code == 202
        draft_one(services)
        assert api.upload("Text 2.", headers={"Idempotency-Key": '"a"'}).status_code == 202


def test_drafting_anew_counts_too(services: Services, administrator: Actor, api_key: str) -> None:
    with app_with(services, documents_in_work=1) as app:
        api = ApiClient(app.test_client(), api_key)
        api.upload(STORY)
        draft_one(services)
        api.upload("Another text.")
        refused = api.upload(STORY, query_string={"force": "true"}, headers={"Idempotency-Key": '"a"'})
        assert (refused.status_code, kind(refused)) == (429, "too-many-in-work")
        states = [item["state"] for item in api.get("/documents").json["items"]]  # type: ignore[index]
        assert states == ["received", "drafted"]


def draft_one(services: Services) -> None:
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=3)
        drafting.record(session, job, Drafts((), (), "test", "no parser"))


def test_documents_of_people_are_not_counted(services: Services, administrator: Actor, api_key: str) -> None:
    create_drafted_document(services, administrator)
    with app_with(services, documents_in_work=1) as app:
        assert ApiClient(app.test_client(), api_key).upload("Text.").status_code == 202


@pytest.mark.parametrize("status", ["200", "202", "429"])
def test_the_description_has_the_fields(lasting_api: ApiClient, status: str) -> None:
    description = lasting_api.get("/openapi.json").json
    assert description is not None
    answer = description["paths"]["/api/v1/documents"]["post"]["responses"][status]
    answer = description["components"]["responses"].get(answer.get("$ref", "").rpartition("/")[2], answer)
    assert {"RateLimit", "RateLimit-Policy"} <= set(answer["headers"])
    without_key = description["paths"]["/api/v1/schemas"]["get"]["responses"]["200"]
    assert "RateLimit" not in without_key.get("headers", {})
