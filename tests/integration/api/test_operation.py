"""What whoever runs the service needs: health, figures, logs, headers, a description of the API."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from service.api import PUBLIC
from service.app import create_app
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from tests.conftest import REPOSITORY
from tests.factories import STORY, create_document, create_drafted_document
from tests.integration.api.conftest import ApiClient, assert_problem


def test_alive_and_ready(lasting_client: FlaskClient) -> None:
    assert lasting_client.get("/healthz").json == {"status": "alive"}
    ready = lasting_client.get("/readyz").json
    assert ready is not None
    assert (ready["status"], ready["database"], ready["broker"]) == ("ready", "answers", "answers")


def test_a_database_that_is_not_migrated_is_not_ready(client: FlaskClient, services: Services) -> None:
    with services.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0000'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert_problem(answer)
    assert "0000" in answer.text


def test_figures_of_what_waits(client: FlaskClient, services: Services, administrator: Actor) -> None:
    create_drafted_document(services, administrator)
    create_document(services, administrator, "Another.")
    client.get("/api/v1/documents/made-up-1")
    client.get("/api/v1/documents/made-up-2")
    scraped = client.get("/metrics")
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(scraped.text)
        for sample in family.samples
    }
    assert samples["legation_database_up",] == 1
    assert samples["legation_documents", ("state", "drafted")] == 1
    assert samples["legation_documents", ("state", "received")] == 1
    assert samples["legation_documents", ("state", "failed")] == 0
    assert samples["legation_review_items_waiting", ("type", "visit")] == 1
    assert samples["legation_review_oldest_waiting_seconds",] > 0
    unmatched = ("legation_request_seconds_count", ("method", "GET"), ("route", "(none)"), ("status", "404"))
    assert samples[unmatched] >= 2
    assert "made-up" not in scraped.text


def lines_of(written: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.splitlines()]


def test_one_line_for_each_request_without_text_or_secrets(
    api: ApiClient, api_key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api.upload(STORY, query_string={"title": "A confidential title"})
    api.upload(STORY.encode() + b"\x00")
    written = capsys.readouterr().err
    first, second = lines_of(written)
    assert (first["event"], first["method"], first["path"]) == ("request", "POST", "/api/v1/documents")
    assert (first["status"], second["status"]) == (202, 422)
    assert first["key"] == api_key.split("_")[1]
    assert first["milliseconds"] > 0
    for secret in (api_key, api_key.split("_")[2], "Norvale", "confidential"):
        assert secret not in written


@pytest.mark.parametrize(
    ("given", "kept"), [("trace-1.A_b", True), ("x" * 65, False), ("a b", False), ('"}', False), ("", False)]
)
def test_a_sane_request_id_is_kept(
    lasting_client: FlaskClient, capsys: pytest.CaptureFixture[str], given: str, kept: bool
) -> None:
    answer = lasting_client.get("/api/v1/documents", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is kept
    assert lines_of(capsys.readouterr().err)[0]["request_id"] == answer.headers["X-Request-ID"]


def test_a_row_that_the_database_refuses_stays_out_of_the_log(
    own_app: Flask, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    @own_app.route("/api/v1/refused")
    def refused() -> str:
        with services.engine.begin() as connection:
            connection.execute(
                text("insert into contents (sha256, original) values ('no hash', :original)"), {"original": b"Norvale"}
            )
        return "kept"

    @own_app.route("/api/v1/refused-text")
    def refused_text() -> str:
        with services.engine.begin() as connection:
            connection.execute(
                text("insert into users (id, username, password_hash, role) values (:id, :name, 'x', 'none')"),
                {"id": UUID(int=1), "name": "norvale\nDETAIL: norvale\n"},
            )
        return "kept"

    client = own_app.test_client()
    assert client.get("/api/v1/refused").status_code == 500
    assert client.get("/api/v1/refused-text").status_code == 500
    written = capsys.readouterr().err
    assert written.count("violates check constraint") >= 2
    assert "orvale" not in written
    assert b"Norvale".hex() not in written


def test_security_headers_are_everywhere(lasting_client: FlaskClient) -> None:
    for path in ("/api/v1/documents", "/api/docs", "/problems", "/healthz", "/no/such/page", "/sign-in"):
        headers = lasting_client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers
    assert lasting_client.get("/api/v1/documents").headers["Cache-Control"] == "private, no-cache"


def test_https_is_remembered_where_people_use_it(settings: Settings) -> None:
    app = create_app(dataclasses.replace(settings, public_url="https://legation.example"))
    assert "max-age=" in app.test_client().get("/healthz").headers["Strict-Transport-Security"]
    app.extensions["legation"].engine.dispose()


def test_pages_of_the_api_have_no_inline_script_or_style(lasting_client: FlaskClient) -> None:
    for path in ("/api/docs", "/problems"):
        page = lasting_client.get(path).text
        assert "<style" not in page
        assert "style=" not in page
        assert "<script>" not in page
        assert "https://" not in page


def test_assets_of_the_api_page_are_served_from_here(lasting_client: FlaskClient) -> None:
    for path in ("swagger-ui/swagger-ui.css", "swagger-ui/swagger-ui-bundle.js", "assets/api.js"):
        with lasting_client.get(f"/api/docs/{path}") as answer:
            assert answer.status_code == 200
    assert lasting_client.get("/api/docs/swagger-ui/../../../settings.py").status_code == 404


@pytest.fixture
def description(lasting_client: FlaskClient) -> dict[str, Any]:
    found = lasting_client.get("/api/v1/openapi.json").json
    assert found is not None
    return found


def test_the_description_has_every_address_with_its_problems(lasting_app: Flask, description: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in lasting_app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (path, method) for path, item in description["paths"].items() for method in item if method != "parameters"
    }
    assert described == served
    for path, method in described:
        operation = description["paths"][path][method]
        is_public = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", " ".join(PUBLIC)).split()
        needs_key = path not in is_public
        assert bool(operation["security"]) == needs_key, f"{method} {path} does not say which key it needs"
        assert operation["summary"], f"{method} {path} has no summary"
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                problem = description["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                assert list(problem["content"]) == ["application/problem+json"]
        assert ({"401", "403"} if needs_key else set()) | {"500", "503"} <= set(operation["responses"])


def test_records_are_as_the_description_says(
    api: ApiClient, services: Services, administrator: Actor, description: dict[str, Any]
) -> None:
    _, (visit, incident) = create_drafted_document(services, administrator)
    claimed = api.post(f"/events/{visit}/claim").json
    answers = {
        "EventRecord": api.decide(visit, 1, decision="fix", changes={"modality": "planned"}).json,
        "EventPage": api.get("/events").json,
        "History": api.get(f"/events/{visit}/history").json,
        "DocumentPage": api.get("/documents").json,
    }
    rejected = api.decide(incident, 1, decision="reject", reason="duplicate").json
    for name, answer in [*answers.items(), ("EventRecord", claimed), ("EventRecord", rejected)]:
        schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(answer)


def test_the_description_of_records_refuses_what_is_none(
    api: ApiClient, services: Services, administrator: Actor, description: dict[str, Any]
) -> None:
    _, (visit, _) = create_drafted_document(services, administrator)
    record = api.get(f"/events/{visit}").json
    assert record is not None
    schema = {"$ref": "#/components/schemas/EventRecord", "components": description["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(record)
    for wrong in (
        {"type": "gossip"},
        {"type": "treaty"},
        {"state": "lost"},
        {"evidence": []},
        {"participants": [{**record["participants"][0], "role": "target"}]},
        {"details": {"action": "shelling"}},
        {"details": {}},
    ):
        assert not validator.is_valid({**record, **wrong}), wrong


def test_every_address_is_in_the_documentation(description: dict[str, Any]) -> None:
    told = (REPOSITORY / "docs" / "api.md").read_text()
    missing = [
        f"{method.upper()} {path}"
        for path, item in description["paths"].items()
        for method in item
        if method != "parameters" and f"{method.upper()} {path}" not in told
    ]
    assert missing == []
