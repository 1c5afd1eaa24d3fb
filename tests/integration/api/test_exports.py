"""Exports of the same approved records, each read back by a library that others wrote."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import importlib.util
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import stix2
import zstandard
from followthemoney import model
from stix2validator import ValidationOptions, validate_string

from service.formats import FORMATS
from service.formats.csv import FORMULA
from service.operations import claims, gold_items, records, second_reading
from service.operations.actor import Actor
from service.services import Services
from service.store.models import Event
from tests.conftest import create_actor
from tests.factories import create_decision, create_drafted_document, many_visits, records_of_every_family
from tests.integration.api.conftest import ApiClient, kind

NAMES = (
    'Larsen, "Ada"',
    "Ada\nof Norvale",
    "=HYPERLINK(evil)",
    '"=1+1',
    "+4712345",
    "-1 Party",
    "@sum",
    "\t=cmd",
    "'=quoted",
    "محمد بن سلمان",
    "Åse\u2028Ørn",
    "<b>&amp;</b>",
)


@pytest.fixture
def approved(services: Services, administrator: Actor) -> list[UUID]:
    """An event of each family for each name, approved."""
    made = []
    for name in NAMES:
        text, drafts = records_of_every_family(name)
        _, events = create_drafted_document(services, administrator, text, drafts, title=name.strip(), source="Wire")
        for event in events:
            create_decision(services, event, by=administrator)
        made += events
    return made


def exported(api: ApiClient, name: str, **query: Any) -> str:
    answer = api.get(f"/exports/events.{name}", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(api: ApiClient, **query: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(api, "jsonl", **query).splitlines()]


def names_of(found: list[dict[str, Any]]) -> list[str]:
    return [row["participants"][0]["name"] for row in found]


def test_json_lines(api: ApiClient, approved: list[UUID]) -> None:
    found = rows(api)
    assert [row["id"] for row in found] == [str(event) for event in approved]
    assert names_of(found) == [name for name in NAMES for _ in range(4)]
    assert exported(api, "jsonl").isascii()


HEADER = (
    "id,type,schema_version,revision,action,modality,background,date,date_text,place,place_country,geonames_id,lat,lon,who,"
    "participants,details,attributed_to,quote,approved_at,document_id,document_title,document_source,document_published,"
    "text_sha256,page,place_in_original,boxes"
)


def test_csv(api: ApiClient, approved: list[UUID]) -> None:
    text = exported(api, "csv")
    read = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert ",".join(read[0]) == HEADER
    for cells, row in zip(read, rows(api), strict=True):
        assert json.loads(cells["participants"]) == row["participants"]
        assert (cells["id"], cells["modality"]) == (row["id"], "occurred")
        assert plain(cells["document_title"]) == row["document"]["title"]
        assert plain(cells["who"]) == " ".join(row["participants"][0]["name"].split())
        assert (cells["page"], cells["place_in_original"], cells["boxes"]) == ("", "paragraph 1", "[]")
        assert (cells["lat"], cells["lon"]) == (("62.5", "16.25") if row["place"] else ("", ""))
        assert [name for name, cell in cells.items() if cell[:1] in tuple("=+-@\t\r")] == []


def plain(cell: str) -> str:
    """As a program reads it, which docs/api.md tells."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def test_csv_lines_end_as_the_rfc_says(api: ApiClient, approved: list[UUID]) -> None:
    text = exported(api, "csv")
    outside_quotes = re.sub(r'"(?:[^"]|"")*"', "", text)
    assert outside_quotes.count("\r\n") == len(approved) + 1
    assert not set(outside_quotes) - set(",\r\n")


def test_geojson(api: ApiClient, approved: list[UUID]) -> None:
    found = json.loads(exported(api, "geojson"))
    assert found["type"] == "FeatureCollection"
    located = [row for row in rows(api) if row["place"]]
    assert [feature["properties"] for feature in found["features"]] == located
    for feature in found["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert feature["geometry"] == {"type": "Point", "coordinates": [16.25, 62.5]}
    assert json.loads(exported(api, "geojson", type="treaty"))["features"] == []


def test_followthemoney(api: ApiClient, approved: list[UUID]) -> None:
    entities = [model.get_proxy(json.loads(line), cleaned=False) for line in exported(api, "ftm").splitlines()]
    for entity in entities:
        entity.schema.validate(entity.to_dict())
    known = {entity.id: entity for entity in entities}
    events = [entity for entity in entities if entity.schema.name == "Event"]
    assert [entity.first("recordId") for entity in events] == [str(event) for event in approved]
    for event, row in zip(events, rows(api), strict=True):
        (person,) = event.get("involved")
        assert known[person].schema.name == "Person"
        assert known[person].caption == " ".join(row["participants"][0]["name"].split())
        assert known[person].get("country") == ["no"]
        assert event.get("country") == (["se"] if row["place"] else [])
        (proof,) = event.get("proof")
        assert known[proof].first("fileName") == row["document"]["id"]
    links = [entity for entity in entities if entity.schema.name == "UnknownLink"]
    assert Counter(link.first("role") for link in links) == Counter(row["participants"][0]["role"] for row in rows(api))
    assert {known[link.first("object")].schema.name for link in links} == {"Event"}


def test_stix(api: ApiClient, approved: list[UUID]) -> None:
    text = exported(api, "stix")
    outcome = validate_string(text, ValidationOptions(version="2.1"))
    assert outcome.is_valid, [str(error) for error in outcome.errors]
    objects = stix2.parse(text).objects
    known = {one.id: one for one in objects}
    assert len(known) == len(objects)
    notes = [one for one in objects if one.type == "note"]
    (extension,) = (one.id for one in objects if one.type == "extension-definition")
    for note, row in zip(notes, rows(api), strict=True):
        assert note.external_references[0].external_id == row["id"]
        told = note.extensions[extension]
        assert (told["record_type"], told["modality"]) == (row["type"], "occurred")
        person = known[told["participants"][0]["identity_ref"]]
        assert (person.name, person.identity_class) == (row["participants"][0]["name"], "individual")
        assert set(note.object_refs) <= set(known)
        assert row["evidence"][0]["quote"] in note.content
    assert exported(api, "stix") == text


def test_stix_of_nothing_is_a_bundle_still(api: ApiClient) -> None:
    outcome = validate_string(exported(api, "stix"), ValidationOptions(version="2.1"))
    assert outcome.is_valid


def test_a_plan_is_no_fact_in_formats_without_modality(
    api: ApiClient, services: Services, administrator: Actor
) -> None:
    text, drafts = records_of_every_family()
    _, (visit, *_) = create_drafted_document(services, administrator, text, drafts)
    changes = {"modality": "planned", "participants/0": None, "place": None, "date": {"edtf": "2024-06/2024-07"}}
    evidence = [{"field": "modality", "start": 0, "end": 3}]
    create_decision(services, visit, "fix", by=administrator, changes={**changes, "evidence": evidence})
    entities = [json.loads(line) for line in exported(api, "ftm").splitlines()]
    (event,) = (entity for entity in entities if entity["schema"] == "Event")
    assert event["properties"]["name"] == ["Visit, planned: arrived"]
    assert (event["properties"]["startDate"], event["properties"]["endDate"]) == (["2024-06"], ["2024-07"])
    text = exported(api, "stix")
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid
    assert "Visit, planned: arrived" in text


def test_nothing_but_what_is_approved(
    api: ApiClient, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    judge = create_actor(services, "vera", "adjudicator")
    text, drafts = records_of_every_family()
    _, (visit, treaty, incident, _) = create_drafted_document(services, administrator, text, drafts)
    create_decision(services, visit, by=second_reviewer)
    create_decision(services, treaty, "reject", by=administrator, reason="other")
    create_decision(services, incident, by=administrator)
    create_decision(services, incident, "reject", by=administrator, revision=2, reason="other")
    with services.sessions() as session:
        gold_items.mark(session, visit, by=judge)
    with services.sessions() as session:
        second_reading.set_rules(session, "visit", 0.0, 1.0, by=administrator)
    create_drafted_document(services, administrator, "Another. " + text, [records_of_every_family()[1][0]])
    check = hand_out(services, reviewer)
    create_decision(services, check, by=reviewer)
    assert [row["id"] for row in rows(api)] == [str(visit)]
    for name in FORMATS:
        assert str(check) not in exported(api, name)
        assert str(visit) in exported(api, name)


def hand_out(services: Services, reviewer: Actor) -> UUID:
    """A hidden check."""
    with services.sessions() as session:
        lease = claims.claim_next(session, by=reviewer, seconds=60, wanted=claims.Wanted(families=("visit",)))
        assert lease
        event = session.get_one(Event, lease.event_id)
        assert event.gold_of, "this should be a check"
        return event.id


def test_filters(api: ApiClient, services: Services, administrator: Actor, approved: list[UUID]) -> None:
    found = rows(api)
    document = found[4]["document"]["id"]
    assert rows(api, type=["visit", "treaty"]) == [row for row in found if row["type"] in ("visit", "treaty")]
    assert rows(api, document=document) == found[4:8]
    today = dt.datetime.fromisoformat(found[0]["review"]["at"]).astimezone(dt.UTC).date()
    day = dt.timedelta(days=1)
    assert rows(api, approved_from=today, approved_to=today + day) == found
    assert rows(api, approved_to=today - day) == rows(api, approved_from=today + 2 * day) == []
    assert rows(api, approved_to="9999-12-31", approved_from="0001-01-01") == found


def test_an_export_goes_on_where_it_broke_off(api: ApiClient, approved: list[UUID]) -> None:
    for name in FORMATS:
        rest = exported(api, name, after=approved[17])
        assert str(approved[17]) not in rest
        assert str(approved[20]) in rest
    assert rows(api)[:18] + rows(api, after=approved[17]) == rows(api)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "query", [{"state": "draft"}, {"type": "gossip"}, {"after": "1"}, {"approved_from": "2024-13-01"}, {"limit": "1"}]
)
def test_what_is_not_known_is_refused(lasting_api: ApiClient, name: str, query: dict[str, str]) -> None:
    answer = lasting_api.get(f"/exports/events.{name}", query_string=query)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": lambda sent: zstandard.ZstdDecompressor().decompressobj().decompress(sent),
}


@pytest.mark.parametrize(("accepted", "coding"), [("gzip", "gzip"), ("zstd", "zstd"), ("br, zstd;q=0.1", "zstd")])
def test_compressed(api: ApiClient, approved: list[UUID], accepted: str, coding: str) -> None:
    for name in FORMATS:
        answer = api.get(f"/exports/events.{name}", headers={"Accept-Encoding": accepted})
        assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (coding, "Accept-Encoding")
        assert DECODERS[coding](answer.data).decode() == exported(api, name)


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", ""])
def test_not_compressed(lasting_api: ApiClient, accepted: str) -> None:
    answer = lasting_api.get("/exports/events.csv", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers


def test_a_format_that_is_not_installed(lasting_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    answer = lasting_api.get("/exports/events.ftm")
    assert (answer.status_code, kind(answer)) == (501, "format-missing")
    assert "pip install 'legation[followthemoney]'" in answer.json["detail"]  # type: ignore[index]
    assert lasting_api.get("/exports/events.csv").status_code == 200


def test_only_some_records_are_in_memory_at_a_time(
    services: Services, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the first is there before the last has been read."""
    monkeypatch.setattr(records, "EXPORT_CHUNK", 5)
    text, drafts = many_visits(40)
    _, events = create_drafted_document(services, administrator, text, drafts)
    for event in events:
        create_decision(services, event, by=administrator)
    with services.sessions() as session:
        found = []
        for record in records.export(session, records.Exported(), by=administrator):
            found.append(record.event.id)
            del record
            assert sum(isinstance(one, Event) for one in session.identity_map.values()) <= 10
    assert found == events
