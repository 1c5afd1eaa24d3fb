"""The search: documents and records by the words in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.cursors import Cursors
from service.errors import InvalidInputError
from service.operations import search
from service.operations.search import KINDS, LONGEST_TEXT, Found, Place, Wanted
from service.review.asked import asked_for, cursors_of, place_asked_for
from service.review.listing import Entry
from service.review.viewer import viewer
from service.store.models import EVENT_STATES
from workers.extraction.families import FAMILIES, FAMILY_OF

PAGE_SIZE = 20
KIND_LABELS = {"record": "Records", "document": "Documents"}

pages = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class Result:
    found: Found
    entry: Entry | None

    @property
    def address(self) -> str:
        if self.entry:
            return url_for("review.work.show", event_id=self.entry.record.event.id)
        return url_for("review.documents.show", document_id=self.found.document.id)

    @property
    def goes_on(self) -> bool:
        """Whether the document has more behind the excerpt."""
        return self.entry is None and self.found.excerpt.end < self.found.document.characters


@pages.get("/search")
def show() -> ResponseReturnValue:
    wanted = Wanted(
        " ".join(request.args.get("q", "").split()),
        asked_for("kind", KINDS),
        asked_for("family", FAMILY_OF),
        asked_for("state", EVENT_STATES),
    )
    after = place_asked_for("after", _cursors(wanted), Place.of)
    try:
        found = search.search(web.session(), wanted, by=viewer(), limit=PAGE_SIZE + 1, after=after)
    except InvalidInputError as error:
        return _page(wanted, [], complaint=" ".join(error.facts["errors"]["q"])), 422
    last = found[PAGE_SIZE - 1].place if len(found) > PAGE_SIZE else None
    more = _cursors(wanted).make(last.rank, last.id) if last else None
    return _page(wanted, found[:PAGE_SIZE], after=after, more=more)


def _page(wanted: Wanted, found: Sequence[Found], **more: object) -> str:
    results = [Result(one, Entry.of(one.record) if one.record else None) for one in found]
    choices = {"kinds": KIND_LABELS, "families": FAMILIES, "states": EVENT_STATES, "longest": LONGEST_TEXT}
    return render_template("search.html", wanted=wanted, results=results, **choices, **more)


def _cursors(wanted: Wanted) -> Cursors:
    return cursors_of("search", asdict(wanted))
