"""A published schema never changes: rows that were exported long ago name it still."""

from __future__ import annotations

import dataclasses
import json
import os

import jsonschema
import pytest

from service.api.record_json_schema import JsonSchema, published
from service.api.schema_files import file_of, published_versions
from workers.extraction.families import FAMILIES
from workers.extraction.family import DetailField, Family


def written(schema: JsonSchema) -> str:
    return json.dumps(schema, indent=1) + "\n"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_schema_that_changes_gets_a_new_version(family: Family) -> None:
    """Where this fails, raise the family's `schema_version`; a field of the envelope is one of every family.

    With LEGATION_DRAW set, the test writes the file of a new version, and never one that is there.
    """
    file = file_of(family.name, family.schema_version)
    if os.environ.get("LEGATION_DRAW") and not file.exists():
        file.write_text(written(published(family)))
    assert file.read_text() == written(published(family))


def test_a_changed_field_is_noticed() -> None:
    family = FAMILIES[0]
    grown = dataclasses.replace(family, details=(*family.details, DetailField("mood", "Mood", "text")))
    assert file_of(family.name, family.schema_version).read_text() != written(published(grown))


def test_every_version_up_to_that_of_today_is_kept() -> None:
    of_today = [(family.name, n) for family in FAMILIES for n in range(1, family.schema_version + 1)]
    assert set(of_today) <= set(published_versions())


@pytest.mark.parametrize(("family", "version"), published_versions())
def test_every_file_is_a_schema_that_names_itself(family: str, version: int) -> None:
    schema = json.loads(file_of(family, version).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    assert schema["$id"] == f"/api/v1/schemas/{family}/{version}"
    assert schema["properties"]["type"] == {"const": family}
    assert schema["properties"]["schema_version"] == {"const": version}
