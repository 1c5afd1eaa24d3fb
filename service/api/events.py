"""Event records: reading them, with their evidence, the machine's draft and who decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from service.api import changes, described, paging, sparse
from service.api.authorization import actor, allow
from service.api.input import Blueprint, conditional
from service.api.schemas import EventQuerySchema, RecordFieldsSchema
from service.errors import RetractedError
from service.operations import records
from service.operations.records import Record
from service.web import session

blueprint = Blueprint("events", __name__, url_prefix="/api/v1/events", description=__doc__)


@blueprint.route("")
@allow("read")
@blueprint.arguments(EventQuerySchema, location="query")
@blueprint.response(200, "EventPage", headers=described.LINK)
@described.leads_to("get_event", "claim", "get_history", event_id="$response.body#/items/0/id")
@described.problems(422)
def list_events(wanted: Mapping[str, Any]) -> Response:
    """List event records, oldest first unless asked otherwise"""
    return page_of_events(wanted)


@blueprint.route("/<uuid:event_id>")
@allow("read")
@blueprint.arguments(RecordFieldsSchema, location="query")
@blueprint.response(200, "SomeOfEventRecord", headers=described.REVISION)
@described.leads_to("decide", event_id="$response.body#/id", if_match="$response.header.ETag")
@described.not_modified
@described.problems(404, 410, 412, 422)
def get_event(wanted: Mapping[str, Any], event_id: UUID) -> Response:
    """Read an event record

    One that was retracted is gone for keys without the scope `review`.
    """
    record = records.get(session(), event_id, by=actor())
    try:
        records.refuse_if_retracted(session(), record, by=actor())
    except RetractedError as error:
        error.facts["change"] = changes.address_of(error.facts["seq"])
        raise
    return conditional(answer_record(record, only=wanted["shown"]))


@blueprint.route("/<uuid:event_id>/history")
@allow("read")
@blueprint.response(200, "History")
@described.problems(404)
def get_history(event_id: UUID) -> Response:
    """Read every revision of a record, the machine's draft first"""
    return jsonify({"items": records.history(session(), event_id, by=actor())})


def page_of_events(wanted: Mapping[str, Any]) -> Response:
    filters = {"state": wanted["state"], "type": wanted["type"], "document_id": wanted["document"]}
    place, sort = wanted["cursor"], wanted["sort"]
    found = records.find(session(), by=actor(), **filters, after=place, limit=wanted["limit"] + 1, sort=sort)
    page = paging.cut(found, wanted, lambda record: (record.event.id,))
    items = [sparse.narrow(record.to_json(), wanted["shown"]) for record in page.items]
    response = jsonify({"items": items, "next_cursor": page.next_cursor})
    response.headers.update(page.headers)
    return response


def answer_record(record: Record, *, only: Sequence[str] = (), **more: Any) -> Response:
    """The record with its revision as ETag."""
    response = jsonify({**sparse.narrow(record.to_json(), only), **more})
    response.set_etag(str(record.event.revision))
    return response
