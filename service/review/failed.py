"""Documents that could not be drafted, by what went wrong. One, or all of a kind, are drafted again from here."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import NotReplayableError
from service.operations import documents
from service.operations.documents import OLDEST, DocumentFilter
from service.review import words
from service.review.paper import FAILURES
from service.review.viewer import viewer

SHOWN = 20
AT_ONCE = 1000

pages = Blueprint("failed", __name__, url_prefix="/administration/failed")


@pages.get("")
def show() -> str:
    session, by = web.session(), viewer()
    kinds = [
        (failure, number, documents.find(session, DocumentFilter(failure=failure), by=by, limit=SHOWN, sort=OLDEST))
        for failure, number in documents.count_failed(session, by=by).items()
    ]
    return render_template("failed.html", kinds=kinds, told=FAILURES, at_once=AT_ONCE)


@pages.post("/<failure>/replay")
def replay_kind(failure: str) -> ResponseReturnValue:
    number = documents.replay_failed(web.session(), failure, by=viewer(), limit=AT_ONCE)
    return _done(f"{words.count(number, 'document')} will be drafted again.")


@pages.post("/<uuid:document_id>/replay-one")
def replay_one(document_id: UUID) -> ResponseReturnValue:
    try:
        documents.replay(web.session(), document_id, by=viewer(), dispatch=web.services().dispatch)
    except NotReplayableError as error:
        return _done(f"Not done: {error}")
    return _done("1 document will be drafted again.")


def _done(told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for(".show"), 303)
