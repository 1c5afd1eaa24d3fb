"""The audit: who did what to what, before and after, each entry chained to the one before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from service.api import described, paging
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.schemas import AuditPageSchema, AuditQuerySchema
from service.operations import audit
from service.web import session

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1/audit", description=__doc__)


@blueprint.route("")
@allow("admin")
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, AuditPageSchema, headers=described.LINK)
@described.problems(422)
def list_entries(wanted: Mapping[str, Any]) -> Response:
    """List entries of the audit, newest first"""
    filters = audit.Wanted(wanted["subject"], wanted["actor"], wanted["action"])
    found = audit.find(session(), filters, by=actor(), before=wanted["cursor"], limit=wanted["limit"] + 1)
    page = paging.cut(found, wanted, lambda entry: (entry.number,))
    response = jsonify({"items": [audit.to_json(entry) for entry in page.items], "next_cursor": page.next_cursor})
    response.headers.update(page.headers)
    return response
