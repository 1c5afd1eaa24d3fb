"""What the list of the review takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from service.api.paging import Cursor, PageSchema
from service.api.schemas import Flag, FlagInQuery, Line, Number, ReviewItemSchema, Strict, Whole
from service.operations.bulk import DECISIONS, MOST
from service.operations.claims import ORDERS
from service.operations.filters import ASSIGNED, HOLDERS, REASONS, Filter, Place
from service.operations.reviews import REJECT_REASONS
from service.operations.saved_filters import LONGEST_NAME
from service.operations.search import LONGEST_TEXT
from service.store.models import STAGES
from workers.extraction.families import FAMILY_OF

AT_LEAST, AT_MOST = "As certain as this, or more", "As certain as this, or less"
SNOOZED = "Those put off until later, else the others"


def _share(told: str, kind: type[fields.Float] = Number) -> fields.Float:
    return kind(load_default=None, validate=validate.Range(0, 1), metadata={"description": told})


class FilterSchema(Strict):
    """As JSON. What a query tells in words is read by fields of other kinds."""

    type = fields.List(
        fields.String(validate=validate.OneOf(tuple(FAMILY_OF))),
        load_default=list,
        metadata={"description": "Of these families; can be repeated"},
    )
    holder = fields.String(load_default=None, validate=validate.OneOf(HOLDERS))
    unsure = fields.String(
        load_default=None,
        validate=validate.OneOf(REASONS),
        metadata={"description": "Less than 90 % sure in this field"},
    )
    stage = fields.String(
        load_default=None, validate=validate.OneOf(STAGES), metadata={"description": "Else first and second readings"}
    )
    assigned = fields.String(load_default=None, validate=validate.OneOf(ASSIGNED))
    snoozed: fields.Boolean = Flag(load_default=False, metadata={"description": SNOOZED})
    document = fields.UUID(load_default=None)
    least = _share(AT_LEAST)
    most = _share(AT_MOST)
    q = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_TEXT),
        metadata={"description": "Words of the record or of its document"},
    )
    order = fields.String(load_default="priority", validate=validate.OneOf(tuple(ORDERS)))


class WorklistQuerySchema(FilterSchema, PageSchema):  # type: ignore[misc]  # both say the same in their `Meta`
    snoozed = FlagInQuery(load_default=False, metadata={"description": SNOOZED})
    least = _share(AT_LEAST, fields.Float)
    most = _share(AT_MOST, fields.Float)
    cursor = Cursor(Place.of)


class WorklistPageSchema(Schema):
    items = fields.List(fields.Nested(ReviewItemSchema), required=True)
    total = fields.Integer(required=True, metadata={"description": "How many there are in all, as far as was counted"})
    is_more = fields.Boolean(required=True, metadata={"description": "Whether there are more than `total`"})
    next_cursor = fields.String(required=True, allow_none=True)


class FilterNameSchema(Strict):
    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))


class NewFilterSchema(FilterNameSchema):
    filter = fields.Nested(FilterSchema, required=True, metadata={"description": "As in the query of the list"})


class SavedFilterSchema(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    owner = fields.String(required=True)
    filter = fields.Nested(FilterSchema, required=True)
    created_at = fields.DateTime(required=True)


class SavedFiltersSchema(Schema):
    items = fields.List(fields.Nested(SavedFilterSchema), required=True)


class ItemToDecideSchema(Schema):
    event = fields.UUID(required=True)
    revision = fields.Integer(required=True, metadata={"description": "The one that the decision is about"})
    type = fields.String(required=True)
    confidence = fields.Float(required=True)


class LeftOutSchema(ItemToDecideSchema):
    problem = fields.String(required=True, metadata={"description": "As `type` of a problem"})
    detail = fields.String(required=True)


class PreviewSchema(Schema):
    items = fields.List(fields.Nested(ItemToDecideSchema), required=True)
    left_out = fields.List(fields.Nested(LeftOutSchema), required=True)
    is_more = fields.Boolean(
        required=True, metadata={"description": f"Whether the filter lets through more than {MOST}, which are not here"}
    )


class ChoiceSchema(Strict):
    event = fields.UUID(required=True)
    revision = Whole(required=True, validate=validate.Range(1, 10**9))


class BulkSchema(Strict):
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(tuple(REJECT_REASONS)))
    reason_text = Line(load_default=None, allow_none=True)
    items = fields.List(fields.Nested(ChoiceSchema), required=True, validate=validate.Length(1, MOST))


class DecidedSchema(Schema):
    event = fields.UUID(required=True)
    decision = fields.String(required=True)
    state = fields.String(
        required=True, metadata={"description": "`draft` where a second person reads it before it counts"}
    )
    revision = fields.Integer(required=True)


class NotDecidedSchema(Schema):
    event = fields.UUID(required=True)
    detail = fields.String(required=True)


class BatchSchema(Schema):
    batch = fields.UUID(required=True)
    decided = fields.List(
        fields.Nested(DecidedSchema), required=True, metadata={"description": "Without what was taken back since"}
    )
    refused = fields.List(fields.Nested(NotDecidedSchema), required=True)


class BatchUndoneSchema(Schema):
    events = fields.List(fields.UUID(), required=True)


def filter_of(said: Mapping[str, Any]) -> Filter:
    return Filter(
        families=tuple(said["type"]),
        holder=said["holder"],
        reason=said["unsure"],
        stage=said["stage"],
        assigned=said["assigned"],
        is_snoozed=said["snoozed"],
        document_id=said["document"],
        least=said["least"],
        most=said["most"],
        text=said["q"],
        order=said["order"],
    )


def present_filter(wanted: Filter) -> dict[str, Any]:
    """The same as `filter_of` reads."""
    return {
        "type": list(wanted.families),
        "holder": wanted.holder,
        "unsure": wanted.reason,
        "stage": wanted.stage,
        "assigned": wanted.assigned,
        "snoozed": wanted.is_snoozed,
        "document": wanted.document_id,
        "least": wanted.least,
        "most": wanted.most,
        "q": wanted.text,
        "order": wanted.order,
    }
