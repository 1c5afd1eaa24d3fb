"""What goes in and comes out about API keys."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.schemas import Strict
from service.operations.keys import LARGEST_LIMIT, LONGEST_NAME, LONGEST_OVERLAP, OVERLAP
from service.store.models import SCOPES

LONGEST_OVERLAP_SECONDS = int(LONGEST_OVERLAP.total_seconds())
OF_SCOPES = validate.OneOf(SCOPES)
LIMIT = validate.Range(1, LARGEST_LIMIT)
STATES = ("valid", "expired", "revoked", "owner disabled")
ENDS = {"description": "When it lets in no more; null for no end"}
REQUESTS = {"description": "Requests that it may make in a window; null for as many as all"}
IN_WORK = {"description": "Documents that may wait for their drafts; null for as many as all"}


class KeySchema(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    prefix = fields.String(required=True, metadata={"description": "How the key begins, behind `lgn_`"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    scopes = fields.List(fields.String(validate=OF_SCOPES), required=True)
    owner = fields.String(required=True, metadata={"description": "User name of who it acts for"})
    rate_limit = fields.Integer(required=True, allow_none=True, metadata=REQUESTS)
    documents_in_work = fields.Integer(required=True, allow_none=True, metadata=IN_WORK)
    created_at = fields.DateTime(required=True)
    secret_at = fields.DateTime(required=True, metadata={"description": "When its secret was made"})
    previous_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Until when the secret before lets in, too"}
    )
    expires_at = fields.DateTime(required=True, allow_none=True, metadata=ENDS)
    last_used_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "To the minute"})
    revoked_at = fields.DateTime(required=True, allow_none=True)


class KeyPageSchema(Schema):
    items = fields.List(fields.Nested(KeySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class KeyWithSecretSchema(KeySchema):
    secret = fields.String(required=True, metadata={"description": "The whole key. It is shown this once"})


class ChangeKeySchema(Strict):
    name = fields.String(validate=validate.Length(1, LONGEST_NAME))
    expires_at = fields.AwareDateTime(allow_none=True, metadata=ENDS)
    rate_limit = fields.Integer(strict=True, allow_none=True, validate=LIMIT, metadata=REQUESTS)
    documents_in_work = fields.Integer(strict=True, allow_none=True, validate=LIMIT, metadata=IN_WORK)


class NewKeySchema(ChangeKeySchema):
    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    scopes = fields.List(fields.String(validate=OF_SCOPES), required=True, validate=validate.Length(1, len(SCOPES)))
    owner = fields.String(load_default=None, metadata={"description": "Without it, the caller"})


class RotateKeySchema(Strict):
    overlap = fields.Integer(
        strict=True,
        load_default=int(OVERLAP.total_seconds()),
        validate=validate.Range(0, LONGEST_OVERLAP_SECONDS),
        metadata={"description": "Seconds that the old secret lets in yet"},
    )
    expires_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Without it, a key that ends lives as long again as it was to live"}
    )
