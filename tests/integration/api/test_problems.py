"""Errors: each is a problem with a page that explains it, and tells nothing of the inside."""

from __future__ import annotations

import inspect
import json
import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import errors
from service.api.problems import OF_ERROR, OF_SLUG, PROBLEM_TYPES, of_error
from service.errors import LegationError
from service.log import HANDLER
from service.operations.actor import Actor
from service.services import Services
from tests.conftest import REPOSITORY, create_key
from tests.integration.api.conftest import ApiClient, assert_problem, kind

ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, LegationError)]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_of_the_domain_has_its_problem(error: type[LegationError]) -> None:
    assert error in OF_ERROR, f"service/api/problems.py does not say what {error.__name__} is over HTTP"


def test_an_error_that_is_not_in_the_table_is_as_its_parent() -> None:
    class TornDocumentError(errors.EmptyDocumentError):
        """The document is torn."""

    assert of_error(TornDocumentError()).type is OF_SLUG["empty-document"]


def test_every_problem_has_a_page(lasting_client: FlaskClient) -> None:
    for known in PROBLEM_TYPES:
        page = lasting_client.get(known.uri)
        assert page.status_code == 200
        assert known.title in page.text
    assert lasting_client.get("/problems/no-such").status_code == 404


def test_the_documentation_tells_every_problem() -> None:
    told = Path(REPOSITORY / "docs" / "problems.md").read_text()
    sections = told.split("\n## ")[1:]
    expected = [
        f"{known.slug}\n\n**{known.status}** {known.title}. {' '.join([*known.meanings, known.cure])}"
        for known in PROBLEM_TYPES
    ]
    assert [section.strip() for section in sections] == expected


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/documents/", "/api/v1//documents"])
def test_unknown_addresses_of_the_api(lasting_client: FlaskClient, path: str) -> None:
    answer = lasting_client.get(path)
    assert answer.status_code == 404
    assert_problem(answer)


def test_a_wrong_method_names_the_right_ones(lasting_api: ApiClient) -> None:
    answer = lasting_api.call("DELETE", "/documents")
    assert (answer.status_code, kind(answer)) == (405, "method-not-allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_a_failure_inside_tells_nothing_and_is_logged_once(
    failing_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = failing_app.test_client().get("/api/v1/broken")
    assert (answer.status_code, kind(answer)) == (500, "internal-error")
    assert_problem(answer)
    assert "secret" not in answer.text
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    failures = [line for line in lines if line["event"] == "request.failed"]
    assert len(failures) == 1
    assert failures[0]["request_id"] == answer.headers["X-Request-ID"]
    assert "RuntimeError: the secret of the inside" in failures[0]["exception"]
    assert written.count("Traceback") == 1


def test_people_get_errors_as_pages(failing_app: Flask) -> None:
    client = failing_app.test_client()
    for path, status in (("/broken", 500), ("/no/such/page", 404)):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert "secret" not in answer.text


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRhOnNlY3JldA==",
        "Bearer nonsense",
        "Bearer lgn_abcdefgh_" + "x" * 38,
        "Bearer lgn__",
        "Bearer lgn_\x00_x",
        "Bearer lgn_\xff_x",
    ],
)
def test_a_missing_or_bad_key(lasting_client: FlaskClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = lasting_client.post("/api/v1/documents", data=b"x", headers=headers)
    assert answer.status_code == 401
    assert_problem(answer)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_with_one_wrong_letter(lasting_client: FlaskClient, lasting_key: str) -> None:
    wrong = lasting_key[:-1] + ("a" if lasting_key[-1] != "a" else "b")
    answer = lasting_client.get("/api/v1/documents", headers={"Authorization": f"Bearer {wrong}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/documents", "upload"),
        ("POST", "/reviews/next", "review"),
        ("POST", "/documents/019368c2-0000-7000-8000-000000000000/replay", "admin"),
        ("POST", "/events/019368c2-0000-7000-8000-000000000000/decisions", "review"),
    ],
)
def test_a_key_without_the_scope(reader_api: ApiClient, method: str, path: str, scope: str) -> None:
    answer = reader_api.call(method, path)
    assert (answer.status_code, kind(answer)) == (403, "scope-missing")
    assert answer.json is not None
    assert answer.json["scope"] == scope
    assert f'scope="{scope}"' in answer.headers["WWW-Authenticate"]


def test_a_key_that_may_only_upload_cannot_read(client: FlaskClient, services: Services, administrator: Actor) -> None:
    api = ApiClient(client, create_key(services, administrator, "upload"))
    assert api.upload("Some text.").status_code == 202
    for path in ("/documents", "/events", "/exports/events.jsonl"):
        assert api.get(path).status_code == 403


def test_the_handler_of_the_log_is_ours_alone(lasting_app: Flask) -> None:
    assert [handler.get_name() for handler in logging.getLogger().handlers].count(HANDLER) == 1
