"""FollowTheMoney entities (OpenSanctions, Aleph), one a line: an Event, its participants, their links to it, and the
document that tells it.

Participants are entities of one record each: that two records mean the same person is for others to find out.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from service.errors import FormatMissingError
from service.formats import words
from service.formats.words import Row

if TYPE_CHECKING:
    from followthemoney.proxy import EntityProxy

SCHEMA_OF_KIND = {
    "state": "PublicBody",
    "organization": "Organization",
    "person": "Person",
    "armed_forces": "Organization",
    "armed_group": "Organization",
    "company": "Company",
    "vessel": "Vessel",
    "other": "LegalEntity",
}
# Dates that FollowTheMoney knows: a year, month or day. What EDTF says beyond that stays in the text.
DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"


def write(rows: Iterable[Row]) -> Iterator[str]:
    """Raises FormatMissingError."""
    if importlib.util.find_spec("followthemoney") is None:
        raise FormatMissingError("followthemoney")
    return (json.dumps(entity.to_dict()) + "\n" for row in rows for entity in _entities(row))


def _entities(row: Row) -> Iterator[EntityProxy]:
    document, event = _document(row["document"]), _event(row)
    event.add("proof", document.id)
    yield document
    for number, participant in enumerate(row["participants"]):
        entity = _participant(f"{event.id}-participant-{number}", participant)
        if entity.schema.is_a("LegalEntity"):
            event.add("involved", entity.id)
        yield entity
        yield _link(f"{event.id}-link-{number}", entity, event, participant["role"])
    yield event


def _event(row: Row) -> EntityProxy:
    event = _new("Event", f"legation-{row['id']}")
    event.add("name", words.headline(row))
    event.add("summary", list(words.triggers(row)))
    event.add("recordId", row["id"])
    event.add("keywords", [row["type"], row["details"]["action"], row["modality"]])
    event.add("publisher", row["document"]["source"])
    event.add("modifiedAt", row["review"]["at"][:10])
    if row["place"]:
        event.add("location", row["place"]["name"])
        event.add("country", row["place"]["country"])
    if row["date"] and row["date"]["edtf"]:
        for name, value in _dates(row["date"]["edtf"]):
            event.add(name, value)
    return event


def _dates(edtf: str) -> Iterator[tuple[str, str]]:
    if re.fullmatch(DATE, edtf):
        yield "date", edtf
    elif interval := re.fullmatch(f"({DATE})?/({DATE})?", edtf.replace("..", "")):
        yield from ((name, day) for name, day in zip(("startDate", "endDate"), interval.groups(), strict=True) if day)


def _participant(id: str, participant: Row) -> EntityProxy:
    entity = _new(SCHEMA_OF_KIND[participant["kind"]], id)
    entity.add("name", participant["name"])
    entity.add("country", participant["country"])
    if participant["office"] and entity.schema.is_a("Person"):
        entity.add("position", participant["office"])
    return entity


def _link(id: str, entity: EntityProxy, event: EntityProxy, role: str) -> EntityProxy:
    link = _new("UnknownLink", id)
    link.add("subject", entity.id)
    link.add("object", event.id)
    link.add("role", role)
    return link


def _document(document: Row) -> EntityProxy:
    entity = _new("Document", f"legation-document-{document['id']}")
    entity.add("fileName", document["id"])
    entity.add("title", document["title"])
    entity.add("publisher", document["source"])
    entity.add("publishedAt", document["published"])
    return entity


def _new(schema: str, id: str) -> EntityProxy:
    from followthemoney import model

    described: dict[str, Any] = {"id": id, "schema": schema, "properties": {}}
    return model.get_proxy(described)
