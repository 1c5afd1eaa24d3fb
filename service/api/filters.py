"""Saved filters: filters of the list of what waits, under names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, url_for

from service.api import described, versions
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.list_schemas import (
    FilterNameSchema,
    NewFilterSchema,
    SavedFilterSchema,
    SavedFiltersSchema,
    filter_of,
    present_filter,
)
from service.api.versions import version_seen
from service.operations import saved_filters
from service.operations.filters import Filter
from service.store.models import SavedFilter
from service.web import session

blueprint = Blueprint("filters", __name__, url_prefix="/api/v1/filters", description=__doc__)


@blueprint.route("")
@allow("read")
@blueprint.response(200, SavedFiltersSchema)
@described.problems()
def list_filters() -> dict[str, Any]:
    """List one's own saved filters, by name"""
    return {"items": [_present(one) for one in saved_filters.own(session(), by=actor())]}


@blueprint.route("", methods=["POST"])
@allow("read")
@blueprint.arguments(NewFilterSchema)
@blueprint.response(201, SavedFilterSchema, headers=described.VERSION)
@described.leads_to("get_filter", "rename_filter", "delete_filter", status=201, filter_id="$response.body#/id")
@described.problems(400, 409, 413, 415, 422)
def save_filter(body: Mapping[str, Any]) -> tuple[Response, int, dict[str, str]]:
    """Save a filter under a name"""
    saved = saved_filters.save(session(), body["name"], filter_of(body["filter"]), by=actor())
    return _answer(saved), 201, {"Location": url_for("filters.get_filter", filter_id=saved.id)}


@blueprint.route("/<uuid:filter_id>")
@allow("read")
@blueprint.response(200, SavedFilterSchema, headers=described.VERSION)
@described.not_modified
@described.problems(404, 412)
def get_filter(filter_id: UUID) -> Response:
    """Read anybody's saved filter"""
    return _answer(saved_filters.get(session(), filter_id, by=actor()))


@blueprint.route("/<uuid:filter_id>", methods=["PATCH"])
@allow("read")
@blueprint.arguments(FilterNameSchema)
@blueprint.response(200, SavedFilterSchema, headers=described.VERSION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def rename_filter(body: Mapping[str, Any], filter_id: UUID) -> Response:
    """Give a saved filter of one's own another name"""
    return _answer(saved_filters.rename(session(), filter_id, body["name"], by=actor(), seen=version_seen()))


@blueprint.route("/<uuid:filter_id>", methods=["DELETE"])
@allow("read")
@blueprint.response(204)
@described.problems(404, 412, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def delete_filter(filter_id: UUID) -> Response:
    """Delete a saved filter of one's own"""
    saved_filters.delete(session(), filter_id, by=actor(), seen=version_seen())
    return Response(status=204)


def _answer(saved: SavedFilter) -> Response:
    return versions.answer(SavedFilterSchema().dump(_present(saved)), saved_filters.version(saved))


def _present(saved: SavedFilter) -> dict[str, Any]:
    told = {"id": saved.id, "name": saved.name, "owner": saved.owner.username, "created_at": saved.created_at}
    return {**told, "filter": present_filter(Filter.from_json(saved.query))}
