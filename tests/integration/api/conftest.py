"""Clients of the API, each with a key of its own kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import create_app
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from tests.conftest import SECRET_KEY, create_actor, create_key, fresh_database


class ApiClient:
    """Calls the API with a key. Checks that every error is a problem, so that no test has to."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {key}"}

    def call(self, method: str, path: str, **request: Any) -> TestResponse:
        headers = {**self._headers, **request.pop("headers", {})}
        answer = self._client.open(f"/api/v1{path}", method=method, headers=headers, **request)
        if answer.status_code >= 400 and method != "HEAD":
            assert_problem(answer)
        return answer

    def get(self, path: str, **request: Any) -> TestResponse:
        return self.call("GET", path, **request)

    def post(self, path: str, **request: Any) -> TestResponse:
        return self.call("POST", path, **request)

    def upload(self, body: bytes | str, content_type: str = "text/plain", **request: Any) -> TestResponse:
        return self.post("/documents", data=body, content_type=content_type, **request)

    def change(self, method: str, path: str, *, of: str | None = None, **request: Any) -> TestResponse:
        """Changes what is read at `of`, or at the path itself, as it is now; of what is not there, any version."""
        tag = self.get(of or path).headers.get("ETag", "*")
        return self.call(method, path, headers={"If-Match": tag}, **request)

    def decide(self, event_id: object, revision: int, **verdict: Any) -> TestResponse:
        headers = {"If-Match": f'"{revision}"'}
        return self.post(f"/events/{event_id}/decisions", json=verdict, headers=headers)


def assert_problem(answer: TestResponse) -> None:
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert problem is not None
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("/problems/")
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]


def kind(answer: TestResponse) -> str:
    """The kind of problem that an answer is."""
    problem = answer.json
    assert problem is not None
    return str(problem["type"]).removeprefix("/problems/")


@pytest.fixture(scope="session")
def lasting_app(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str) -> Iterator[Flask]:
    """One application for all tests whose requests are refused or only look, so that they leave nothing behind."""
    with fresh_database(postgres, template) as url:
        app = create_app(Settings(database_url=url, redis_url=valkey.url, secret_key=SECRET_KEY))
        yield app
        app.extensions["legation"].engine.dispose()


@pytest.fixture(scope="session")
def lasting_key(lasting_app: Flask) -> str:
    services = lasting_app.extensions["legation"]
    owner = create_actor(services, "ada", "administrator")
    return create_key(services, owner, "upload", "read", "review", "admin")


@pytest.fixture
def lasting_client(lasting_app: Flask) -> FlaskClient:
    return lasting_app.test_client()


@pytest.fixture
def lasting_api(lasting_client: FlaskClient, lasting_key: str) -> ApiClient:
    return ApiClient(lasting_client, lasting_key)


@pytest.fixture
def api(client: FlaskClient, api_key: str) -> ApiClient:
    """An administrator's program, with every scope."""
    return ApiClient(client, api_key)


@pytest.fixture
def reviewer_api(client: FlaskClient, services: Services, reviewer: Actor) -> ApiClient:
    return ApiClient(client, create_key(services, reviewer, "read", "review"))


@pytest.fixture
def second_reviewer_api(client: FlaskClient, services: Services, second_reviewer: Actor) -> ApiClient:
    return ApiClient(client, create_key(services, second_reviewer, "read", "review"))


@pytest.fixture
def reader_api(client: FlaskClient, services: Services, administrator: Actor) -> ApiClient:
    return ApiClient(client, create_key(services, administrator, "read"))


@pytest.fixture
def failing_app(own_app: Flask) -> Flask:
    """The application with one more address, whose handler fails as no handler should."""

    @own_app.route("/api/v1/broken")
    def broken() -> str:
        raise RuntimeError("the secret of the inside")

    @own_app.route("/broken")
    def broken_page() -> str:
        raise RuntimeError("the secret of the inside")

    return own_app
