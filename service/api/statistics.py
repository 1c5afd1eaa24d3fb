"""What the team did: counts, times and shares of the last days, as the team page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from service.api import described
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.schemas import StatisticsQuerySchema, StatisticsSchema
from service.operations import calibration, statistics
from service.web import session

blueprint = Blueprint("statistics", __name__, url_prefix="/api/v1", description=__doc__)


@blueprint.route("/statistics")
@allow("read")
@blueprint.arguments(StatisticsQuerySchema, location="query")
@blueprint.response(200, StatisticsSchema)
@described.problems(422)
def get_statistics(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Read what was drafted and decided, how fast, and how confidence kept its word"""
    days, by = wanted["days"], actor()
    counted = statistics.statistics(session(), days=days, by=by)
    told = {field.name: getattr(counted, field.name) for field in fields(counted)}
    return {**told, "calibration": calibration.calibration(session(), days=days, by=by)}
