"""What clients see while a server behind the service is away, and that nothing is lost by it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from service.app import create_app
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.settings import Settings
from service.store import migrate
from tests.conftest import SECRET_KEY, create_actor, create_key, fresh_database
from tests.factories import STORY
from tests.integration.api.conftest import ApiClient, assert_problem, kind

PATIENCE = 5.0


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


@contextmanager
def application(database_url: str, redis_url: str) -> Iterator[Flask]:
    app = create_app(Settings(database_url=database_url, redis_url=redis_url, secret_key=SECRET_KEY))
    yield app
    app.extensions["legation"].engine.dispose()


def client_of(app: Flask) -> ApiClient:
    services = app.extensions["legation"]
    owner = create_actor(services, "ada", "administrator")
    return ApiClient(app.test_client(), create_key(services, owner, "upload", "read", "review"))


def test_while_the_database_is_away(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    database = EmbeddedPostgres(tmp_path, durable=False)
    with database, application(database.url, valkey.url) as app:
        migrate.upgrade(database.url)
        api = client_of(app)
        before = api.upload(STORY).json
        assert before is not None
        database.stop()
        for method, path in (("POST", "/documents"), ("GET", "/documents"), ("POST", "/reviews/next")):
            with within(PATIENCE):
                answer = api.call(method, path, data="Another text.", content_type="text/plain")
            assert (answer.status_code, kind(answer)) == (503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        _ask_operators_and_people(app)
        database.start()
        assert api.get(f"/documents/{before['id']}").status_code == 200
        assert api.upload("Another text.").status_code == 202


def _ask_operators_and_people(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    unready = client.get("/readyz")
    assert unready.status_code == 503
    assert_problem(unready)
    assert "legation_database_up 0.0" in client.get("/metrics").text
    page = client.get("/sign-in")
    assert page.status_code in (200, 503)
    assert page.mimetype == "text/html"


def test_a_database_on_a_port_where_nobody_listens(valkey: EmbeddedValkey) -> None:
    with application("postgresql://legation@127.0.0.1:1/legation", valkey.url) as app, within(PATIENCE):
        answer = app.test_client().get("/readyz")
    assert answer.status_code == 503


@pytest.mark.parametrize("fault", ["gone", "frozen"])
def test_while_the_broker_is_away_uploads_are_kept(
    tmp_path: Path, postgres: EmbeddedPostgres, template: str, fault: str
) -> None:
    with (
        fresh_database(postgres, template) as database_url,
        EmbeddedValkey(tmp_path, durable=False) as broker,
        application(database_url, broker.url) as app,
    ):
        api = client_of(app)
        assert api.upload("A text before.").status_code == 202
        with broken(broker, fault):
            with within(PATIENCE):
                answer = api.upload(STORY)
            assert answer.status_code == 202
            with within(PATIENCE):
                ready = app.test_client().get("/readyz")
            assert ready.json is not None
            assert (ready.status_code, ready.json["broker"]) == (200, "does not answer")
        assert answer.json is not None
        assert api.get(f"/documents/{answer.json['id']}").json["state"] == "received"  # type: ignore[index]


@contextmanager
def broken(broker: EmbeddedValkey, fault: str) -> Iterator[None]:
    if fault == "gone":
        broker.stop()
        yield
        return
    assert broker.process is not None
    os.kill(broker.process.pid, signal.SIGSTOP)
    yield
    os.kill(broker.process.pid, signal.SIGCONT)
