"""Deliveries to webhooks: the log of what was sent, sending again, and trying out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import url_for

from service.api import described, paging
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.paging import Answer
from service.api.webhook_schemas import (
    DeliveryPageSchema,
    DeliveryQuerySchema,
    DeliverySchema,
    ReplayedSchema,
    present_delivery,
)
from service.operations import deliveries
from service.operations.deliveries import Logged
from service.web import session

blueprint = Blueprint("deliveries", __name__, url_prefix="/api/v1/webhooks/<uuid:webhook_id>", description=__doc__)


@blueprint.route("/deliveries")
@allow("admin")
@blueprint.arguments(DeliveryQuerySchema, location="query")
@blueprint.response(200, DeliveryPageSchema, headers=described.LINK)
@described.problems(404, 422)
def list_deliveries(wanted: Mapping[str, Any], webhook_id: UUID) -> Answer:
    """List what was sent to a webhook and what waits for it, newest first"""
    logged, limit = Logged(wanted["state"], wanted["cursor"]), wanted["limit"]
    found = deliveries.find(session(), webhook_id, logged, by=actor(), limit=limit + 1)
    page = paging.cut(found, wanted, lambda delivery: (delivery.id,))
    return {"items": [present_delivery(one) for one in page.items], "next_cursor": page.next_cursor}, 200, page.headers


@blueprint.route("/deliveries/<uuid:delivery_id>")
@allow("admin")
@blueprint.response(200, DeliverySchema)
@described.problems(404)
def get_delivery(webhook_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    """Read a delivery with each attempt"""
    return _present(webhook_id, delivery_id)


@blueprint.route("/deliveries/<uuid:delivery_id>/replay", methods=["POST"])
@allow("admin")
@blueprint.response(202, DeliverySchema)
@described.problems(404)
def replay_delivery(webhook_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    """Send a delivery again, whether it came through, failed or waits for its next try"""
    deliveries.replay(session(), webhook_id, delivery_id, by=actor())
    return _present(webhook_id, delivery_id)


@blueprint.route("/deliveries/replay", methods=["POST"])
@allow("admin")
@blueprint.response(202, ReplayedSchema)
@described.problems(404)
def replay_failed(webhook_id: UUID) -> dict[str, Any]:
    """Send all again that have failed"""
    return {"replayed": deliveries.replay_failed(session(), webhook_id, by=actor())}


@blueprint.route("/test", methods=["POST"])
@allow("admin")
@blueprint.response(202, DeliverySchema, headers=described.DELIVERY)
@described.problems(404)
def test_webhook(webhook_id: UUID) -> Answer:
    """Send a message of the type `ping`, once, also where the webhook is disabled"""
    delivery_id = deliveries.ping(session(), webhook_id, by=actor()).id
    location = url_for("deliveries.get_delivery", webhook_id=webhook_id, delivery_id=delivery_id)
    return _present(webhook_id, delivery_id), 202, {"Location": location}


def _present(webhook_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    return present_delivery(deliveries.get(session(), webhook_id, delivery_id, by=actor()))
