"""The queue: what waits, where a reviewer starts, and what he decided today."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.cursors import Cursors
from service.errors import InvalidInputError
from service.operations import accounts, claims, reviews, saved_filters, undoing, worklist
from service.operations.claims import HIGHEST_PRIORITY, ORDERS, Lease
from service.operations.filters import Filter, Place
from service.operations.worklist import Count, Page
from service.review import listing
from service.review.asked import (
    USUAL_ORDER,
    Address,
    address_asked_for,
    address_of,
    cursors_of,
    filter_asked_for,
    place_asked_for,
    to_claim,
)
from service.review.status import status_asked_for
from service.review.viewer import viewer
from service.store.models import SavedFilter
from workers.extraction.families import FAMILIES

PAGE_SIZE = 50
HOLDER_LABELS = {"free": "Free", "held": "Held by anybody", "mine": "Held by you"}
ASSIGNED_LABELS = {"me": "Assigned to you", "anybody": "Assigned to anybody", "nobody": "Not assigned"}
STAGE_LABELS = {
    "first": "First readings",
    "second": "Second readings",
    "adjudication": "To settle",
    "redraft": "Being drafted again",
}
REASON_LABELS = {
    "trigger": "Action uncertain",
    "modality": "Modality uncertain",
    "date": "Date uncertain",
    "place": "Place uncertain",
    "participants": "A participant uncertain",
    "details": "A detail uncertain",
    "attributed_to": "Source uncertain",
}
# The lists that the side bar names, with what each asks for.
VIEWS = {
    "waiting": Filter(),
    "second": Filter(stage="second"),
    "adjudication": Filter(stage="adjudication"),
    "snoozed": Filter(is_snoozed=True),
    "redraft": Filter(stage="redraft"),
    "mine": Filter(holder="mine"),
    "assigned": Filter(assigned="me"),
}
TITLES = {
    "waiting": "Waiting",
    "second": "Second readings",
    "adjudication": "To settle",
    "snoozed": "Snoozed",
    "redraft": "Being drafted again",
    "mine": "Held by you",
    "assigned": "Assigned to you",
}

pages = Blueprint("worklist", __name__)


@dataclass(frozen=True, slots=True)
class View:
    """A list of the side bar, with how much is in it."""

    name: str
    title: str
    address: Address
    count: Count

    @property
    def is_own(self) -> bool:
        return self.name in ("mine", "assigned")

    @property
    def is_always_shown(self) -> bool:
        return self.is_own or self.name == "snoozed"


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved filter of one's own in the side bar."""

    id: UUID
    name: str
    wanted: Filter
    version: str

    @classmethod
    def of(cls, saved: SavedFilter) -> Saved:
        return cls(saved.id, saved.name, Filter.from_json(saved.query), saved_filters.version(saved))

    @property
    def address(self) -> Address:
        return address_of(self.wanted)


@pages.get("/")
def waiting() -> ResponseReturnValue:
    wanted = _allowed(filter_asked_for())
    return show(wanted, after=place_asked_for("after", _cursors(wanted), Place.of))


def show(wanted: Filter, *, after: Place | None = None, refused: str = "", status: int = 200) -> ResponseReturnValue:
    """The queue page; `refused` says why something that was asked of it was not done."""
    try:
        found = worklist.find(web.session(), wanted, by=viewer(), after=after, limit=PAGE_SIZE)
    except InvalidInputError as error:
        complaint = " ".join(error.facts["errors"]["q"])
        return _page(wanted, Page([], None, Count(0)), complaint=complaint), 422
    return _page(wanted, found, is_first=after is None, refused=refused), status


def _page(wanted: Filter, found: Page, *, is_first: bool = True, complaint: str = "", refused: str = "") -> str:
    by, now, lease = viewer(), dt.datetime.now(dt.UTC), web.services().settings.review_lease
    return render_template(
        "queue.html",
        rows=[listing.waiting_row(one, by, now, lease) for one in found.rows],
        total=found.total,
        more=_cursors(wanted).make(found.last.key, found.last.id) if found.last else None,
        is_first=is_first,
        complaint=complaint,
        refused=refused,
        wanted=wanted,
        address=address_of(wanted),
        wider=address_of(replace(wanted, least=None)),
        status=status_asked_for(),
        now=now,
        **_choices(),
        **sides(view_of(wanted), wanted),
    )


def _choices() -> dict[str, object]:
    """What the filters can be set to."""
    by = viewer()
    return {
        "families": [one for one in FAMILIES if not by.families or one.name in by.families],
        "counts": worklist.count_by_family(web.session(), by=by),
        "usual_order": ORDERS[USUAL_ORDER],
        "orders": {order: label for order, label in ORDERS.items() if order != USUAL_ORDER},
        "holders": HOLDER_LABELS,
        "assigned": ASSIGNED_LABELS,
        "stages": _stages(),
        "reasons": REASON_LABELS,
        "people": accounts.reviewers(web.session(), by=by) if "review" in by.scopes else [],
        "highest_priority": HIGHEST_PRIORITY,
    }


def _allowed(wanted: Filter) -> Filter:
    """What is to be settled is for those who settle."""
    return wanted if wanted.stage is None or wanted.stage in _stages() else replace(wanted, stage=None)


def _stages() -> dict[str, str]:
    hidden = set() if "adjudicate" in viewer().scopes else {"adjudication"}
    return {stage: label for stage, label in STAGE_LABELS.items() if stage not in hidden}


def _cursors(wanted: Filter) -> Cursors:
    return cursors_of("queue", asdict(wanted))


def view_of(wanted: Filter) -> str:
    """The list of the side bar to which a filter belongs."""
    asked = address_of(wanted)
    belongs = (view for view, own in VIEWS.items() if own != Filter() and address_of(own).items() <= asked.items())
    return next(belongs, "waiting")


def sides(view: str, wanted: Filter | None = None) -> dict[str, object]:
    """What the side bar tells; `view` is the list that is shown, `wanted` its filter."""
    by, session = viewer(), web.session()
    known = {name: own for name, own in VIEWS.items() if name != "waiting" and _is_his(name)}
    counted = worklist.count_each(session, known, by=by)
    views = [View(name, TITLES[name], address_of(own), counted[name]) for name, own in known.items()]
    saved = [Saved.of(one) for one in saved_filters.own(session, by=by)]
    here = next((one for one in saved if one.wanted == wanted), None)
    return {
        "view": view,
        "title": here.name if here else TITLES.get(view, ""),
        "standing": worklist.standing(session, by=by),
        "views": [one for one in views if one.count or one.is_always_shown or one.name == view],
        "saved": saved,
        "here": here,
        "decided_today": worklist.count_decided_today(session, by=by) if "review" in by.scopes else Count(0),
    }


def _is_his(view: str) -> bool:
    needed = {"mine": "review", "assigned": "review", "adjudication": "adjudicate"}
    return needed.get(view, "read") in viewer().scopes


@pages.get("/decided")
def decided() -> ResponseReturnValue:
    by, session, cursors = viewer(), web.session(), cursors_of("decided", {"by": viewer().user_id})
    before = place_asked_for("before", cursors, UUID)
    found = reviews.decided_today(session, by=by, before=before, limit=PAGE_SIZE + 1)
    made = found[:PAGE_SIZE]
    records = worklist.records_of(session, [decision.event_id for decision in made], by=by)
    undoable = {decision.id for decision in undoing.undoable(session, by=by)}
    rows = [listing.decided_row(decision, records[decision.event_id], undoable) for decision in made]
    older = cursors.make(made[-1].id) if len(found) > PAGE_SIZE else None
    return render_template("decided.html", rows=rows, before=before, older=older, **sides("decided"))


@pages.post("/review/next")
def start() -> ResponseReturnValue:
    """Goes on with the item that the reviewer holds, or claims the next one of those that the filter lets through."""
    held = claims.held_by(web.session(), by=viewer())
    return go_on(held[0].event_id if held else None)


def go_on(event_id: UUID | None = None, **done: Any) -> ResponseReturnValue:
    """Shows this item, or claims the next one; shows the queue when nothing is left. The page tells what was done to
    the last one, whose id is in `done`.
    """
    address = address_asked_for()
    event_id = event_id or _claimed_next(next(iter(done.values()), None))
    if event_id is None:
        return redirect(url_for("review.worklist.waiting", **address, **done), 303)
    return redirect(url_for("review.work.show", event_id=event_id, **address, **done), 303)


def _claimed_next(beside: UUID | None) -> UUID | None:
    """The next item; when nothing is free, one that the reviewer holds already, from a page that is gone."""
    lease = claim_next(beside)
    if lease:
        return lease.event_id
    held = claims.held_by(web.session(), by=viewer())
    return held[0].event_id if held else None


def claim_next(beside: UUID | None = None) -> Lease | None:
    """Claims the next item of those that the address asks for; by document, the next of the one that `beside` is of."""
    session, by, seconds = web.session(), viewer(), web.services().settings.review_lease
    wanted = _allowed(filter_asked_for())
    simple = to_claim(wanted)
    if simple and simple.order == "document" and beside:
        simple = replace(simple, document_id=reviews.item_of(session, beside, by=by).document_id)
    if simple:
        return claims.claim_next(session, by=by, seconds=seconds, wanted=simple)
    return worklist.claim_listed(session, wanted, by=by, seconds=seconds)
