"""Saved filters: what a filter of the queue is kept under."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, NameTakenError, VersionChangedError
from service.operations import saved_filters
from service.operations.filters import Filter
from service.review.asked import address_of, filter_asked_for, seen_on_page
from service.review.viewer import viewer
from service.review.worklist import show

pages = Blueprint("saved", __name__, url_prefix="/filters")


@pages.post("")
def save() -> ResponseReturnValue:
    wanted = filter_asked_for()
    try:
        saved_filters.save(web.session(), request.form.get("name", ""), wanted, by=viewer())
    except (InvalidInputError, NameTakenError) as error:
        return show(wanted, refused=_told(error), status=422)
    return _shown(wanted)


@pages.get("/<uuid:filter_id>")
def open_filter(filter_id: UUID) -> ResponseReturnValue:
    """The list that somebody's filter lets through."""
    return _shown(Filter.from_json(saved_filters.get(web.session(), filter_id, by=viewer()).query))


@pages.post("/<uuid:filter_id>")
def rename(filter_id: UUID) -> ResponseReturnValue:
    wanted = Filter.from_json(saved_filters.get(web.session(), filter_id, by=viewer()).query)
    try:
        saved_filters.rename(web.session(), filter_id, request.form.get("name", ""), by=viewer(), seen=seen_on_page())
    except (InvalidInputError, NameTakenError) as error:
        return show(wanted, refused=_told(error), status=422)
    except VersionChangedError as error:
        return show(wanted, refused=str(error), status=412)
    return _shown(wanted)


@pages.post("/<uuid:filter_id>/delete")
def delete(filter_id: UUID) -> ResponseReturnValue:
    wanted = Filter.from_json(saved_filters.get(web.session(), filter_id, by=viewer()).query)
    try:
        saved_filters.delete(web.session(), filter_id, by=viewer(), seen=seen_on_page())
    except VersionChangedError as error:
        return show(wanted, refused=str(error), status=412)
    return _shown(wanted)


def _shown(wanted: Filter) -> ResponseReturnValue:
    return redirect(url_for("review.worklist.waiting", **address_of(wanted)), 303)


def _told(error: InvalidInputError | NameTakenError) -> str:
    return " ".join(error.facts["errors"]["name"]) if isinstance(error, InvalidInputError) else str(error)
