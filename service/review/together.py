"""Many at once: items looked through as a list, then approved, rejected, assigned or put before others together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, NothingToUndoError
from service.operations import bulk
from service.operations.bulk import Choice, Refused
from service.operations.filters import Filter
from service.operations.reviews import REJECT_REASONS, Verdict
from service.review import listing, words
from service.review.asked import address_asked_for, address_of, filter_asked_for
from service.review.viewer import viewer

pages = Blueprint("together", __name__, url_prefix="/together")


@pages.get("")
def show() -> ResponseReturnValue:
    """What the filter of the address lets through."""
    return _page(filter_asked_for())


@pages.post("")
def show_ticked() -> ResponseReturnValue:
    """What was ticked in the list."""
    return _page(filter_asked_for(), list(_ids(request.form.getlist("item"))))


def _page(wanted: Filter, event_ids: Sequence[UUID] | None = None, *, complaint: str = "") -> ResponseReturnValue:
    by, now, lease = viewer(), dt.datetime.now(dt.UTC), web.services().settings.review_lease
    shown = bulk.preview(web.session(), wanted, by=by, event_ids=event_ids)
    page = render_template(
        "together.html",
        taken=[listing.waiting_row(one, by, now, lease) for one in shown.taken],
        left_out=[(listing.waiting_row(one.waiting, by, now, lease), one.why) for one in shown.left_out],
        is_more=shown.is_more,
        most=bulk.MOST,
        is_ticked=event_ids is not None,
        wanted=wanted,
        address=address_of(wanted),
        reject_reasons=REJECT_REASONS,
        complaint=complaint,
    )
    return page, 422 if complaint else 200


@pages.post("/decide")
def decide() -> ResponseReturnValue:
    choices = list(_choices(request.form.getlist("choice")))
    try:
        batch = bulk.decide(web.session(), choices, _verdict(), by=viewer())
    except InvalidInputError as error:
        complaint = {"items": "Nothing is ticked.", "reason": "Choose why they are rejected."}
        told = " ".join(complaint.get(name, "") for name in error.facts["errors"])
        return _page(filter_asked_for(), [one.event_id for one in choices], complaint=told)
    return redirect(url_for(".outcome", batch_id=batch, **address_asked_for()), 303)


def _verdict() -> Verdict:
    if request.form.get("decision") != "reject":
        return Verdict("approve")
    text = request.form.get("reason_text", "").strip()
    return Verdict("reject", reason=request.form.get("reason", ""), reason_text=text or None)


@pages.get("/<uuid:batch_id>")
def outcome(batch_id: UUID) -> ResponseReturnValue:
    """What became of a batch."""
    return _outcome(batch_id)


def _outcome(batch_id: UUID, complaint: str = "") -> ResponseReturnValue:
    shown = bulk.outcome(web.session(), batch_id, by=viewer())
    page = render_template(
        "batch.html",
        outcome=shown,
        made=[listing.decided_row(decision, record) for decision, record in shown.made],
        second=sum(record.event.state == "draft" for _, record in shown.made),
        address=address_asked_for(),
        complaint=complaint,
    )
    return page, 409 if complaint else 200


@pages.post("/<uuid:batch_id>/undo")
def undo(batch_id: UUID) -> ResponseReturnValue:
    seconds = web.services().settings.review_lease
    try:
        taken_back = bulk.undo(web.session(), batch_id, by=viewer(), seconds=seconds)
    except NothingToUndoError as error:
        return _outcome(batch_id, str(error))
    flash(f"{words.count(len(taken_back), 'decision')} taken back. What was published is no longer.")
    return _back()


@pages.post("/assign")
def assign() -> ResponseReturnValue:
    assignee, items = request.form.get("assignee") or None, list(_ids(request.form.getlist("item")))
    refused = bulk.assign(web.session(), items, assignee, by=viewer()) if items else []
    told = f"assigned to {assignee}" if assignee else "left to everybody"
    return _changed(len(items), told, refused)


@pages.post("/prioritize")
def prioritize() -> ResponseReturnValue:
    priority, items = request.form.get("priority", 0, type=int), list(_ids(request.form.getlist("item")))
    refused = bulk.prioritize(web.session(), items, priority, by=viewer()) if items else []
    return _changed(len(items), f"given the priority {priority}", refused)


def _changed(number: int, told: str, refused: Sequence[Refused]) -> ResponseReturnValue:
    """The list again, with what was done in its status line."""
    flash(f"{words.count(number - len(refused), 'item')} {told}." if number else "Nothing was ticked.")
    for why in sorted({one.why for one in refused}):
        flash(f"{words.count(sum(one.why == why for one in refused), 'item')} not: {why}")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("review.worklist.waiting", **address_asked_for()), 303)


def _ids(values: Sequence[str]) -> Iterator[UUID]:
    """Raises InvalidInputError."""
    for value in values:
        try:
            yield UUID(value)
        except ValueError as error:
            raise InvalidInputError({"item": ["Must be an id."]}) from error


def _choices(values: Sequence[str]) -> Iterator[Choice]:
    """From "id:revision". Raises InvalidInputError."""
    for value in values:
        event_id, _, revision = value.partition(":")
        if not revision.isdecimal() or len(revision) > 9:
            raise InvalidInputError({"choice": ["Must be an id and a revision."]})
        yield Choice(next(_ids([event_id])), int(revision))
