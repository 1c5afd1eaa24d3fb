"""Comments beside a record: added and resolved without losing anything that is typed in its form."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError
from service.operations import comments, records
from service.review import desk, fields
from service.review.viewer import viewer
from service.review.work import item_page

pages = Blueprint("remarks", __name__, url_prefix="/review/<uuid:event_id>/comments")


@pages.post("")
def add(event_id: UUID) -> ResponseReturnValue:
    text, field = request.form.get("comment:text", ""), request.form.get("comment:field") or None
    try:
        comments.add(web.session(), event_id, text, by=viewer(), field=field)
    except InvalidInputError as error:
        return _shown(event_id, " ".join(" ".join(told) for told in error.facts["errors"].values()), text)
    return _shown(event_id)


@pages.post("/resolve")
def resolve(event_id: UUID) -> ResponseReturnValue:
    comments.resolve(web.session(), event_id, request.form.get("resolve", type=UUID) or event_id, by=viewer())
    return _shown(event_id)


def _shown(event_id: UUID, complaint: str = "", text: str = "") -> ResponseReturnValue:
    """The comments alone for a script, else the item's page with what was typed."""
    typed = fields.read(records.get(web.session(), event_id, by=viewer()).current.body, request.form)
    if request.form.get("then") != "stay":
        return item_page(event_id, typed, {"comment": [complaint]} if complaint else None)
    lease = web.services().settings.review_lease
    shown = desk.desk(web.session(), event_id, by=viewer(), lease=lease, typed=typed)
    may = "review" in viewer().scopes
    page = render_template("comments.html", desk=shown, may_review=may, complaint=complaint, text=text)
    return page, 422 if complaint else 200
