"""The queue: what waits, where a reviewer starts, and what he decided today."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.operations import claims, reviews, worklist
from service.operations.claims import Wanted
from service.operations.worklist import HOLDERS, REASONS, Filter
from service.review import listing
from service.review.asked import asked_for
from service.review.viewer import viewer
from workers.extraction.families import FAMILIES, FAMILY_OF

PAGE_SIZE = 50
HOLDER_LABELS = {"free": "Free", "held": "Held by anybody", "mine": "Held by you"}
REASON_LABELS = {
    "trigger": "Action uncertain",
    "modality": "Modality uncertain",
    "date": "Date uncertain",
    "place": "Place uncertain",
    "participants": "A participant uncertain",
    "details": "A detail uncertain",
    "attributed_to": "Source uncertain",
}

pages = Blueprint("worklist", __name__)


def families_asked_for() -> tuple[str, ...]:
    """The families that the reviewer works on, from the address or the form; unknown ones are passed over."""
    return tuple(name for name in request.values.getlist("family") if name in FAMILY_OF)


@pages.get("/")
def waiting() -> ResponseReturnValue:
    wanted = Filter(families_asked_for(), asked_for("holder", HOLDERS), asked_for("why", REASONS))
    page = max(1, request.args.get("page", 1, type=int))
    by, session, now = viewer(), web.session(), dt.datetime.now(dt.UTC)
    after = (min(page, 10_000) - 1) * PAGE_SIZE
    found, total = worklist.find(session, wanted, by=by, after=after, limit=PAGE_SIZE)
    lease = web.services().settings.review_lease
    return render_template(
        "queue.html",
        rows=[listing.waiting_row(item, by, now, lease) for item in found],
        total=total,
        wanted=wanted,
        page=page,
        first=after + 1,
        has_more=after + len(found) < total,
        families=FAMILIES,
        counts=reviews.count_waiting(session, by=by),
        standing=worklist.standing(session, by=by),
        holders=HOLDER_LABELS,
        reasons=REASON_LABELS,
        said=last_decision(request.args.get("decided", type=UUID)),
        now=now,
        **counts_of_viewer(),
    )


@pages.get("/decided")
def decided() -> ResponseReturnValue:
    by, session = viewer(), web.session()
    made = reviews.decided_today(session, by=by)
    records = worklist.records_of(session, [decision.event_id for decision in made], by=by)
    rows = [listing.decided_row(decision, records[decision.event_id]) for decision in made]
    standing = worklist.standing(session, by=by)
    return render_template("decided.html", rows=rows, standing=standing, **counts_of_viewer())


@pages.post("/review/next")
def start() -> ResponseReturnValue:
    """Goes on with the item that the reviewer holds, or with the first of those listed, or claims the next one."""
    held = claims.held_by(web.session(), by=viewer())
    if held:
        return go_on(held[0].event_id)
    why = asked_for("why", REASONS)
    listed = Filter(families_asked_for(), "free", why)
    found, _ = worklist.find(web.session(), listed, by=viewer(), after=0, limit=1) if why else ([], 0)
    return go_on(found[0].record.event.id if found else None)


def go_on(event_id: UUID | None = None, *, decided: UUID | None = None) -> ResponseReturnValue:
    """Shows this item, or claims the next one of the families asked for; shows the queue when nothing is left.
    The page tells what was decided on the last one.
    """
    families = families_asked_for()
    event_id = event_id or _claimed_next()
    if event_id is None:
        return redirect(url_for("review.worklist.waiting", family=families, decided=decided), 303)
    return redirect(url_for("review.work.show", event_id=event_id, family=families, decided=decided), 303)


def _claimed_next() -> UUID | None:
    """The next item; when nothing is free, one that the reviewer holds already, from a page that is gone."""
    seconds = web.services().settings.review_lease
    lease = claims.claim_next(web.session(), by=viewer(), seconds=seconds, wanted=Wanted(families_asked_for()))
    if lease:
        return lease.event_id
    held = claims.held_by(web.session(), by=viewer())
    return held[0].event_id if held else None


def counts_of_viewer() -> dict[str, int]:
    """How much the person who looks holds and has decided."""
    by, session = viewer(), web.session()
    if "review" not in by.scopes:
        return {"mine": 0, "decided_today": 0}
    return {
        "mine": len(claims.held_by(session, by=by)),
        "decided_today": len(reviews.decided_today(session, by=by)),
    }


def last_decision(event_id: UUID | None) -> listing.DecidedRow | None:
    """The decision that was made last on this record, to be told in the status line; only the reviewer's own."""
    if event_id is None:
        return None
    record = worklist.records_of(web.session(), [event_id], by=viewer()).get(event_id)
    if record is None or record.decision is None or record.decision.by != viewer().user_id:
        return None
    return listing.decided_row(record.decision, record)
