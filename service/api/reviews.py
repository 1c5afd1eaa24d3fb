"""Review: decide, undo, add what the machine missed, make two records of one or one of two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Request, Response, request, url_for

from service.api import described
from service.api.authorization import actor, allow
from service.api.claims import answer_claimed, lease_seconds, present_lease
from service.api.events import answer_record
from service.api.input import Blueprint
from service.api.schemas import (
    AdditionSchema,
    DecisionMadeSchema,
    MergeSchema,
    SplitRecordSchema,
    SplitSchema,
    UndoneSchema,
    UndoSchema,
    VerdictSchema,
)
from service.errors import RevisionChangedError, RevisionMissingError
from service.operations import additions, records, reviews, undoing
from service.operations.reviews import Verdict
from service.web import session

REVISION = re.compile(r"[0-9]{1,9}")

blueprint = Blueprint("reviews", __name__, url_prefix="/api/v1", description=__doc__)


@blueprint.route("/events/<uuid:event_id>/decisions", methods=["POST"])
@allow("review")
@blueprint.arguments(VerdictSchema)
@blueprint.response(200, "EventRecord", headers=described.REVISION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH])
def decide(body: dict[str, Any], event_id: UUID) -> Response:
    """Approve, fix and approve, reject, or send back the revision that `If-Match` names

    A decided record can be corrected: an approved one fixed or rejected, a rejected one approved or fixed.
    """
    lease = body.pop("lease")
    reviews.decide(session(), event_id, Verdict(**body), revision=revision_seen(request), by=actor(), lease=lease)
    return answer_record(records.get(session(), event_id, by=actor()))


@blueprint.route("/reviews/undoable")
@allow("review")
@blueprint.response(200, DecisionMadeSchema(many=True))
@described.problems()
def list_undoable() -> list[dict[str, Any]]:
    """List one's own decisions that can still be undone, the last one first"""
    return [
        {"id": one.id, "event": one.event_id, "decision": records.VERDICTS[one.decision], "at": one.at}
        for one in undoing.undoable(session(), by=actor())
    ]


@blueprint.route("/reviews/undo", methods=["POST"])
@allow("review")
@blueprint.arguments(UndoSchema)
@blueprint.response(200, UndoneSchema)
@described.problems(400, 409, 413, 415, 422)
def undo(body: Mapping[str, Any]) -> dict[str, Any]:
    """Take back one's own last decision, or this one

    What was published is no longer. The record is claimed for who took it back, where it can be decided anew.
    """
    undone = undoing.undo(session(), by=actor(), seconds=lease_seconds(), decision_id=body["decision"])
    lease = present_lease(undone.lease) if undone.lease else None
    return {"events": undone.event_ids, "event": undone.lease and undone.lease.event_id, "lease": lease}


@blueprint.route("/documents/<uuid:document_id>/events", methods=["POST"])
@allow("review")
@blueprint.arguments(AdditionSchema)
@blueprint.response(201, "EventRecord", headers=described.REVISION)
@described.problems(400, 403, 404, 413, 415, 422)
def add_event(body: Mapping[str, Any], document_id: UUID) -> tuple[Response, int, dict[str, str]]:
    """Add an event that the machine missed, as a draft that one holds

    `details/action` and evidence for the field `trigger` are needed. Approve or fix it then, as any draft.
    """
    by, seconds = actor(), lease_seconds()
    lease = additions.add(session(), document_id, body["type"], body["changes"], by=by, seconds=seconds)
    return answer_claimed(lease), 201, {"Location": url_for("events.get_event", event_id=lease.event_id)}


@blueprint.route("/events/<uuid:event_id>/split", methods=["POST"])
@allow("review")
@blueprint.arguments(SplitSchema)
@blueprint.response(200, SplitRecordSchema)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH])
def split(body: Mapping[str, Any], event_id: UUID) -> dict[str, Any]:
    """Make two drafts out of one: some participants leave it for a new record"""
    held = additions.split(
        *(session(), event_id, body["moved"]),
        revision=revision_seen(request),
        by=actor(),
        seconds=lease_seconds(),
        lease=body["lease"],
    )
    return {"items": [{"event": lease.event_id, "lease": present_lease(lease)} for lease in held]}


@blueprint.route("/events/<uuid:event_id>/merge", methods=["POST"])
@allow("review")
@blueprint.arguments(MergeSchema)
@blueprint.response(200, "EventRecord", headers=described.REVISION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH])
def merge(body: Mapping[str, Any], event_id: UUID) -> Response:
    """Make one draft out of two of the same document and family; the other one is superseded"""
    revision, lease = revision_seen(request), body["lease"]
    additions.merge(session(), event_id, body["other"], revision=revision, by=actor(), lease=lease)
    return answer_record(records.get(session(), event_id, by=actor()))


def revision_seen(request: Request) -> int:
    """The revision that the caller has seen. Raises RevisionMissingError, RevisionChangedError."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        raise RevisionMissingError()
    tags = request.if_match.as_set()
    if len(tags) > 1:
        raise RevisionMissingError("If-Match names several revisions; a decision is about one.")
    # Weak tags never match (RFC 9110, 13.1.1), and neither does a tag that is none of ours.
    revision = REVISION.fullmatch(next(iter(tags), None) or "")
    if revision is None:
        raise RevisionChangedError("If-Match names no revision of this record by a strong tag.")
    return int(revision[0])
