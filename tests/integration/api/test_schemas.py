"""Published schemas over HTTP, and that rows of every family are as theirs says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service.api.record_json_schema import published
from service.operations.actor import Actor
from service.operations.record_schema import schema_of
from service.services import Services
from service.storable import is_blank
from tests.conftest import create_key
from tests.factories import create_drafted_document, records_of_every_family
from tests.integration.api.conftest import ApiClient, kind
from workers.extraction.families import FAMILIES
from workers.extraction.family import DetailField, Family
from workers.extraction.records import KINDS, MODALITIES


def validator(schema: Any) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def rows(api: ApiClient, services: Services, administrator: Actor) -> list[dict[str, Any]]:
    """Rows of every family as they are exported: approved, fixed, split off, added by a person."""
    text, records = records_of_every_family()
    document, events = create_drafted_document(services, administrator, text, records, title="Grey days")
    for event in events[:2]:
        assert api.decide(event, 1, decision="approve").status_code == 200
    for event in events[2:]:
        evidence = [{"field": "date", "start": 0, "end": 3}]
        changes = {"date/text": "Ada", "date/edtf": "2024-06-18", "participants/0/office": None, "evidence": evidence}
        fixed = api.decide(event, 1, decision="fix", changes=changes)
        assert fixed.status_code == 200, fixed.text
    trigger = [{"field": "trigger", "start": text.index("arrived"), "end": text.index("arrived") + 7}]
    added = {"type": "visit", "changes": {"details/action": "visited", "evidence": trigger}}
    made = api.post(f"/documents/{document.id}/events", json=added)
    assert made.status_code == 201, made.text
    assert api.decide(made.json["id"], 1, decision="approve").status_code == 200  # type: ignore[index]
    return [json.loads(line) for line in api.get("/exports/events.jsonl").text.splitlines()]


def test_every_row_is_as_the_schema_that_it_names(client: FlaskClient, rows: list[dict[str, Any]]) -> None:
    assert {row["type"] for row in rows} == {family.name for family in FAMILIES}
    for row in rows:
        answer = client.get(f"/api/v1/schemas/{row['type']}/{row['schema_version']}")
        assert answer.content_type == "application/schema+json"
        validator(answer.json).validate(row)


def test_a_row_with_anything_else_is_not(rows: list[dict[str, Any]]) -> None:
    strict = {family.name: validator(published(family)) for family in FAMILIES}
    for row in rows:
        for wrong in (
            {**row, "more": 1},
            {**row, "schema_version": row["schema_version"] + 1},
            {**row, "details": {**row["details"], "more": "x"}},
            {**row, "document": {**row["document"], "text_sha256": "x"}},
            {**row, "evidence": []},
            {name: value for name, value in row.items() if name != "review"},
        ):
            assert not strict[row["type"]].is_valid(wrong)
        others = [checks for name, checks in strict.items() if name != row["type"]]
        assert not any(checks.is_valid(row) for checks in others)


def test_schemas_are_listed_and_read_without_a_key(client: FlaskClient) -> None:
    listed = client.get("/api/v1/schemas").json["items"]  # type: ignore[index]
    assert {one["type"] for one in listed if one["is_current"]} == {family.name for family in FAMILIES}
    for one in listed:
        answer = client.get(one["url"])
        assert answer.json["$id"] == one["url"]  # type: ignore[index]
        assert "immutable" in answer.headers["Cache-Control"]
        assert client.get(one["url"], headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", ["visit/0", "visit/999", "gossip/1", "..%2fvisit/1"])
def test_a_schema_that_there_is_not(client: FlaskClient, services: Services, administrator: Actor, name: str) -> None:
    api = ApiClient(client, create_key(services, administrator, "read"))
    assert kind(api.get(f"/schemas/{name}")) == "not-found"


# What people may write is what the schema lets through

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9).filter(lambda text: not is_blank(text))
countries = st.none() | st.sampled_from(["NOR", "SWE"])


def values(detail: DetailField) -> st.SearchStrategy[Any]:
    match detail.kind:
        case "choice":
            return st.sampled_from(detail.choices)
        case "choices":
            return st.lists(st.sampled_from(detail.choices))
        case "count":
            return st.integers(0, 1_000_000_000)
        case "text":
            return texts


def bodies(family: Family) -> st.SearchStrategy[dict[str, Any]]:
    """Records as people may write them."""
    details = {detail.name: values(detail) for detail in family.details}
    participants = st.fixed_dictionaries(
        {"role": st.sampled_from(family.role_names), "name": texts, "kind": st.sampled_from(KINDS)},
        optional={"country": countries, "office": st.none() | texts},
    )
    dates = st.fixed_dictionaries(
        {}, optional={"text": texts, "edtf": st.sampled_from(["2024", "2024-06~/.."]), "resolved_from": st.none()}
    )
    coordinates = {"lat": st.none() | st.floats(-90, 90), "lon": st.none() | st.integers(-180, 180)}
    place = st.fixed_dictionaries({"name": texts}, optional={"country": countries, **coordinates})
    return st.fixed_dictionaries(
        {
            "modality": st.sampled_from(MODALITIES),
            "background": st.booleans(),
            "date": st.none() | dates,
            "place": st.none() | place,
            "participants": st.lists(participants, max_size=3),
            "details": st.fixed_dictionaries(
                {"action": details.pop("action")},
                optional=details,
            ),
            "attributed_to": st.lists(st.fixed_dictionaries({"name": texts}, optional={"cue": texts}), max_size=2),
        }
    )


@given(drawn=st.sampled_from(FAMILIES).flatmap(lambda family: bodies(family).map(lambda body: (family, body))))
def test_whatever_people_may_write_is_as_the_schema_says(drawn: tuple[Family, Mapping[str, Any]]) -> None:
    family, body = drawn
    schema = published(family)
    content = {"$ref": "#/$defs/Content", "$defs": schema["$defs"]}
    quoted: dict[str, Any] = {
        "field": "trigger",
        "start": 0,
        "end": 1,
        "quote": "x",
        "prefix": "",
        "suffix": "",
        "rule": None,
    }
    quoted["original"] = None
    kept = {**schema_of(family.name).load(body), "type": family.name, "evidence": [quoted], "confidence": {}}
    validator(content).validate(json.loads(json.dumps(kept)))
