"""Claims: take the next item, keep it, give it back, put it off, take it over, leave it to somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from service.api import described, versions
from service.api.authorization import actor, allow
from service.api.events import answer_record
from service.api.input import Blueprint
from service.api.schemas import (
    AssignmentSchema,
    LeaseSchema,
    LeaseTokenSchema,
    NextReviewQuerySchema,
    PrioritySchema,
    ReviewItemSchema,
    SkipSchema,
    SnoozeSchema,
)
from service.api.versions import version_seen
from service.operations import claims, records, reviews
from service.operations.claims import Lease, Wanted
from service.store.models import ReviewItem
from service.web import services, session

LEASE_NUMBER = "$response.body#/lease/token"

blueprint = Blueprint("claims", __name__, url_prefix="/api/v1", description=__doc__)


@blueprint.route("/reviews/next", methods=["POST"])
@allow("review")
@blueprint.arguments(NextReviewQuerySchema, location="query")
@blueprint.response(200, "EventRecord", headers=described.REVISION)
@blueprint.alt_response(204, description="Nothing waits")
@described.leads_to("decide", "split", event_id="$response.body#/id", if_match="$response.header.ETag")
@described.leads_to("renew_lease", "release_lease", event_id="$response.body#/id", token=LEASE_NUMBER)
@described.problems(422)
def claim_next(query: Mapping[str, Any]) -> Response:
    """Claim the next item that nobody holds"""
    wanted = Wanted(query["type"], query["order"], query["document"], query["stage"])
    lease = claims.claim_next(session(), by=actor(), seconds=lease_seconds(), wanted=wanted)
    return answer_claimed(lease) if lease else Response(status=204)


@blueprint.route("/events/<uuid:event_id>/review")
@allow("read")
@blueprint.response(200, ReviewItemSchema, headers=described.VERSION)
@described.not_modified
@described.problems(404, 412)
def get_review_item(event_id: UUID) -> Response:
    """Read where a record stands in the review: who holds it, and for how long"""
    item = reviews.item_of(session(), event_id, by=actor())
    return versions.answer(ReviewItemSchema().dump(present_item(item)), claims.version(item))


@blueprint.route("/events/<uuid:event_id>/claim", methods=["POST"])
@allow("review")
@blueprint.response(200, "EventRecord", headers=described.REVISION)
@described.leads_to("decide", "split", event_id="$response.body#/id", if_match="$response.header.ETag")
@described.leads_to("renew_lease", "release_lease", event_id="$response.body#/id", token=LEASE_NUMBER)
@described.problems(404, 409)
def claim(event_id: UUID) -> Response:
    """Claim this item"""
    return answer_claimed(claims.claim(session(), event_id, by=actor(), seconds=lease_seconds()))


@blueprint.route("/events/<uuid:event_id>/take-over", methods=["POST"])
@allow("review")
@blueprint.response(200, "EventRecord", headers=described.REVISION)
@described.problems(404, 409)
def take_over(event_id: UUID) -> Response:
    """Claim this item even when somebody else holds it

    The other's next save is refused. The audit tells who took it from whom.
    """
    return answer_claimed(claims.take_over(session(), event_id, by=actor(), seconds=lease_seconds()))


@blueprint.route("/events/<uuid:event_id>/lease", methods=["POST"])
@allow("review")
@blueprint.arguments(LeaseTokenSchema, location="query")
@blueprint.response(200, LeaseSchema)
@described.problems(404, 409, 422)
def renew_lease(held: Mapping[str, Any], event_id: UUID) -> dict[str, Any]:
    """Keep a claim for another while"""
    return present_lease(claims.renew(session(), event_id, held["token"], by=actor(), seconds=lease_seconds()))


@blueprint.route("/events/<uuid:event_id>/lease", methods=["DELETE"])
@allow("review")
@blueprint.arguments(LeaseTokenSchema, location="query")
@blueprint.response(204)
@described.problems(404, 409, 422)
def release_lease(held: Mapping[str, Any], event_id: UUID) -> Response:
    """Give a claimed item back"""
    claims.release(session(), event_id, held["token"], by=actor())
    return Response(status=204)


@blueprint.route("/events/<uuid:event_id>/skip", methods=["POST"])
@allow("review")
@blueprint.arguments(SkipSchema)
@blueprint.response(204)
@described.problems(400, 404, 409, 413, 415, 422)
def skip(body: Mapping[str, Any], event_id: UUID) -> Response:
    """Give a claimed item back, and not get it again for a while

    An hour the first time, then twice as long each time, and no longer than a day. Others get it meanwhile.
    """
    claims.skip(session(), event_id, body["lease"], by=actor(), reason=body["reason"])
    return Response(status=204)


@blueprint.route("/events/<uuid:event_id>/snooze", methods=["POST"])
@allow("review")
@blueprint.arguments(SnoozeSchema)
@blueprint.response(204)
@described.problems(400, 404, 409, 413, 415, 422)
def snooze(body: Mapping[str, Any], event_id: UUID) -> Response:
    """Give a claimed item back, and keep it from everybody until a time"""
    claims.snooze(session(), event_id, body["lease"], body["until"], by=actor(), note=body["note"])
    return Response(status=204)


@blueprint.route("/events/<uuid:event_id>/assignee", methods=["PUT"])
@allow("review")
@blueprint.arguments(AssignmentSchema)
@blueprint.response(204)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def assign(body: Mapping[str, Any], event_id: UUID) -> Response:
    """Leave an item to one person, or to all again

    `If-Match` names the `ETag` of `GET /events/{event_id}/review`.
    """
    claims.assign(session(), event_id, body["assignee"], by=actor(), seen=version_seen())
    return Response(status=204)


@blueprint.route("/events/<uuid:event_id>/priority", methods=["PUT"])
@allow("review")
@blueprint.arguments(PrioritySchema)
@blueprint.response(204)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def prioritize(body: Mapping[str, Any], event_id: UUID) -> Response:
    """Put an item before others, or behind them

    `If-Match` names the `ETag` of `GET /events/{event_id}/review`.
    """
    claims.prioritize(session(), event_id, body["priority"], by=actor(), seen=version_seen())
    return Response(status=204)


def answer_claimed(lease: Lease) -> Response:
    record = records.get(session(), lease.event_id, by=actor())
    return answer_record(record, lease=LeaseSchema().dump(present_lease(lease)))


def present_item(item: ReviewItem) -> dict[str, Any]:
    """Who held it before his claim ran out does not hold it."""
    is_held = item.lease_until is not None and item.lease_until > dt.datetime.now(dt.UTC)
    told = {name: getattr(item, name) for name in ReviewItemSchema().fields if hasattr(item, name)}
    return {
        **told,
        "event": item.event_id,
        "holder": item.holder.username if item.holder and is_held else None,
        "expires_at": item.lease_until if is_held else None,
        "assignee": item.assignee.username if item.assignee else None,
    }


def present_lease(lease: Lease) -> dict[str, Any]:
    return {"holder": lease.holder, "token": lease.number, "expires_at": lease.until}


def lease_seconds() -> int:
    return services().settings.review_lease
