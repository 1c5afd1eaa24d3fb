"""Records that are taken as right, to check reviewers with: marked on their own page, by those who adjudicate."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.operations import gold_items
from service.operations.records import Record
from service.review.asked import address_asked_for
from service.review.holds import Hold
from service.review.viewer import viewer

pages = Blueprint("gold", __name__)


@pages.post("/review/<uuid:event_id>/gold")
def mark(event_id: UUID) -> ResponseReturnValue:
    change = gold_items.mark if request.form.get("gold") == "yes" else gold_items.unmark
    change(web.session(), event_id, by=viewer())
    return redirect(url_for("review.work.show", event_id=event_id, **address_asked_for()), 303)


def standing(record: Record, hold: Hold) -> bool | None:
    """Whether the record is taken as right; None where it cannot be, or where the person who looks must not know."""
    is_known = gold_items.can_be_marked(record.event) and hold.state == "decided"
    if "adjudicate" not in viewer().scopes or not is_known:
        return None
    return gold_items.is_marked(web.session(), record.event.id, by=viewer())
