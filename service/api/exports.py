"""Exports: everything that is approved at once, as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response

from service.api import described
from service.api.authorization import actor, allow
from service.api.encodings import stream
from service.api.input import Blueprint
from service.api.schemas import ExportQuerySchema, SignedExportQuerySchema
from service.formats import FORMATS
from service.operations import records, signed_exports
from service.operations.actor import Actor
from service.operations.records import Exported
from service.services import Services
from service.signing import Signer
from service.web import services

JSON_LINES = "application/x-ndjson"
CSV = "text/csv; charset=utf-8; header=present"
GEOJSON = "application/geo+json"
STIX = "application/stix+json;version=2.1"

blueprint = Blueprint("exports", __name__, url_prefix="/api/v1/exports", description=__doc__)


@blueprint.route("/events.jsonl")
@allow("read")
@blueprint.arguments(SignedExportQuerySchema, location="query")
@blueprint.response(
    200, described.lines("EventRecord"), content_type=JSON_LINES, description="One record a line, oldest first"
)
@described.problems(422)
def export_events(wanted: Mapping[str, Any]) -> Response:
    """Export all approved event records"""
    if wanted["signed"]:
        return _attached(stream(_signed(services(), _which(wanted), actor()), JSON_LINES), "jsonl")
    return _export("jsonl", JSON_LINES, wanted)


@blueprint.route("/events.csv")
@allow("read")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=CSV, description="One record a row, below a header")
@described.problems(422)
def export_csv(wanted: Mapping[str, Any]) -> Response:
    """Export approved event records for spreadsheets"""
    return _export("csv", CSV, wanted)


@blueprint.route("/events.geojson")
@allow("read")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "object"}, content_type=GEOJSON, description="Those with coordinates, as points")
@described.problems(422)
def export_geojson(wanted: Mapping[str, Any]) -> Response:
    """Export approved event records for maps"""
    return _export("geojson", GEOJSON, wanted)


@blueprint.route("/events.ftm")
@allow("read")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=JSON_LINES, description="One entity a line")
@described.problems(422, 501)
def export_ftm(wanted: Mapping[str, Any]) -> Response:
    """Export approved event records as FollowTheMoney entities"""
    return _export("ftm", JSON_LINES, wanted)


@blueprint.route("/events.stix")
@allow("read")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "object"}, content_type=STIX, description="A bundle of STIX 2.1")
@described.problems(422)
def export_stix(wanted: Mapping[str, Any]) -> Response:
    """Export approved event records as a STIX bundle"""
    return _export("stix", STIX, wanted)


def _export(name: str, content_type: str, wanted: Mapping[str, Any]) -> Response:
    return _attached(stream(FORMATS[name](_rows(services(), _which(wanted), actor())), content_type), name)


def _which(wanted: Mapping[str, Any]) -> Exported:
    days = {day: wanted[day] for day in ("approved_from", "approved_to")}
    return Exported(types=wanted["type"], **days, document_id=wanted["document"], after=wanted["after"])


def _attached(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="events.{name}"'
    return response


def _rows(services: Services, wanted: Exported, by: Actor) -> Iterator[dict[str, Any]]:
    """On a session of its own, which lives as long as the stream: the request's ends when the answer begins."""
    with services.sessions() as session:
        for record in records.export(session, wanted, by=by):
            yield record.to_json()


def _signed(services: Services, wanted: Exported, by: Actor) -> Iterator[str]:
    """On a session of its own, too."""
    with services.sessions() as session:
        yield from signed_exports.export(session, wanted, Signer.of(services.settings), by=by)
