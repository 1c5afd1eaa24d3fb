"""Review: claim the next item, keep or give back the claim, decide. The same operations as the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Request, Response, request

from service.api import described
from service.api.authorization import actor, allow
from service.api.events import answer_record
from service.api.input import Blueprint
from service.api.schemas import LeaseSchema, LeaseTokenSchema, NextReviewQuerySchema, VerdictSchema
from service.errors import RevisionChangedError, RevisionMissingError
from service.operations import claims, records, reviews
from service.operations.claims import Lease, Wanted
from service.operations.reviews import Verdict
from service.web import services, session

REVISION = re.compile(r"[0-9]{1,9}")

blueprint = Blueprint("reviews", __name__, url_prefix="/api/v1", description=__doc__)


@blueprint.route("/reviews/next", methods=["POST"])
@allow("review")
@blueprint.arguments(NextReviewQuerySchema, location="query")
@blueprint.response(200, "ClaimedRecord", headers=described.REVISION)
@blueprint.alt_response(204, description="Nothing waits")
@described.problems(422)
def claim_next(wanted: Mapping[str, Any]) -> Response:
    """Claim the next item that nobody holds"""
    lease = claims.claim_next(session(), by=actor(), seconds=_lease_seconds(), wanted=Wanted(wanted["type"]))
    return _answer_claimed(lease) if lease else Response(status=204)


@blueprint.route("/events/<uuid:event_id>/claim", methods=["POST"])
@allow("review")
@blueprint.response(200, "ClaimedRecord", headers=described.REVISION)
@described.problems(404, 409)
def claim(event_id: UUID) -> Response:
    """Claim this item"""
    return _answer_claimed(claims.claim(session(), event_id, by=actor(), seconds=_lease_seconds()))


@blueprint.route("/events/<uuid:event_id>/lease", methods=["POST"])
@allow("review")
@blueprint.arguments(LeaseTokenSchema, location="query")
@blueprint.response(200, LeaseSchema)
@described.problems(404, 409, 422)
def renew_lease(held: Mapping[str, Any], event_id: UUID) -> dict[str, Any]:
    """Keep a claim for another while"""
    return _present(claims.renew(session(), event_id, held["token"], by=actor(), seconds=_lease_seconds()))


@blueprint.route("/events/<uuid:event_id>/lease", methods=["DELETE"])
@allow("review")
@blueprint.arguments(LeaseTokenSchema, location="query")
@blueprint.response(204)
@described.problems(404, 409, 422)
def release_lease(held: Mapping[str, Any], event_id: UUID) -> Response:
    """Give a claimed item back"""
    claims.release(session(), event_id, held["token"], by=actor())
    return Response(status=204)


@blueprint.route("/events/<uuid:event_id>/decisions", methods=["POST"])
@allow("review")
@blueprint.arguments(VerdictSchema)
@blueprint.response(200, "EventRecord", headers=described.REVISION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH])
def decide(body: dict[str, Any], event_id: UUID) -> Response:
    """Approve, fix and approve, or reject the revision that `If-Match` names"""
    lease = body.pop("lease")
    reviews.decide(session(), event_id, Verdict(**body), revision=_revision(request), by=actor(), lease=lease)
    return answer_record(records.get(session(), event_id, by=actor()))


def _revision(request: Request) -> int:
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


def _answer_claimed(lease: Lease) -> Response:
    record = records.get(session(), lease.event_id, by=actor())
    return answer_record(record, lease=LeaseSchema().dump(_present(lease)))


def _present(lease: Lease) -> dict[str, Any]:
    return {"holder": lease.holder, "token": lease.number, "expires_at": lease.until}


def _lease_seconds() -> int:
    return services().settings.review_lease
