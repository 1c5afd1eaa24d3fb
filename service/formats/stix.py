"""STIX 2.1, one bundle: each record is a note on identities (its participants) and a location.

STIX has no object for a visit or a treaty, and an `incident` or `report` would say that it is one of security, or an
analysis. A note says what is true: that these words tell something of those. What a note cannot say is in a property
extension, which is defined in the bundle.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import pycountry
import stix2.v21 as stix

from service.formats import words
from service.formats.words import Row

NAMESPACE = uuid.UUID("9d7a2f4e-4f0b-4c51-8f5e-0f1f6f0c6b1d")
SINCE = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)  # of the two objects below, in this form of theirs
CLASS_OF_KIND = {
    "state": "organization",  # as the vocabulary has it: "such as a company or country"
    "organization": "organization",
    "person": "individual",
    "armed_forces": "organization",
    "armed_group": "group",
    "company": "organization",
    "vessel": "unknown",
    "other": "unknown",
}
LEGATION = stix.Identity(
    id=f"identity--{uuid.uuid5(NAMESPACE, 'legation')}",
    created=SINCE,
    modified=SINCE,
    name="Legation",
    identity_class="system",
)
EXTENSION = stix.ExtensionDefinition(
    id=f"extension-definition--{uuid.uuid5(NAMESPACE, 'event record, 1')}",
    created=SINCE,
    modified=SINCE,
    created_by_ref=LEGATION.id,
    name="Legation event record",
    description="What an event record says beyond the words of a note: what happened, who had which part, on what "
    "words.",
    schema="The fields of the record's JSON Schema by their names there, which is at the service's address "
    "/api/v1/schemas/{record_type}/{schema_version}. `date` is the EDTF value; participants and the place are "
    "references; fields without a value are absent.",
    version="1.0.0",
    extension_types=["property-extension"],
)


def write(rows: Iterable[Row]) -> Iterator[str]:
    """The bundle's id comes last, since it is made of what is in it: the same export is the same bytes."""
    digest = hashlib.sha256()
    yield '{"type": "bundle", "objects": [\n'
    for made in itertools.chain((LEGATION, EXTENSION), itertools.chain.from_iterable(map(_objects, rows))):
        piece = made.serialize()
        digest.update(piece.encode())
        yield piece if made is LEGATION else f",\n{piece}"
    yield f'\n], "id": "bundle--{uuid.uuid5(NAMESPACE, digest.hexdigest())}"}}\n'


def _objects(row: Row) -> Iterator[Any]:
    common = {"created_by_ref": LEGATION.id, **_times(row)}
    identities = [_identity(row, number, common) for number in range(len(row["participants"]))]
    location = _location(row, common)
    yield from identities
    if location:
        yield location
    yield _note(row, identities, location, common)


def _identity(row: Row, number: int, common: dict[str, Any]) -> Any:
    participant = row["participants"][number]
    return stix.Identity(
        id=_id("identity", row, f"participants/{number}"),
        name=participant["name"],
        identity_class=CLASS_OF_KIND[participant["kind"]],
        **({"roles": [participant["office"]]} if participant["office"] else {}),
        **common,
    )


def _location(row: Row, common: dict[str, Any]) -> Any:
    """None where only a name is known: STIX asks for a country or coordinates."""
    place = row["place"] or {}
    country = pycountry.countries.get(alpha_3=place.get("country") or "")
    known = {"country": country and country.alpha_2}
    if place.get("lat") is not None and place.get("lon") is not None:
        known |= {"latitude": place["lat"], "longitude": place["lon"]}
    if not _told(known):
        return None
    return stix.Location(id=_id("location", row, "place"), name=place["name"], **_told(known), **common)


def _note(row: Row, identities: list[Any], location: Any, common: dict[str, Any]) -> Any:
    concerned = [one.id for one in (*identities, location) if one]
    return stix.Note(
        id=_id("note", row, "record"),
        abstract=words.headline(row),
        content="\n".join(words.triggers(row)),
        object_refs=concerned or [LEGATION.id],
        external_references=[{"source_name": "legation", "external_id": row["id"]}],
        extensions={EXTENSION.id: {"extension_type": "property-extension", **_record(row, identities, location)}},
        **common,
    )


def _record(row: Row, identities: list[Any], location: Any) -> dict[str, Any]:
    same = {name: row[name] for name in ("schema_version", "revision", "modality", "background")}
    participants = zip(row["participants"], identities, strict=True)
    return _told(
        {
            "record_type": row["type"],
            **same,
            "date": row["date"] and row["date"]["edtf"],
            "place_name": row["place"] and row["place"]["name"],
            "place_ref": location and location.id,
            "participants": [
                _told({"role": told["role"], "kind": told["kind"], "country": told["country"], "identity_ref": one.id})
                for told, one in participants
            ],
            "details": _told(row["details"]),
            "attributed_to": [_told(source) for source in row["attributed_to"]],
            "evidence": [_evidence(item) for item in row["evidence"]],
            "document": _told(row["document"]),
        }
    )


def _evidence(item: Row) -> dict[str, Any]:
    told = {name: item[name] for name in ("field", "start", "end", "quote")}
    return {**told, **_told({"original": _told(item["original"] or {})})}


def _told(values: Row) -> dict[str, Any]:
    """Without what is empty, which STIX does not allow."""
    return {name: value for name, value in values.items() if value not in (None, [], {}, "")}


def _times(row: Row) -> dict[str, Any]:
    """The time in the id, when the record was made; and when it was decided on as it is now."""
    made = dt.datetime.fromtimestamp((uuid.UUID(row["id"]).int >> 80) / 1000, dt.UTC)
    decided = dt.datetime.fromisoformat(row["review"]["at"])
    return {"created": made, "modified": max(made, decided)}


def _id(type: str, row: Row, part: str) -> str:
    """The same in every export, so that a later one is a later version of the same object."""
    return f"{type}--{uuid.uuid5(uuid.UUID(row['id']), part)}"
