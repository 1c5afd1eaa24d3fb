"""Exports: everything at once, as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response

from service.api import described
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.schemas import ExportQuerySchema
from service.operations import records
from service.operations.actor import Actor
from service.services import Services
from service.web import services

JSON_LINES = "application/x-ndjson"

blueprint = Blueprint("exports", __name__, url_prefix="/api/v1/exports", description=__doc__)


@blueprint.route("/events.jsonl")
@allow("read")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, "EventRecord", content_type=JSON_LINES, description="One record a line, oldest first")
@described.problems(422)
def export_events(wanted: Mapping[str, Any]) -> Response:
    """Export all approved event records"""
    response = Response(_lines(services(), wanted["type"], actor()), content_type=JSON_LINES)
    response.headers["Content-Disposition"] = 'attachment; filename="events.jsonl"'
    return response


def _lines(services: Services, family: str | None, by: Actor) -> Iterator[str]:
    """On a session of its own, which lives as long as the stream: the request's ends when the answer begins.

    ASCII alone, since some readers of lines break them at U+2028 as well.
    """
    with services.sessions() as session:
        for record in records.export(session, by=by, type=family):
            yield json.dumps(record.to_json()) + "\n"
