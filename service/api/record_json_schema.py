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
MODALITY: JsonSchema = {"enum": list(MODALITIES)}
STATE: JsonSchema = {"enum": list(EVENT_STATES)}

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ADDRESS = "/api/v1/schemas/{family}/{version}"


def components() -> dict[str, JsonSchema]:
    """Every schema around the record by its name in the OpenAPI description, which generated clients call it by."""
    return {
        "Modality": MODALITY,
        "EventState": STATE,
        "EventDate": _date(),
        "EventPlace": _place(),
        "Attribution": _attribution(),
        "Evidence": _evidence(),
        "SourceDocument": _document(),
        "Extractor": _extractor(),
        "Decision": _decision(),
        **{name: schema for family in FAMILIES for name, schema in _of_family(family).items()},
        "EventContent": _of_any_family(""),
        "EventRecord": _of_any_family("Record"),
        "SomeOfEventRecord": {"anyOf": [_ref("EventRecord"), _some_of_it()]},
        "EventPage": _object(items=_list(_ref("SomeOfEventRecord")), next_cursor=TEXT_OR_NULL),
        "Publication": _publication(),
        "Tombstone": _object(id=ID, revision=ORDINAL),
        "Retraction": _retraction(),
        "Change": _one_of("op", {"put": "Publication", "retract": "Retraction"}),
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


def _of_family(family: Family) -> dict[str, JsonSchema]:
    """What the family's records say of an event, and the records as they are read."""
    name = _name(family)
    content = {
        **_content_of(family),
        "modality": _ref("Modality"),
        "date": _or_null(_ref("EventDate")),
        "place": _or_null(_ref("EventPlace")),
        "participants": _list(_ref(f"{name}Participant")),
        "details": _ref(f"{name}Details"),
        "attributed_to": _list(_ref("Attribution")),
        "evidence": {**_list(_ref("Evidence")), "minItems": 1},
    }
    envelope = {
        **_envelope(_ref(name), _ref("Decision")),
        "state": _ref("EventState"),
        "document": _ref("SourceDocument"),
        "extractor": _or_null(_ref("Extractor")),
    }
    return {
        f"{name}Participant": _participant(family),
        f"{name}Details": _details(family),
        name: _object(**content),
        f"{name}Record": _with_lease(_object(**envelope, **content)),
    }


def _with_lease(record: JsonSchema) -> JsonSchema:
    """Who claims the record is told of his lease beside it."""
    lease = {"allOf": [_ref("Lease")], "description": "In the answer to a claim"}
    return {**record, "properties": {**record["properties"], "lease": lease}}


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


def _or_null(schema: JsonSchema) -> JsonSchema:
    return {"oneOf": [schema, {"type": "null"}]}


def _one_of(property_name: str, kinds: dict[str, str]) -> JsonSchema:
    """One of the schemas with these names, by the value of a property that all have."""
    mapping = {value: _ref(name)["$ref"] for value, name in kinds.items()}
    refs = [_ref(name) for name in kinds.values()]
    return {"oneOf": refs, "discriminator": {"propertyName": property_name, "mapping": mapping}}


def _of_any_family(suffix: str) -> JsonSchema:
    return _one_of("type", {family.name: _name(family) + suffix for family in FAMILIES})


def _content_of(family: Family) -> dict[str, JsonSchema]:
    """What a record says about the event: what is drafted, and what people can fix."""
    return {
        "type": {"const": family.name},
        "modality": MODALITY,
        "background": {"type": "boolean"},
        "date": _or_null(_date()),
        "place": _or_null(_place()),
        "participants": _list(_participant(family)),
        "details": _details(family),
        "attributed_to": _list(_attribution()),
        "evidence": {**_list(_evidence()), "minItems": 1},
        "confidence": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}},
    }


def _date() -> JsonSchema:
    return _object(text=TEXT_OR_NULL, edtf=TEXT_OR_NULL, resolved_from=TEXT_OR_NULL)


def _attribution() -> JsonSchema:
    return _object(name=TEXT, cue=TEXT, country=COUNTRY)


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
    return _object(
        field=TEXT,
        start=COUNT,
        end=COUNT,
        quote=TEXT,
        prefix=TEXT,
        suffix=TEXT,
        rule=TEXT_OR_NULL,
        original=_or_null(_citation()),
    )


def _citation() -> JsonSchema:
    number: JsonSchema = {"type": "number"}
    return _object(
        page={"type": ["integer", "null"], "minimum": 1},
        place=TEXT_OR_NULL,
        boxes=_list(_object(page=ORDINAL, x0=number, y0=number, x1=number, y1=number)),
        bytes=_or_null(_object(start=COUNT, end=COUNT)),
    )


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


def _envelope(content: JsonSchema, decision: JsonSchema) -> dict[str, JsonSchema]:
    return {
        "id": ID,
        "schema_version": ORDINAL,
        "revision": ORDINAL,
        "state": STATE,
        "document": _document(),
        "extractor": _or_null(_extractor()),
        "draft": _or_null(content),
        "review": _or_null(decision),
    }


def _document() -> JsonSchema:
    return _object(
        id=ID, sha256=SHA256, text_sha256=SHA256, title=TEXT_OR_NULL, published=DAY_OR_NULL, source=TEXT_OR_NULL
    )


def _extractor() -> JsonSchema:
    return _object(version=TEXT_OR_NULL, model=TEXT_OR_NULL, rules=_list(TEXT))


def _publication() -> JsonSchema:
    return _object(seq=ORDINAL, op={"const": "put"}, event=_ref("EventRecord"), at=MOMENT)


def _retraction() -> JsonSchema:
    return _object(
        seq=ORDINAL,
        op={"const": "retract"},
        event=_ref("Tombstone"),
        reason=TEXT,
        superseded_by=_or_null(ID),
        at=MOMENT,
    )


def _some_of_it() -> JsonSchema:
    """What `fields` asked for of a record."""
    return {"type": "object", "properties": {"id": ID}, "required": ["id"]}


def _revision() -> JsonSchema:
    content, review = _ref("EventContent"), _or_null(_ref("Decision"))
    return _object(revision=ORDINAL, at=MOMENT, document=ID, record=content, review=review)


RECORD_FIELDS = tuple({**_envelope({}, {}), **_content_of(FAMILIES[0])})
"""The outermost fields of a record of any family."""
