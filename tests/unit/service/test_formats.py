"""Formats of exports for whatever texts a record has."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import stix2
from followthemoney import model
from hypothesis import example, given
from hypothesis import strategies as st

from service.formats import FORMATS
from service.formats.csv import FORMULA
from tests.factories import records_of_every_family

ID = "01936ac2-0000-7000-8000-000000000000"
WHERE = {
    "page": 2,
    "place": "page 2, paragraph 3",
    "boxes": [{"page": 2, "x0": 72.0, "y0": 90.5, "x1": 130.25, "y1": 102.0}],
    "bytes": None,
}
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\r\n"), min_size=1, max_size=12)
told = texts.filter(str.strip)


def row(name: str, title: str) -> dict[str, Any]:
    draft = {key: value for key, value in records_of_every_family("Ada")[1][0].to_json().items() if key != "rules"}
    draft["participants"][0]["name"] = name
    draft["evidence"] = [{**item, "original": WHERE} for item in draft["evidence"]]
    document = {
        "id": ID,
        "sha256": "0" * 64,
        "text_sha256": "0" * 64,
        "title": title,
        "published": None,
        "source": None,
    }
    review = {"decision": "approved", "reviewer": "ada", "at": "2026-11-26T01:00:00+00:00", "changes": []}
    return {
        "id": ID,
        "schema_version": 2,
        "revision": 2,
        "state": "approved",
        **draft,
        "document": document,
        "review": review,
    }


def written(name: str, row: dict[str, Any]) -> str:
    return "".join(FORMATS[name](iter([row])))


@given(name=told, title=texts)
@example(name='"=1+1', title="\r=cmd")
@example(name="'+1", title=" \n@x")
def test_cells_come_back_and_are_no_formulas(name: str, title: str) -> None:
    (cells,) = csv.DictReader(io.StringIO(written("csv", row(name, title)), newline=""), strict=True)
    assert json.loads(cells["participants"])[0]["name"] == name
    assert (cells["page"], cells["place_in_original"]) == ("2", WHERE["place"])
    assert json.loads(cells["boxes"]) == WHERE["boxes"]
    title_read = cells["document_title"]
    assert not FORMULA.match(title_read) or title_read.startswith("'")
    is_ours = title_read.startswith("'") and FORMULA.match(title_read[1:])
    assert (title_read[1:] if is_ours else title_read) == title


@given(name=told, title=texts)
def test_objects_are_read_by_others(name: str, title: str) -> None:
    of = row(name, title)
    assert json.loads(written("jsonl", of)) == of
    assert json.loads(written("geojson", of))["features"][0]["properties"] == of
    (identity,) = (one for one in stix2.parse(written("stix", of)).objects[2:] if one.type == "identity")
    assert identity.name == name
    entities = [model.get_proxy(json.loads(line)) for line in written("ftm", of).splitlines()]
    assert [entity.schema.name for entity in entities] == ["Document", "Person", "UnknownLink", "Event"]
