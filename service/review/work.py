"""The work page and what can be done on it: claim, keep, give back, approve, fix, reject."""

from __future__ import annotations

import contextlib
from uuid import UUID

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import (
    AlreadyDecidedError,
    InvalidInputError,
    LeaseLostError,
    LegationError,
    NotFoundError,
    RevisionChangedError,
    ScopeMissingError,
)
from service.operations import claims, records, reviews, worklist
from service.operations.claims import Lease
from service.operations.reviews import REJECT_REASONS, Verdict
from service.review import countries, desk, fields, gold, settle
from service.review.asked import address_asked_for, address_of, filter_asked_for
from service.review.conflict import CONFLICTS, merge_of
from service.review.conflict_page import Conflict, conflict
from service.review.fields import Typed
from service.review.status import SNOOZES, status_asked_for, status_of_decision
from service.review.viewer import viewer
from service.review.worklist import claim_next, go_on
from workers.extraction.families import FAMILIES

IS_A_CHECK = "This is a hidden check of a reviewer; for others it is not there."
TO_SETTLE = "Two people have read this record. It is settled by somebody who adjudicates."
MOST_TOLD = 1_000  # of waiting items, beside the one that is read

pages = Blueprint("work", __name__, url_prefix="/review/<uuid:event_id>")


@pages.get("")
def show(event_id: UUID) -> ResponseReturnValue:
    return settle.page(event_id) if settle.is_his(event_id) else item_page(event_id)


@pages.post("/claim")
def claim(event_id: UUID) -> ResponseReturnValue:
    """Takes the item: as JSON for the page that is open already, else by a page."""
    try:
        lease = claims.claim(web.session(), event_id, by=viewer(), seconds=lease_seconds())
    except CONFLICTS as error:
        return refused(event_id, error)
    if _wants_json():
        return _lease_json(lease)
    return redirect(url_for(".show", event_id=event_id, **address_asked_for()), 303)


@pages.post("/keep")
def keep(event_id: UUID) -> ResponseReturnValue:
    """Renews the claim of a page whose reader is at work."""
    number = request.form.get("lease", 0, type=int)
    try:
        return _lease_json(claims.renew(web.session(), event_id, number, by=viewer(), seconds=lease_seconds()))
    except CONFLICTS as error:
        return refused(event_id, error)


@pages.post("/next")
def claim_ahead(event_id: UUID) -> ResponseReturnValue:
    """Claims the next item for the page that shows this one, to have it ready. This one's own claim is renewed before,
    so that it cannot be the next.
    """
    number = request.form.get("lease", 0, type=int)
    try:
        claims.renew(web.session(), event_id, number, by=viewer(), seconds=lease_seconds())
    except CONFLICTS as error:
        return refused(event_id, error)
    lease = claim_next(event_id)
    return jsonify(lease=lease.number, **_addresses(lease.event_id)) if lease else ("", 204)


@pages.post("/leave")
def leave(event_id: UUID) -> ResponseReturnValue:
    """Gives the item back, and shows the queue, or the item after it; nothing to a script, which sees to that."""
    with contextlib.suppress(LeaseLostError):  # given back already, which is what was asked for
        claims.release(web.session(), event_id, request.form.get("lease", 0, type=int), by=viewer())
    if is_from_script():
        return "", 204
    wanted = filter_asked_for()
    following = worklist.next_after(web.session(), event_id, by=viewer(), wanted=wanted)
    if request.form.get("then") == "next" and following:
        return go_on(following)
    return redirect(url_for("review.worklist.waiting", **address_of(wanted)), 303)


@pages.post("/decision")
def decide(event_id: UUID) -> ResponseReturnValue:
    """Approves, or saves what was changed and approves; rejects; or only draws the form anew ("add", "put_back").

    A script that has the next item ready gets only what goes into the status line.
    """
    body = records.get(web.session(), event_id, by=viewer()).current.body
    typed = _redrawn(body, fields.read(body, request.form))
    if "add" in request.form or "put_back" in request.form:
        return item_page(event_id, typed)
    changes = fields.changes(body, typed)
    try:
        reviews.decide(
            web.session(),
            event_id,
            _verdict(changes, request.form.get("decision", "")),
            revision=request.form.get("revision", 0, type=int),
            by=viewer(),
            lease=request.form.get("lease", 0, type=int),
        )
    except InvalidInputError as error:
        errors = fields.by_path(body, typed, error.facts["errors"])
        return item_page(event_id, typed, errors)
    except CONFLICTS as error:
        return refused(event_id, error)
    if is_from_script():
        return render_template("said.html", status=status_of_decision(event_id))
    return go_on(decided=event_id)


@pages.post("/merge")
def merge(event_id: UUID) -> ResponseReturnValue:
    """Saves what was chosen on the page of a refused decision, or goes on in the item's form with it."""
    merge = merge_of(web.session(), event_id, request.form, by=viewer())
    to_form = "to_form" in request.form
    if not to_form and (missing := merge.missing()):
        return _merge_page(event_id, errors=missing), 422
    try:
        take = claims.take_over if "take_over" in request.form else claims.claim
        lease = take(web.session(), event_id, by=viewer(), seconds=lease_seconds()).number if merge.is_open else None
        if to_form:
            return item_page(event_id, merge.result)
        if lease or merge.changes:
            reviews.decide(
                web.session(),
                event_id,
                _verdict(merge.changes, merge.intention.verdict),
                revision=merge.now,
                by=viewer(),
                lease=lease,
            )
    except InvalidInputError as error:
        return _merge_page(event_id, errors=merge.at_differences(error.facts["errors"])), 422
    except CONFLICTS as error:
        return refused(event_id, error)
    return go_on(decided=event_id)


def _verdict(changes: dict[str, object], decision: str) -> Verdict:
    if decision == "reject":
        text = request.form.get("reason_text", "").strip()
        return Verdict("reject", reason=request.form.get("reason", ""), reason_text=text or None)
    if "take_draft" in request.form:
        return Verdict("approve", take_draft=True)
    return Verdict("fix", changes) if changes else Verdict("approve")


def _redrawn(body: fields.Body, typed: Typed) -> Typed:
    """With the row that the form's own buttons asked for, where no script does what they do."""
    if path := request.form.get("put_back"):
        return fields.put_back(body, typed, path)
    name = request.form.get("add", "")
    return fields.with_new(typed, name, body["type"]) if name in fields.LISTS else typed


def item_page(
    event_id: UUID, typed: Typed | None = None, errors: dict[str, list[str]] | None = None
) -> ResponseReturnValue:
    """The item with its form: as the record is, or as it was typed and not accepted."""
    shown = desk.desk(web.session(), event_id, by=viewer(), lease=lease_seconds(), typed=typed, errors=errors)
    barred = _barred(event_id)
    standing = worklist.standing(web.session(), by=viewer(), most=MOST_TOLD)
    page = render_template(
        "work.html",
        desk=shown,
        errors=errors or {},
        reject_reasons=REJECT_REASONS,
        countries=countries.COUNTRIES,
        standing=standing,
        address=address_asked_for(),
        all_families=FAMILIES,
        made=request.args.get("made", type=UUID),
        status=status_asked_for(),
        snoozes=SNOOZES,
        seconds=lease_seconds(),
        may_review="review" in viewer().scopes and not barred,
        barred=barred,
        gold=gold.standing(shown.record, shown.hold),
    )
    return page, 422 if errors else 200


def _barred(event_id: UUID) -> str:
    """Why the person who looks cannot work on an undecided item that a reviewer could work on; "" when he can."""
    item = reviews.item_of(web.session(), event_id, by=viewer())
    try:
        claims.check_may_read(item, viewer())
    except AlreadyDecidedError:
        return ""
    except NotFoundError:
        return IS_A_CHECK
    except ScopeMissingError:
        return TO_SETTLE if item.stage == "adjudication" else ""
    except LegationError as error:
        return str(error)
    return ""


def refused(event_id: UUID, error: LegationError) -> ResponseReturnValue:
    """What stands in the way, with what was typed; nothing was saved."""
    status = 412 if isinstance(error, RevisionChangedError) else 409
    if _wants_json():
        shown = _conflict(event_id, error)
        return jsonify(title=shown.title, detail=shown.told, state=shown.hold.state), status
    return _merge_page(event_id, error), status


def _merge_page(event_id: UUID, error: LegationError | None = None, errors: dict[int, list[str]] | None = None) -> str:
    shown = _conflict(event_id, error, errors)
    return render_template("conflict.html", conflict=shown, address=address_asked_for(), countries=countries.COUNTRIES)


def _conflict(event_id: UUID, error: LegationError | None, errors: dict[int, list[str]] | None = None) -> Conflict:
    """Reads anew what the refused operation has read: its transaction was rolled back."""
    merge = merge_of(web.session(), event_id, request.form, by=viewer())
    return conflict(web.session(), event_id, merge, error, by=viewer(), lease=lease_seconds(), errors=errors)


def lease_seconds() -> int:
    return web.services().settings.review_lease


def _lease_json(lease: Lease) -> ResponseReturnValue:
    return jsonify(lease=lease.number, holder=lease.holder, seconds=lease_seconds())


def _addresses(event_id: UUID) -> dict[str, str]:
    """Where an item's page is, and where its claim is kept and given back."""
    return {
        "page": url_for(".show", event_id=event_id, **address_asked_for()),
        "keep": url_for(".keep", event_id=event_id),
        "leave": url_for(".leave", event_id=event_id),
    }


def is_from_script() -> bool:
    """Whether the page stays as it is, since its script shows what comes next."""
    return request.form.get("then") == "stay"


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
