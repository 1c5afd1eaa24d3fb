"""What the work page asks while somebody types: what is wrong with it so far, and where its words are in the text."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service import web
from service.operations import checking, records
from service.review import desk, fields
from service.review.asked import address_asked_for
from service.review.viewer import viewer

pages = Blueprint("live", __name__, url_prefix="/review/<uuid:event_id>")


@pages.post("/check")
def check(event_id: UUID) -> ResponseReturnValue:
    """Complaints about the form as it is, by the names of its fields; none about one that is of an old revision, which
    saving compares with the present one. Saves nothing.
    """
    record = records.get(web.session(), event_id, by=viewer())
    body, is_old = record.current.body, request.form.get("revision", type=int) != record.event.revision
    typed = fields.read(body, request.form)
    wanted = {} if is_old else fields.changes(body, typed)
    errors = checking.complaints(web.session(), event_id, wanted, by=viewer()) if wanted else {}
    return jsonify(errors=fields.by_path(body, typed, errors))


@pages.post("/marked")
def marked(event_id: UUID) -> ResponseReturnValue:
    """The text with the words marked that the form has."""
    typed = fields.read(records.get(web.session(), event_id, by=viewer()).current.body, request.form)
    lease = web.services().settings.review_lease
    shown = desk.desk(web.session(), event_id, by=viewer(), lease=lease, typed=typed)
    return render_template("marked.html", desk=shown, address=address_asked_for())
