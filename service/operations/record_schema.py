"""The rules of a record, made from its family: what a reviewer's fix and every stored revision must satisfy."""

from __future__ import annotations

import functools
import re
from typing import Any

import pycountry
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from workers.extraction.families import FAMILY_OF
from workers.extraction.family import DetailField, Family
from workers.extraction.records import KINDS, MODALITIES

# EDTF level 1 (Library of Congress, 2019) as far as news needs it: a day, month or year, unspecified digits (X),
# uncertain (?), approximate (~) or both (%), a season, and intervals with an open or unknown end.
_POINT = r"-?\d{2}(?:\d{2}|\dX|XX)(?:-(?:0[1-9]|1[0-2]|2[1-4]|XX)(?:-(?:0[1-9]|[12]\d|3[01]|XX))?)?[?~%]?"
EDTF = re.compile(rf"{_POINT}|(?:{_POINT}|\.\.)?/(?:{_POINT}|\.\.)?")

Name = functools.partial(fields.String, validate=validate.Regexp(r"\s*\S", error="Must not be blank."))


def _is_country(code: str) -> None:
    if pycountry.countries.get(alpha_3=code) is None:
        raise ValidationError("Must be an ISO 3166-1 alpha-3 code, as in PRK.")


def _is_edtf(value: str) -> None:
    if value in ("", "/") or not EDTF.fullmatch(value):
        raise ValidationError("Must be a date in EDTF, as in 2024-06-18, 2024-06 or 2024-06-18/2024-06-20.")


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class DateSchema(_Strict):
    text = fields.String(allow_none=True, load_default=None)
    edtf = fields.String(allow_none=True, load_default=None, validate=_is_edtf)
    resolved_from = fields.String(allow_none=True, load_default=None)


class PlaceSchema(_Strict):
    name = Name(required=True)
    country = fields.String(allow_none=True, load_default=None, validate=_is_country)
    geonames_id = fields.Integer(allow_none=True, load_default=None, strict=True)
    lat = fields.Float(allow_none=True, load_default=None, validate=validate.Range(-90, 90))
    lon = fields.Float(allow_none=True, load_default=None, validate=validate.Range(-180, 180))


class AttributionSchema(_Strict):
    name = Name(required=True)
    cue = fields.String(load_default="")
    country = fields.String(allow_none=True, load_default=None, validate=_is_country)


def _participant_schema(family: Family) -> Schema:
    return _Strict.from_dict(
        {
            "role": fields.String(required=True, validate=validate.OneOf(family.role_names)),
            "name": Name(required=True),
            "kind": fields.String(required=True, validate=validate.OneOf(KINDS)),
            "country": fields.String(allow_none=True, load_default=None, validate=_is_country),
            "office": fields.String(allow_none=True, load_default=None),
        },
        name=f"{family.name}_participant",
    )()


def _detail_field(detail: DetailField) -> fields.Field[Any]:
    required = detail.name == "action"
    match detail.kind:
        case "choice":
            return fields.String(required=required, validate=validate.OneOf(detail.choices))
        case "choices":
            return fields.List(fields.String(validate=validate.OneOf(detail.choices)), required=required)
        case "count":
            return fields.Integer(strict=True, required=required, validate=validate.Range(min=0))
        case "text":
            return Name(required=required)


@functools.cache
def schema_of(family_name: str) -> Schema:
    """The schema of a family's record as people may write it, evidence apart."""
    family = FAMILY_OF[family_name]
    details = _Strict.from_dict({d.name: _detail_field(d) for d in family.details}, name=f"{family_name}_details")
    return _Strict.from_dict(
        {
            "modality": fields.String(required=True, validate=validate.OneOf(MODALITIES)),
            "background": fields.Boolean(required=True, truthy={True}, falsy={False}),
            "date": fields.Nested(DateSchema, required=True, allow_none=True),
            "place": fields.Nested(PlaceSchema, required=True, allow_none=True),
            "participants": fields.List(fields.Nested(_participant_schema(family)), required=True),
            "details": fields.Nested(details, required=True),
            "attributed_to": fields.List(fields.Nested(AttributionSchema), required=True),
        },
        name=f"{family_name}_record",
    )()


EDITABLE = ("modality", "background", "date", "place", "participants", "details", "attributed_to")
