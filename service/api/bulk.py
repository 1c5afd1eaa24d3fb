"""Many decisions at once: what would be decided, the decisions, and their undoing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import url_for

from service.api import described, problems
from service.api.authorization import actor, allow
from service.api.claims import lease_seconds
from service.api.input import Blueprint
from service.api.list_schemas import (
    BatchSchema,
    BatchUndoneSchema,
    BulkSchema,
    FilterSchema,
    PreviewSchema,
    filter_of,
)
from service.operations import bulk, records
from service.operations.bulk import Choice, Outcome
from service.operations.reviews import Verdict
from service.operations.worklist import Waiting
from service.web import session

blueprint = Blueprint("bulk", __name__, url_prefix="/api/v1/reviews", description=__doc__)


@blueprint.route("/bulk-preview", methods=["POST"])
@allow("review")
@blueprint.arguments(FilterSchema)
@blueprint.response(200, PreviewSchema)
@described.problems(400, 413, 415, 422)
def preview_batch(body: Mapping[str, Any]) -> dict[str, Any]:
    """Look at what a filter lets through, and at why some of it is not decided together

    Send `items` of the answer to `POST /api/v1/reviews/bulk`, without those that you do not want.
    """
    shown = bulk.preview(session(), filter_of(body), by=actor())
    left_out = [{**_item(one.waiting), **_problem(one.why)} for one in shown.left_out]
    return {"items": [_item(one) for one in shown.taken], "left_out": left_out, "is_more": shown.is_more}


@blueprint.route("/bulk", methods=["POST"])
@allow("review")
@blueprint.arguments(BulkSchema)
@blueprint.response(201, BatchSchema)
@described.leads_to("get_batch", "undo_batch", status=201, batch_id="$response.body#/batch")
@described.problems(400, 413, 415, 422)
def decide_batch(body: Mapping[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Approve or reject many records, each at the revision that you saw

    One that cannot be decided so is left as it is, and told among `refused`.
    """
    choices = [Choice(one["event"], one["revision"]) for one in body["items"]]
    verdict = Verdict(body["decision"], reason=body["reason"], reason_text=body["reason_text"])
    batch_id = bulk.decide(session(), choices, verdict, by=actor())
    location = {"Location": url_for("bulk.get_batch", batch_id=batch_id)}
    return _present(bulk.outcome(session(), batch_id, by=actor())), 201, location


@blueprint.route("/bulk/<uuid:batch_id>")
@allow("review")
@blueprint.response(200, BatchSchema)
@described.problems(404)
def get_batch(batch_id: UUID) -> dict[str, Any]:
    """Read what became of a batch of one's own"""
    return _present(bulk.outcome(session(), batch_id, by=actor()))


@blueprint.route("/bulk/<uuid:batch_id>/undo", methods=["POST"])
@allow("review")
@blueprint.response(200, BatchUndoneSchema)
@described.problems(404, 409)
def undo_batch(batch_id: UUID) -> dict[str, Any]:
    """Take back what can still be of a batch of one's own

    What others have gone on from since, or read now, stays decided.
    """
    return {"events": bulk.undo(session(), batch_id, by=actor(), seconds=lease_seconds())}


def _item(waiting: Waiting) -> dict[str, Any]:
    event = waiting.record.event
    told = {"event": event.id, "revision": event.revision, "type": event.type}
    return {**told, "confidence": waiting.item.confidence}


def _problem(error: Any) -> dict[str, Any]:
    problem = problems.of_error(error)
    return {"problem": problem.type.uri if problem.type else None, "detail": problem.detail}


def _present(outcome: Outcome) -> dict[str, Any]:
    made = [
        {
            "event": decision.event_id,
            "decision": records.VERDICTS[decision.decision],
            "state": record.event.state,
            "revision": record.event.revision,
        }
        for decision, record in outcome.made
    ]
    refused = [{"event": one.event_id, "detail": one.why} for one in outcome.refused]
    return {"batch": outcome.batch_id, "decided": made, "refused": refused}
