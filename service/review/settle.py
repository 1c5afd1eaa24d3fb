"""Adjudication: the next record that two readers differ on, and what somebody makes of it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from service import web
from service.errors import InvalidInputError, LegationError, RevisionChangedError
from service.operations import claims, reviews, settling
from service.operations.claims import Wanted
from service.operations.reviews import REJECT_REASONS
from service.review import countries
from service.review.asked import address_asked_for, families_asked_for
from service.review.conflict import CONFLICTS
from service.review.settling_page import settlement, settling_page
from service.review.status import status_asked_for
from service.review.viewer import viewer

pages = Blueprint("settle", __name__)


@pages.post("/settle/next")
def start() -> ResponseReturnValue:
    """Claims the next record that waits to be settled; shows the queue when there is none."""
    return _go_on()


@pages.post("/review/<uuid:event_id>/settle")
def save(event_id: UUID) -> ResponseReturnValue:
    """Settles the record, and goes on with the next one."""
    session, by = web.session(), viewer()
    try:
        found = settling.to_settle(session, event_id, by=by)
        settling.settle(
            session,
            event_id,
            settlement(found, request.form),
            revision=request.form.get("revision", 0, type=int),
            by=by,
            lease=request.form.get("lease", 0, type=int),
        )
    except InvalidInputError as error:
        return page(event_id, request.form, error), 422
    except CONFLICTS as error:
        return _refused(event_id, error)
    return _go_on(decided=event_id)


def is_his(event_id: UUID) -> bool:
    """Whether the record waits to be settled, and the person who looks may do so."""
    if "adjudicate" not in viewer().scopes:
        return False
    item = reviews.item_of(web.session(), event_id, by=viewer())
    return item.stage == "adjudication" and claims.may_read(item, viewer())


def page(event_id: UUID, form: MultiDict[str, str] | None = None, error: LegationError | None = None) -> str:
    """The fields in question, with the choices of a form that was not accepted, and why."""
    errors = error.facts["errors"] if isinstance(error, InvalidInputError) else {}
    told = str(error) if error and not errors else ""
    seconds = web.services().settings.review_lease
    shown = settling_page(
        *(web.session(), event_id, form or MultiDict()), by=viewer(), lease=seconds, told=told, errors=errors
    )
    return render_template(
        "settle.html",
        desk=shown,
        reject_reasons=REJECT_REASONS,
        countries=countries.COUNTRIES,
        address=address_asked_for(),
        status=status_asked_for(),
        seconds=seconds,
    )


def _refused(event_id: UUID, error: LegationError) -> ResponseReturnValue:
    """What stands in the way, with what was chosen; the record itself, when it does not wait any more."""
    if not is_his(event_id):
        return redirect(url_for("review.work.show", event_id=event_id), 303)
    return page(event_id, request.form, error), 412 if isinstance(error, RevisionChangedError) else 409


def _go_on(decided: UUID | None = None) -> ResponseReturnValue:
    address = address_asked_for() | {"stage": "adjudication"}
    wanted = Wanted(families_asked_for(), stage="adjudication")
    seconds = web.services().settings.review_lease
    lease = claims.claim_next(web.session(), by=viewer(), seconds=seconds, wanted=wanted)
    if lease is None:
        return redirect(url_for("review.worklist.waiting", **address, decided=decided), 303)
    return redirect(url_for("review.work.show", event_id=lease.event_id, **address, decided=decided), 303)
