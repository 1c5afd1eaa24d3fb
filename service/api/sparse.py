"""`fields`: answers with some of their fields alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from marshmallow import fields, validate
from webargs.fields import DelimitedList


class FieldNames(DelimitedList):
    """Names of the outermost fields, between commas; none for all."""

    def __init__(self, known: Collection[str]) -> None:
        told = "Only these fields, between commas, and `id`; without it, all"
        name = fields.String(validate=validate.OneOf(known))
        some = validate.Length(min=1)
        super().__init__(name, data_key="fields", load_default=tuple, validate=some, metadata={"description": told})


def has(name: str, only: Sequence[str]) -> bool:
    """Whether an answer with these fields has this one."""
    return not only or name == "id" or name in only


def narrow(told: Mapping[str, Any], only: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if has(name, only)}


def described(_: Any, field: fields.Field[Any], **__: Any) -> dict[str, Any]:
    """How OpenAPI says that such a parameter is one text with commas."""
    return {"style": "form", "explode": False} if isinstance(field, FieldNames) else {}
