"""The rules of a record, made from its family: what a reviewer's fix and every stored revision must satisfy."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import Any

import pycountry
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from service.storable import is_blank
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import DetailField, Family
from workers.extraction.records import KINDS, MODALITIES

# EDTF level 1 (Library of Congress, 2019) as far as news needs it: a day, month or year, unspecified digits (X),
# uncertain (?), approximate (~) or both (%), a season, and intervals with an open or unknown end.
_POINT = r"(?!0000)\d{2}(?:\d{2}|\dX|XX)(?:-(?:0[1-9]|1[0-2]|2[1-4]|XX)(?:-(?:0[1-9]|[12]\d|3[01]|XX))?)?[?~%]?"
EDTF = re.compile(rf"{_POINT}|{_POINT}/(?:{_POINT}|\.\.)?|(?:\.\.)?/{_POINT}", re.ASCII)
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-\d\d", re.ASCII)

MOST_PEOPLE = 1_000_000_000  # killed, wounded or captured
LONGEST_TEXT = 2_000  # of one field; no name, title or phrase of a text is longer
LONGEST_LIST = 500  # participants or sources of one event


def _is_told(value: str) -> None:
    if is_blank(value):
        raise ValidationError("Must not be blank.")


Text = functools.partial(fields.String, validate=validate.Length(max=LONGEST_TEXT))
Name = functools.partial(fields.String, validate=[_is_told, validate.Length(max=LONGEST_TEXT)])


class Number(fields.Float):
    """A number, where the base class also takes a text that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Truth(fields.Boolean):
    """True or false, where the base class also takes 1 and 0."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


@functools.cache
def _country_codes() -> frozenset[str]:
    return frozenset(country.alpha_3 for country in pycountry.countries)


def _is_country(code: str) -> None:
    if code not in _country_codes():
        raise ValidationError("Must be an ISO 3166-1 alpha-3 code, as in PRK.")


def _is_edtf(value: str) -> None:
    days = _DAY.findall(value)
    if not EDTF.fullmatch(value) or not all(map(_is_day, days)) or days != sorted(days):
        raise ValidationError("Must be a date in EDTF, as in 2024-06-18, 2024-06 or 2024-06-18/2024-06-20.")


def _is_day(value: str) -> bool:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_iso_day(value: str) -> None:
    if not _DAY.fullmatch(value) or not _is_day(value):
        raise ValidationError("Must be a day, as in 2024-06-19.")


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class DateSchema(_Strict):
    text = Text(allow_none=True, load_default=None)
    edtf = fields.String(allow_none=True, load_default=None, validate=_is_edtf)
    resolved_from = fields.String(allow_none=True, load_default=None, validate=_is_iso_day)


class PlaceSchema(_Strict):
    name = Name(required=True)
    country = fields.String(allow_none=True, load_default=None, validate=_is_country)
    geonames_id = fields.Integer(allow_none=True, load_default=None, strict=True, validate=validate.Range(1, 2**31 - 1))
    lat = Number(allow_none=True, load_default=None, validate=validate.Range(-90, 90))
    lon = Number(allow_none=True, load_default=None, validate=validate.Range(-180, 180))


class AttributionSchema(_Strict):
    name = Name(required=True)
    cue = Text(load_default="")
    country = fields.String(allow_none=True, load_default=None, validate=_is_country)


def _participant_schema(family: Family) -> Schema:
    return _Strict.from_dict(
        {
            "role": fields.String(required=True, validate=validate.OneOf(family.role_names)),
            "name": Name(required=True),
            "kind": fields.String(required=True, validate=validate.OneOf(KINDS)),
            "country": fields.String(allow_none=True, load_default=None, validate=_is_country),
            "office": Text(allow_none=True, load_default=None),
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
            return fields.Integer(strict=True, required=required, validate=validate.Range(0, MOST_PEOPLE))
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
            "background": Truth(required=True),
            "date": fields.Nested(DateSchema, required=True, allow_none=True),
            "place": fields.Nested(PlaceSchema, required=True, allow_none=True),
            "participants": fields.List(
                fields.Nested(_participant_schema(family)), required=True, validate=validate.Length(max=LONGEST_LIST)
            ),
            "details": fields.Nested(details, required=True),
            "attributed_to": fields.List(
                fields.Nested(AttributionSchema), required=True, validate=validate.Length(max=LONGEST_LIST)
            ),
        },
        name=f"{family_name}_record",
    )()


EDITABLE = ("modality", "background", "date", "place", "participants", "details", "attributed_to")
