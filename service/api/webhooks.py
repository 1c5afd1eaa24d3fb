"""Webhooks: addresses that are sent each change of what is published, signed by Standard Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, url_for

from service.api import described, paging, versions
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.paging import Answer, PageSchema
from service.api.versions import version_seen
from service.api.webhook_schemas import (
    ChangeWebhookSchema,
    NewWebhookSchema,
    WebhookPageSchema,
    WebhookSchema,
    WebhookSecretSchema,
    present,
)
from service.operations import webhooks
from service.operations.webhooks import Made, Wanted
from service.store.models import Webhook
from service.web import services, session

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/v1/webhooks", description=__doc__)


@blueprint.route("")
@allow("admin")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, WebhookPageSchema, headers=described.LINK)
@described.problems(422)
def list_webhooks(wanted: Mapping[str, Any]) -> Answer:
    """List webhooks, oldest first"""
    found = webhooks.find(session(), by=actor(), after=wanted["cursor"], limit=wanted["limit"] + 1)
    page = paging.cut(found, wanted, lambda webhook: (webhook.id,))
    return {"items": [present(one) for one in page.items], "next_cursor": page.next_cursor}, 200, page.headers


@blueprint.route("", methods=["POST"])
@allow("admin")
@blueprint.arguments(NewWebhookSchema)
@blueprint.response(201, WebhookSecretSchema, headers=described.VERSION)
@described.problems(400, 413, 415, 422)
def create_webhook(body: Mapping[str, Any]) -> Response:
    """Make a webhook, and show its secret this once"""
    made = webhooks.create(session(), **body, by=actor(), receivers=services().receivers, sealer=services().sealer)
    response = _answer_secret(made)
    response.status_code = 201
    response.headers["Location"] = url_for("webhooks.get_webhook", webhook_id=made.webhook.id)
    return response


@blueprint.route("/<uuid:webhook_id>")
@allow("admin")
@blueprint.response(200, WebhookSchema, headers=described.VERSION)
@described.not_modified
@described.problems(404, 412)
def get_webhook(webhook_id: UUID) -> Response:
    """Read a webhook"""
    return _answer(webhooks.get(session(), webhook_id, by=actor()))


@blueprint.route("/<uuid:webhook_id>", methods=["PATCH"])
@allow("admin")
@blueprint.arguments(ChangeWebhookSchema)
@blueprint.response(200, WebhookSchema, headers=described.VERSION)
@described.problems(400, 404, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def change_webhook(body: Mapping[str, Any], webhook_id: UUID) -> Response:
    """Change a webhook, disable it, or have it go on where it stood. Fields that are not sent stay"""
    wanted, seen, receivers = Wanted(**body), version_seen(), services().receivers
    return _answer(webhooks.change(session(), webhook_id, wanted, seen=seen, by=actor(), receivers=receivers))


@blueprint.route("/<uuid:webhook_id>", methods=["DELETE"])
@allow("admin")
@blueprint.response(204)
@described.problems(404, 412, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def delete_webhook(webhook_id: UUID) -> Response:
    """Delete a webhook with all its deliveries"""
    webhooks.delete(session(), webhook_id, seen=version_seen(), by=actor())
    return Response(status=204)


@blueprint.route("/<uuid:webhook_id>/rotate", methods=["POST"])
@allow("admin")
@blueprint.response(200, WebhookSecretSchema, headers=described.VERSION)
@described.problems(404, 412, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def rotate_secret(webhook_id: UUID) -> Response:
    """Give a webhook a new secret, and show it this once. The old one signs, too, for some hours"""
    hours = services().settings.webhook_rotation_hours
    made = webhooks.rotate(
        session(), webhook_id, seen=version_seen(), by=actor(), sealer=services().sealer, hours=hours
    )
    return _answer_secret(made)


def _answer(webhook: Webhook) -> Response:
    return versions.answer(WebhookSchema().dump(present(webhook)), webhook.version)


def _answer_secret(made: Made) -> Response:
    told = WebhookSecretSchema().dump({**present(made.webhook), "secret": made.secret})
    response = versions.answer(told, made.webhook.version)
    response.headers["Cache-Control"] = "no-store"
    return response
