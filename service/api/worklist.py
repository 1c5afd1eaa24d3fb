"""The list of what waits for reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.api import described
from service.api.authorization import actor, allow
from service.api.claims import present_item
from service.api.input import Blueprint
from service.api.list_schemas import WorklistPageSchema, WorklistQuerySchema, filter_of
from service.api.paging import Page
from service.operations import worklist
from service.web import session

blueprint = Blueprint("worklist", __name__, url_prefix="/api/v1/reviews", description=__doc__)


@blueprint.route("")
@allow("read")
@blueprint.arguments(WorklistQuerySchema, location="query")
@blueprint.response(200, WorklistPageSchema, headers=described.LINK)
@described.problems(422)
def list_waiting(query: Mapping[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """List the items that wait, in the order asked for"""
    found = worklist.find(session(), filter_of(query), by=actor(), after=query["cursor"], limit=query["limit"])
    last = found.last
    page = Page(found.rows, query["cursors"].make(last.key, last.id) if last else None)
    told = {
        "items": [present_item(row.item) for row in found.rows],
        "total": found.total.number,
        "is_more": found.total.is_more,
        "next_cursor": page.next_cursor,
    }
    return told, 200, page.headers
