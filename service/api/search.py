"""Search: documents and event records by the words in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.api import described, paging
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.schemas import FoundPageSchema, SearchQuerySchema
from service.operations import search
from service.operations.search import Found, Wanted
from service.web import session

blueprint = Blueprint("search", __name__, url_prefix="/api/v1/search", description=__doc__)


@blueprint.route("")
@allow("read")
@blueprint.arguments(SearchQuerySchema, location="query")
@blueprint.response(200, FoundPageSchema, headers=described.LINK)
@described.problems(422)
def find_by_words(query: Mapping[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Search documents and records, the best match first"""
    wanted = Wanted(query["q"], query["kind"], query["type"], query["state"])
    found = search.search(session(), wanted, by=actor(), limit=query["limit"] + 1, after=query["cursor"])
    page = paging.cut(found, query, lambda one: (one.place.rank, one.place.id))
    return {"items": [_present(one) for one in page.items], "next_cursor": page.next_cursor}, 200, page.headers


def _present(found: Found) -> dict[str, Any]:
    event = found.record.event if found.record else None
    return {"kind": found.kind, "document": found.document, "event": event, "excerpt": found.excerpt}
