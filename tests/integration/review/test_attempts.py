"""Who guesses at passwords is held up; whose name he guesses at is not, unless it comes from everywhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.test import TestResponse

from service.app import create_app
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from tests.conftest import PASSWORD
from tests.integration.review.test_pages import token_of

HERE, THERE = "192.0.2.1", "198.51.100.9"


@contextmanager
def app_with(settings: Settings, **changed: object) -> Iterator[Flask]:
    app = create_app(dataclasses.replace(settings, **changed))  # type: ignore[arg-type]
    yield app
    app.extensions["legation"].engine.dispose()


def attempt(app: Flask, username: str, password: str = "wrong", address: str = HERE, **headers: str) -> TestResponse:
    client = app.test_client()
    fields = {"csrf_token": token_of(client.get("/sign-in")), "username": username, "password": password}
    return client.post("/sign-in", data=fields, environ_base={"REMOTE_ADDR": address}, headers=headers)


def test_after_some_failures_a_name_has_to_wait_from_there_and_not_from_elsewhere(
    services: Services, reviewer: Actor
) -> None:
    with app_with(services.settings, signin_attempts=2, signin_window=100) as app:
        assert [attempt(app, "rosa").status_code for _ in range(2)] == [422, 422]
        refused = attempt(app, " ROSA", PASSWORD)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 100
        assert "Too many attempts to sign in." in refused.text
        assert "Try again in 2 minutes" in refused.text
        assert attempt(app, "rosa", PASSWORD, THERE).status_code == 303
        assert attempt(app, "theo").status_code == 422


def test_who_succeeds_is_not_counted(services: Services, reviewer: Actor) -> None:
    with app_with(services.settings, signin_attempts=2) as app:
        assert [attempt(app, "rosa", PASSWORD).status_code for _ in range(30)] == [303] * 30


def test_an_address_may_not_try_many_names_nor_many_addresses_one(services: Services, reviewer: Actor) -> None:
    with app_with(services.settings, signin_attempts=1) as app:
        names = [attempt(app, f"name-{number}").status_code for number in range(11)]
        assert names == [422] * 10 + [429]
        spread = [attempt(app, "rosa", address=f"203.0.113.{number}").status_code for number in range(11)]
        assert spread == [422] * 10 + [429]


def test_the_address_is_the_one_that_the_proxies_tell(services: Services, reviewer: Actor) -> None:
    """Only as many of them as there are: what a client writes there himself is before that."""
    with app_with(services.settings, signin_attempts=1, proxies=1) as app:
        told = {"X-Forwarded-For": f"9.9.9.9, {THERE}"}
        assert attempt(app, "rosa", address="127.0.0.1", **told).status_code == 422
        again = {"X-Forwarded-For": f"8.8.8.8, {THERE}"}
        assert attempt(app, "rosa", PASSWORD, "127.0.0.1", **again).status_code == 429
        elsewhere = {"X-Forwarded-For": HERE}
        assert attempt(app, "rosa", PASSWORD, "127.0.0.1", **elsewhere).status_code == 303


def test_behind_a_proxy_that_is_not_told_of_nobody_shuts_all_others_out(services: Services, reviewer: Actor) -> None:
    with app_with(services.settings, signin_attempts=1) as app:
        for number in range(12):
            attempt(app, f"name-{number}", address="127.0.0.1")
        assert attempt(app, "rosa", PASSWORD, "127.0.0.1").status_code == 303


def test_while_redis_is_away_people_get_in(services: Services, reviewer: Actor) -> None:
    with app_with(services.settings, signin_attempts=1, redis_url="redis://127.0.0.1:1/0") as app:
        assert [attempt(app, "rosa").status_code for _ in range(3)] == [422] * 3
        assert attempt(app, "rosa", PASSWORD).status_code == 303
