"""The event record as JSON Schema 2020-12 (what OpenAPI 3.1 uses), made from the families.

The text of the fields is in docs/record.md; this says their shape. `published` is the schema of a family's rows as
consumers get it: each version of it is a file in service/published/, which never changes.
"""

from __future__ import annotations

from typing import Any

from service.operations.records import VERDICTS
from service.operations.reviews import REJECT_REASONS
from service.store.models import EVENT_STATES
from workers.extraction.families import FAMILIES
from workers.extraction.family import DetailField, Family
from workers.extraction.records import KINDS, MODALITIES

JsonSchema = dict[str, Any]

TEXT: JsonSchema = {"type": "string"}
TEXT_OR_NULL: JsonSchema = {"type": ["string", "null"]}
NUMBER_OR_NULL: JsonSchema = {"type": ["number", "null"]}
COUNT: JsonSchema = {"type": "integer", "minimum": 0}
COUNTRY: JsonSchema = {"type": ["string", "null"], "pattern": "^[A-Z]{3}$", "description": "ISO 3166-1 alpha-3"}
MOMENT: JsonSchema = {"type": "string", "format": "date-time"}
ID: JsonSchema = {"type": "string", "format": "uuid"}
SHA256: JsonSchema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
DAY_OR_NULL: JsonSchema = {"type": ["string", "null"], "format": "date"}
ORDINAL: JsonSchema = {"type": "integer", "minimum": 1}

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ADDRESS = "/api/v1/schemas/{family}/{version}"


def components() -> dict[str, JsonSchema]:
    """Every schema around the record, by its name in the OpenAPI description."""
    return {
        **{_name(family): _content(family) for family in FAMILIES},
        "EventContent": _of_any_family(),
        "Decision": _decision(),
        "EventRecord": _record(),
        "ClaimedRecord": {"allOf": [_ref("EventRecord"), {"type": "object", "required": ["lease"]}]},
        "EventPage": _object(items=_list(_ref("EventRecord")), next_cursor=TEXT_OR_NULL),
        "Change": {"oneOf": [_put(), _retract()]},
        "ChangePage": _object(items=_list(_ref("Change")), next_cursor=TEXT, has_more={"type": "boolean"}),
        "History": _object(items=_list(_revision())),
    }


def published(family: Family) -> JsonSchema:
    """The whole schema of a family's rows, in its version of today: exactly these fields, all told in it."""
    content, version = _content_of(family), family.schema_version
    envelope = _envelope(_local("Content"), _local("Decision"))
    return {
        "$schema": DIALECT,
        "$id": ADDRESS.format(family=family.name, version=version),
        "title": f"Legation event record: {family.name}, version {version}",
        **_object(**{**envelope, "schema_version": {"const": version}}, **content),
        "$defs": {"Content": _object(**content), "Decision": _decision()},
    }


def _name(family: Family) -> str:
    return "".join(word.capitalize() for word in family.name.split("_"))


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{name}"}


def _local(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def _list(item: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": item}


def _object(**properties: JsonSchema) -> JsonSchema:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _open(**properties: JsonSchema) -> JsonSchema:
    """One that is combined with others by allOf, where none may forbid what the others bring."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _or_null(schema: JsonSchema) -> JsonSchema:
    return {"oneOf": [schema, {"type": "null"}]}


def _of_any_family() -> JsonSchema:
    mapping = {family.name: _ref(_name(family))["$ref"] for family in FAMILIES}
    kinds = [_ref(_name(family)) for family in FAMILIES]
    return {"oneOf": kinds, "discriminator": {"propertyName": "type", "mapping": mapping}}


def _content(family: Family) -> JsonSchema:
    return _open(**_content_of(family))


def _content_of(family: Family) -> dict[str, JsonSchema]:
    """What a record says about the event: what is drafted, and what people can fix."""
    return {
        "type": {"const": family.name},
        "modality": {"enum": list(MODALITIES)},
        "background": {"type": "boolean"},
        "date": _or_null(_object(text=TEXT_OR_NULL, edtf=TEXT_OR_NULL, resolved_from=TEXT_OR_NULL)),
        "place": _or_null(_place()),
        "participants": _list(_participant(family)),
        "details": _details(family),
        "attributed_to": _list(_object(name=TEXT, cue=TEXT, country=COUNTRY)),
        "evidence": {**_list(_evidence()), "minItems": 1},
        "confidence": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}},
    }


def _place() -> JsonSchema:
    geonames_id: JsonSchema = {"type": ["integer", "null"]}
    return _object(name=TEXT, country=COUNTRY, geonames_id=geonames_id, lat=NUMBER_OR_NULL, lon=NUMBER_OR_NULL)


def _participant(family: Family) -> JsonSchema:
    role, kind = {"enum": list(family.role_names)}, {"enum": list(KINDS)}
    return _object(role=role, name=TEXT, kind=kind, country=COUNTRY, office=TEXT_OR_NULL)


def _details(family: Family) -> JsonSchema:
    """Fields without a value are absent; the action is always there."""
    properties = {detail.name: _detail(detail) for detail in family.details}
    return {"type": "object", "properties": properties, "required": ["action"], "additionalProperties": False}


def _detail(detail: DetailField) -> JsonSchema:
    match detail.kind:
        case "choice":
            return {"enum": list(detail.choices)}
        case "choices":
            return _list({"enum": list(detail.choices)})
        case "count":
            return COUNT
        case "text":
            return TEXT


def _evidence() -> JsonSchema:
    return _object(field=TEXT, start=COUNT, end=COUNT, quote=TEXT, prefix=TEXT, suffix=TEXT, rule=TEXT_OR_NULL)


def _decision() -> JsonSchema:
    change = {**_object(field=TEXT), "required": ["field", "from", "to"]}
    change["properties"] = {"field": TEXT, "from": {}, "to": {}}
    return _object(
        decision={"enum": list(VERDICTS.values())},
        reviewer=TEXT,
        at=MOMENT,
        changes=_list(change),
        reason={"enum": [*REJECT_REASONS, None]},
        reason_text=TEXT_OR_NULL,
    )


def _record() -> JsonSchema:
    envelope = _open(**_envelope(_ref("EventContent"), _ref("Decision")))
    return {"allOf": [envelope, _ref("EventContent")]}


def _envelope(content: JsonSchema, decision: JsonSchema) -> dict[str, JsonSchema]:
    return {
        "id": ID,
        "schema_version": ORDINAL,
        "revision": ORDINAL,
        "state": {"enum": list(EVENT_STATES)},
        "document": _object(
            id=ID, sha256=SHA256, text_sha256=SHA256, title=TEXT_OR_NULL, published=DAY_OR_NULL, source=TEXT_OR_NULL
        ),
        "extractor": _or_null(_object(version=TEXT_OR_NULL, model=TEXT_OR_NULL, rules=_list(TEXT))),
        "draft": _or_null(content),
        "review": _or_null(decision),
    }


def _put() -> JsonSchema:
    return _object(seq=ORDINAL, op={"const": "put"}, event=_ref("EventRecord"), at=MOMENT)


def _retract() -> JsonSchema:
    """A tombstone."""
    return _object(
        seq=ORDINAL,
        op={"const": "retract"},
        event=_object(id=ID, revision=ORDINAL),
        reason=TEXT,
        superseded_by=_or_null(ID),
        at=MOMENT,
    )


def _revision() -> JsonSchema:
    return _object(revision=ORDINAL, at=MOMENT, record=_ref("EventContent"), review=_or_null(_ref("Decision")))
