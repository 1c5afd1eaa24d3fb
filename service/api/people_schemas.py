"""What goes in and comes out about people."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.paging import Cursor, PageSchema
from service.api.schemas import Flag, Strict
from service.operations.accounts import LONGEST_NAME, SHORTEST_PASSWORD
from service.operations.actor import ROLE_SCOPES
from workers.extraction.families import FAMILY_OF

OF_ROLE = validate.OneOf(tuple(ROLE_SCOPES))
OF_FAMILY = validate.OneOf(tuple(FAMILY_OF))
FAMILIES = {"description": "Those that the person reviews; none means all"}
LONG_ENOUGH = {"minLength": SHORTEST_PASSWORD}


class PersonSchema(Schema):
    username = fields.String(required=True)
    role = fields.String(required=True, validate=OF_ROLE)
    families = fields.List(fields.String(validate=OF_FAMILY), required=True, metadata=FAMILIES)
    is_disabled = fields.Boolean(required=True)
    assigned = fields.Integer(required=True, metadata={"description": "Open items that are left to the person"})
    created_at = fields.DateTime(required=True)


class PeopleQuerySchema(PageSchema):
    cursor = Cursor(str)


class PersonPageSchema(Schema):
    items = fields.List(fields.Nested(PersonSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class NewPersonSchema(Strict):
    username = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    password = fields.String(required=True, metadata=LONG_ENOUGH)
    role = fields.String(required=True, validate=OF_ROLE)


class PasswordSchema(Strict):
    password = fields.String(required=True, metadata=LONG_ENOUGH)


class ChangePersonSchema(Strict):
    role = fields.String(validate=OF_ROLE)
    families = fields.List(fields.String(validate=OF_FAMILY), metadata=FAMILIES)
    is_disabled = Flag()
