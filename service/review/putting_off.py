"""What can be done with an item but deciding on it: skip, snooze, take over; and taking the last decision back."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, NothingToUndoError
from service.operations import claims, undoing
from service.review.asked import address_asked_for
from service.review.conflict import CONFLICTS
from service.review.status import DONE, SNOOZES, status_of
from service.review.viewer import viewer
from service.review.words import line
from service.review.work import is_from_script, item_page, lease_seconds, refused
from service.review.worklist import go_on

pages = Blueprint("putting_off", __name__, url_prefix="/review")


@pages.post("/<uuid:event_id>/skip")
def skip(event_id: UUID) -> ResponseReturnValue:
    reason = line(request.form.get("reason")) or None
    try:
        claims.skip(web.session(), event_id, _lease(), by=viewer(), reason=reason)
    except CONFLICTS as error:
        return refused(event_id, error)
    return _after("was_skipped", event_id)


@pages.post("/<uuid:event_id>/snooze")
def snooze(event_id: UUID) -> ResponseReturnValue:
    note = line(request.form.get("note")) or None
    try:
        claims.snooze(web.session(), event_id, _lease(), _until(), by=viewer(), note=note)
    except InvalidInputError as error:
        return item_page(event_id, errors={"making": error.facts["errors"]["until"]})
    except CONFLICTS as error:
        return refused(event_id, error)
    return _after("was_snoozed", event_id)


def _until() -> dt.datetime:
    """Raises InvalidInputError."""
    if wait := SNOOZES.get(request.form.get("wait", "")):
        return dt.datetime.now(dt.UTC) + wait[1]
    try:
        day = dt.date.fromisoformat(request.form.get("until", ""))
    except ValueError as error:
        raise InvalidInputError({"until": ["Choose a time, or give a day, as in 2024-06-19."]}) from error
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _after(done: str, event_id: UUID) -> ResponseReturnValue:
    if is_from_script():
        return render_template("said.html", status=status_of(event_id, DONE[done]))
    return go_on(**{done: event_id})


@pages.post("/<uuid:event_id>/take-over")
def take_over(event_id: UUID) -> ResponseReturnValue:
    try:
        claims.take_over(web.session(), event_id, by=viewer(), seconds=lease_seconds())
    except CONFLICTS as error:
        return refused(event_id, error)
    return redirect(url_for("review.work.show", event_id=event_id, **address_asked_for()), 303)


@pages.post("/undo")
def undo() -> ResponseReturnValue:
    """Takes back the reviewer's last decision, or the one that the form names, and shows its record."""
    decision_id = request.form.get("decision", type=UUID)
    try:
        undone = undoing.undo(web.session(), by=viewer(), seconds=lease_seconds(), decision_id=decision_id)
    except NothingToUndoError:
        return redirect(url_for("review.worklist.waiting", **address_asked_for(), nothing_to_undo=1), 303)
    event_id = undone.lease.event_id if undone.lease else undone.event_ids[0]
    return redirect(url_for("review.work.show", event_id=event_id, **address_asked_for(), was_undone=event_id), 303)


def _lease() -> int:
    return request.form.get("lease", 0, type=int)
