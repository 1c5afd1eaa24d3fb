"""Records that people make: an event that the machine missed, two records of one, one of two; and sending one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, LegationError, NotMergeableError
from service.operations import additions, documents, records, reviews
from service.operations.reviews import Verdict
from service.review import fields
from service.review.asked import address_asked_for
from service.review.conflict import CONFLICTS
from service.review.listing import Excerpt
from service.review.places import places_of
from service.review.viewer import viewer
from service.review.words import line
from service.review.work import item_page
from service.review.worklist import go_on
from service.store.models import Document
from workers.extraction.families import FAMILIES, FAMILY_OF

AROUND = 60  # letters told on both sides of words that were found
MOST_PLACES = 50
SAVE_FIRST = "Save your changes, or put them back, before you make two records of this one or one of two."

pages = Blueprint("making", __name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Words that were found in a text: "start-end" as a form sends it, and the words around them."""

    span: str
    excerpt: Excerpt


@pages.post("/documents/<uuid:document_id>/events")
def add(document_id: UUID) -> ResponseReturnValue:
    """Adds an event at the words that were selected or typed; asks which, where they stand in several places."""
    document = documents.get_with_text(web.session(), document_id, by=viewer())
    found = _places(document)
    family, _, action = request.form.get("action", "").partition("/")
    errors = _errors(found, family, action)
    if errors or len(found) > 1:
        return _ask(document, found, errors)
    start, end = found[0]
    wanted = {"details/action": action, "evidence": [{"field": "trigger", "start": start, "end": end}]}
    lease = additions.add(web.session(), document_id, family, wanted, by=viewer(), seconds=_lease())
    return redirect(url_for("review.work.show", event_id=lease.event_id, **address_asked_for()), 303)


def _places(document: Document) -> list[tuple[int, int]]:
    """The place that was selected, or all where the typed words stand. Raises InvalidInputError."""
    if span := request.form.get("place"):
        start, end = fields.span("place", span)
        if end > document.characters:
            raise InvalidInputError({"place": ["The text ends before."]})
        return [(start, end)]
    return places_of(request.form.get("words", ""), document.text)


def _errors(found: list[tuple[int, int]], family: str, action: str) -> dict[str, str]:
    errors = {}
    if not found:
        errors["words"] = "Type words as they stand in the text." if not _words() else "The text has no such words."
    if family not in FAMILY_OF or action not in FAMILY_OF[family].actions:
        errors["action"] = "Choose what the event is."
    return errors


def _words() -> str:
    return line(request.form.get("words"))


def _ask(document: Document, found: list[tuple[int, int]], errors: dict[str, str]) -> ResponseReturnValue:
    page = render_template(
        "add_event.html",
        document=document,
        places=[_place(start, end, document.text) for start, end in found[:MOST_PLACES]],
        more=len(found) - MOST_PLACES,
        words_typed=_words(),
        action=request.form.get("action", ""),
        errors=errors,
        all_families=FAMILIES,
        address=address_asked_for(),
    )
    return page, 422


def _place(start: int, end: int, text: str) -> Place:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Place(f"{start}-{end}", Excerpt(line(before) + " ", line(text[start:end]), " " + line(after)))


@pages.post("/review/<uuid:event_id>/split")
def split(event_id: UUID) -> ResponseReturnValue:
    """Moves participants into a record of their own; the person holds both."""
    moved = request.form.getlist("split:moved")
    if not moved:
        return _refused(event_id, "Choose the participants that move.")
    return _made(event_id, lambda: _split(event_id, moved))


def _split(event_id: UUID, moved: list[str]) -> ResponseReturnValue:
    _, second = additions.split(
        web.session(), event_id, moved, by=viewer(), seconds=_lease(), revision=_revision(), lease=_lease_number()
    )
    return _to(event_id, made=second.event_id)


@pages.post("/review/<uuid:event_id>/join")
def join(event_id: UUID) -> ResponseReturnValue:
    """Takes another record of the document into this one."""
    other = request.form.get("join:other", type=UUID)
    if other is None:
        return _refused(event_id, "Choose the record that becomes part of this one.")
    return _made(event_id, lambda: _joined(event_id, other))


def _joined(event_id: UUID, other: UUID) -> ResponseReturnValue:
    additions.merge(web.session(), event_id, other, by=viewer(), revision=_revision(), lease=_lease_number())
    return _to(event_id)


@pages.post("/review/<uuid:event_id>/send-back")
def send_back(event_id: UUID) -> ResponseReturnValue:
    """Has the machine draft the document again, and says why."""
    reason = line(request.form.get("back:reason"))
    if not reason:
        return _refused(event_id, "Say why it goes back: the next reader sees it.")
    return _made(event_id, lambda: _sent_back(event_id, reason), keeps_changes=False)


def _sent_back(event_id: UUID, reason: str) -> ResponseReturnValue:
    verdict = Verdict("send_back", reason_text=reason)
    reviews.decide(web.session(), event_id, verdict, by=viewer(), revision=_revision(), lease=_lease_number())
    return go_on(decided=event_id)


def _made(
    event_id: UUID, make: Callable[[], ResponseReturnValue], *, keeps_changes: bool = True
) -> ResponseReturnValue:
    """Does it, or says on the item's page what stands in the way; nothing typed is lost there."""
    body = records.get(web.session(), event_id, by=viewer()).current.body
    if keeps_changes and fields.changes(body, fields.read(body, request.form)):
        return _refused(event_id, SAVE_FIRST)
    try:
        return make()
    except (*CONFLICTS, NotMergeableError, InvalidInputError) as error:
        return _refused(event_id, _told(error))


def _told(error: LegationError) -> str:
    if isinstance(error, InvalidInputError):
        return " ".join(" ".join(told) for told in error.facts["errors"].values())
    return str(error)


def _refused(event_id: UUID, told: str) -> ResponseReturnValue:
    typed = fields.read(records.get(web.session(), event_id, by=viewer()).current.body, request.form)
    return item_page(event_id, typed, {"making": [told]})


def _revision() -> int:
    return request.form.get("revision", 0, type=int)


def _lease_number() -> int:
    return request.form.get("lease", 0, type=int)


def _to(event_id: UUID, made: UUID | None = None) -> ResponseReturnValue:
    return redirect(url_for("review.work.show", event_id=event_id, **address_asked_for(), made=made), 303)


def _lease() -> int:
    return web.services().settings.review_lease
