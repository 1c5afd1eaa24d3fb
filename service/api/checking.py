"""Checking: which records two people read, settling what they differ in, how well they agree, hidden checks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request

from service.api import described, versions
from service.api.authorization import actor, allow
from service.api.events import answer_record
from service.api.input import Blueprint
from service.api.reviews import revision_seen
from service.api.schemas import (
    AgreementsSchema,
    DisputeSchema,
    PeriodSchema,
    ReviewRuleSchema,
    ReviewRulesSchema,
    ScoresSchema,
    SettlementSchema,
)
from service.api.versions import version_seen
from service.operations import agreement, gold_items, records, second_reading, settling
from service.operations.disputes import Settlement
from service.operations.settling import ToSettle
from service.web import session

blueprint = Blueprint("checking", __name__, url_prefix="/api/v1", description=__doc__)


@blueprint.route("/review-rules")
@allow("admin")
@blueprint.response(200, ReviewRulesSchema, headers=described.VERSION)
@described.not_modified
@described.problems(412)
def list_rules() -> Response:
    """Read how each family is checked"""
    rules = second_reading.rules(session(), by=actor())
    return versions.answer(ReviewRulesSchema().dump({"items": rules}), second_reading.version(rules))


@blueprint.route("/review-rules", methods=["PUT"])
@allow("admin")
@blueprint.arguments(ReviewRuleSchema)
@blueprint.response(204)
@described.problems(400, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def set_rules(body: dict[str, Any]) -> Response:
    """Set how a family is checked

    Records that wait for a second reader already go on waiting for him.
    """
    second_reading.set_rules(session(), **body, by=actor(), seen=version_seen())
    return Response(status=204)


@blueprint.route("/events/<uuid:event_id>/settlement")
@allow("adjudicate")
@blueprint.response(200, DisputeSchema)
@described.problems(404, 409)
def get_dispute(event_id: UUID) -> dict[str, Any]:
    """Read what two readers of a record differ in

    They are A and B, in an order that does not tell who was first.
    """
    return _present_dispute(settling.to_settle(session(), event_id, by=actor()))


@blueprint.route("/events/<uuid:event_id>/settlement", methods=["POST"])
@allow("adjudicate")
@blueprint.arguments(SettlementSchema)
@blueprint.response(200, "EventRecord", headers=described.REVISION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH])
def settle(body: dict[str, Any], event_id: UUID) -> Response:
    """Settle what two readers of a record differ in: publish it, or reject it

    Each field that differs needs a choice or another value.
    """
    lease, revision = body.pop("lease"), revision_seen(request)
    settling.settle(session(), event_id, Settlement(**body), revision=revision, by=actor(), lease=lease)
    return answer_record(records.get(session(), event_id, by=actor()))


@blueprint.route("/statistics/agreement")
@allow("read")
@blueprint.arguments(PeriodSchema, location="query")
@blueprint.response(200, AgreementsSchema)
@described.problems(422)
def get_agreement(query: Mapping[str, Any]) -> dict[str, Any]:
    """Read how well two readers of the same records agree, by family and field"""
    return {"items": agreement.agreement(session(), by=actor(), days=query["days"])}


@blueprint.route("/events/<uuid:event_id>/gold", methods=["PUT"])
@allow("adjudicate")
@blueprint.response(204)
@described.problems(404, 409)
def mark_gold(event_id: UUID) -> Response:
    """Take a decided record as right, to check reviewers with"""
    gold_items.mark(session(), event_id, by=actor())
    return Response(status=204)


@blueprint.route("/events/<uuid:event_id>/gold", methods=["DELETE"])
@allow("adjudicate")
@blueprint.response(204)
@described.problems(404)
def unmark_gold(event_id: UUID) -> Response:
    """No longer take a record as right"""
    gold_items.unmark(session(), event_id, by=actor())
    return Response(status=204)


@blueprint.route("/statistics/gold")
@allow("review")
@blueprint.arguments(PeriodSchema, location="query")
@blueprint.response(200, ScoresSchema)
@described.problems(422)
def get_scores(query: Mapping[str, Any]) -> dict[str, Any]:
    """Read how hidden checks came out: one's own, or with the scope `adjudicate` everybody's"""
    return {"items": gold_items.scores(session(), by=actor(), days=query["days"])}


def _present_dispute(found: ToSettle) -> dict[str, Any]:
    differences = [dataclasses.asdict(one) for one in found.differences]
    return {"event": found.event_id, "revision": found.revision, "differences": differences}
