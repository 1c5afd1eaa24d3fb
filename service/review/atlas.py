"""The map of approved events, with the same as a table, and the records of a place beside it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.operations import atlas
from service.operations.atlas import RECORDS_AT_MOST, Atlas, Position, Spot, Wanted
from service.review.asked import families_asked_for
from service.review.countries import NAME_OF
from service.review.listing import Entry
from service.review.viewer import viewer
from workers.extraction.families import FAMILIES

PERIODS = {14: "Last 14 days", 30: "Last 30 days", 90: "Last 90 days", 365: "Last year"}
USUAL_PERIOD = 30

pages = Blueprint("atlas", __name__, url_prefix="/map")


@pages.get("")
def show() -> ResponseReturnValue:
    wanted, at = _wanted(), _position(request.args.get("at", ""))
    shown = atlas.atlas(web.session(), wanted, by=viewer())
    found = atlas.records_at(web.session(), at, wanted, by=viewer()) if at else ()
    return render_template(
        "map.html",
        wanted=wanted,
        periods=PERIODS,
        families=FAMILIES,
        atlas=shown,
        at=at,
        here=_spot_at(shown, at),
        entries=[Entry.of(record) for record in found],
        most=RECORDS_AT_MOST,
        key_of=_key,
        countries=NAME_OF,
    )


@pages.get("/places.geojson")
def places() -> Response:
    """The places as GeoJSON (RFC 7946), for the map."""
    wanted = _wanted()
    shown = atlas.atlas(web.session(), wanted, by=viewer())
    answer = jsonify(type="FeatureCollection", features=[_feature(spot, wanted) for spot in shown.spots])
    answer.mimetype = "application/geo+json"
    return answer


def _wanted() -> Wanted:
    days = request.args.get("days", type=int)
    return Wanted(days if days in PERIODS else USUAL_PERIOD, families_asked_for())


def _position(text: str) -> Position | None:
    north, _, east = text.partition(",")
    try:
        return float(north), float(east)
    except ValueError:
        return None


def _key(position: Position) -> str:
    return f"{position[0]},{position[1]}"


def _spot_at(shown: Atlas, at: Position | None) -> Spot | None:
    return next((spot for spot in shown.spots if spot.position == at), None)


def _feature(spot: Spot, wanted: Wanted) -> dict[str, Any]:
    at = _key(spot.position)
    return {
        "type": "Feature",
        "id": at,
        "geometry": {"type": "Point", "coordinates": spot.position[::-1]},
        "properties": {
            "name": spot.name,
            "country": spot.country,
            "families": spot.families,
            "total": spot.total,
            "url": url_for(".show", days=wanted.days, family=wanted.families, at=at),
        },
    }
