"""What goes in and comes out about webhooks."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from service.api.paging import PageSchema
from service.api.schemas import Flag, Strict, Whole
from service.receivers import LONGEST_URL
from service.store.models import CHANGES, DELIVERY_STATES, DISABLED, MESSAGES, Delivery, Webhook
from workers.extraction.families import FAMILY_OF

FAMILIES = {"description": "Those whose changes are sent; none means all"}
_FAMILY = fields.String(validate=validate.OneOf(tuple(FAMILY_OF)))
_OP = fields.String(validate=validate.OneOf(CHANGES))
_URL = validate.Length(1, LONGEST_URL)
_SOME = validate.Length(min=1)


class DisabledSchema(Schema):
    reason = fields.String(
        required=True,
        validate=validate.OneOf(DISABLED),
        metadata={
            "description": "`administrator`: by hand; `gone`: the receiver answered 410; `failing`: nothing came "
            "through for days; `secret_lost`: the service's own secret key has changed"
        },
    )
    at = fields.DateTime(required=True)


class WebhookSchema(Schema):
    id = fields.UUID(required=True)
    url = fields.String(required=True)
    families = fields.List(_FAMILY, required=True, metadata=FAMILIES)
    ops = fields.List(_OP, required=True)
    is_enabled = fields.Boolean(required=True)
    disabled = fields.Nested(DisabledSchema, required=True, allow_none=True)
    next_seq = fields.Integer(required=True, metadata={"description": "The change of the feed that it gets next"})
    failing_since = fields.DateTime(required=True, allow_none=True)
    old_secret_until = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "Until when the secret before the last rotation signs, too"},
    )
    created_at = fields.DateTime(required=True)
    created_by = fields.String(required=True)


class WebhookPageSchema(Schema):
    items = fields.List(fields.Nested(WebhookSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class WebhookSecretSchema(WebhookSchema):
    secret = fields.String(
        required=True, metadata={"description": "`whsec_` and 32 random bytes in base64; it is shown this once"}
    )


class NewWebhookSchema(Strict):
    url = fields.String(required=True, validate=_URL)
    families = fields.List(_FAMILY, load_default=list, metadata=FAMILIES)
    ops = fields.List(_OP, load_default=lambda: list(CHANGES), validate=_SOME)
    from_seq = Whole(
        load_default=None,
        metadata={"description": "The first change that it gets, 1 for the whole history; without it, the next one"},
    )


class ChangeWebhookSchema(Strict):
    url = fields.String(validate=_URL)
    families = fields.List(_FAMILY, metadata=FAMILIES)
    ops = fields.List(_OP, validate=_SOME)
    is_enabled = Flag()


class AttemptSchema(Schema):
    number = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    seconds = fields.Float(required=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "Of the answer; null: none came"})
    error = fields.String(required=True, allow_none=True, metadata={"description": "Why no answer came"})
    answer = fields.String(required=True, allow_none=True, metadata={"description": "How the answer begins"})


class DeliverySchema(Schema):
    id = fields.UUID(required=True, metadata={"description": "The `webhook-id` of each attempt"})
    type = fields.String(required=True, validate=validate.OneOf(MESSAGES))
    seq = fields.Integer(required=True, allow_none=True, metadata={"description": "The change; null for a ping"})
    event = fields.UUID(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(DELIVERY_STATES))
    created_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "When it is tried next"})
    ended_at = fields.DateTime(required=True, allow_none=True)
    attempts = fields.List(fields.Nested(AttemptSchema), required=True)


class DeliveryPageSchema(Schema):
    items = fields.List(fields.Nested(DeliverySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DeliveryQuerySchema(PageSchema):
    state = fields.String(load_default=None, validate=validate.OneOf(DELIVERY_STATES))


class ReplayedSchema(Schema):
    replayed = fields.Integer(required=True)


def present(webhook: Webhook) -> dict[str, Any]:
    is_enabled = webhook.disabled_at is None
    return {
        "id": webhook.id,
        "url": webhook.url,
        "families": webhook.families,
        "ops": webhook.ops,
        "is_enabled": is_enabled,
        "disabled": None if is_enabled else {"reason": webhook.disabled_reason, "at": webhook.disabled_at},
        "next_seq": webhook.position + 1,
        "failing_since": webhook.failing_since,
        "old_secret_until": webhook.previous_until,
        "created_at": webhook.created_at,
        "created_by": webhook.creator.username,
    }


def present_delivery(delivery: Delivery) -> dict[str, Any]:
    attempts = [
        {name: getattr(one, name) for name in ("number", "at", "seconds", "status", "error", "answer")}
        for one in delivery.log
    ]
    return {
        "id": delivery.id,
        "type": delivery.type,
        "seq": delivery.seq,
        "event": delivery.event_id,
        "state": delivery.state,
        "created_at": delivery.created_at,
        "due_at": delivery.due_at if delivery.state == "waiting" else None,
        "ended_at": delivery.ended_at,
        "attempts": attempts,
    }
