"""Administration: API keys, made and changed, with the secret shown in the answer that makes it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, KeyEndedError, VersionChangedError
from service.operations import accounts, keys, people
from service.operations.keys import LIMITS, NewKey
from service.review.asked import seen_on_page
from service.review.people import in_words
from service.review.viewer import viewer
from service.store.models import SCOPES

OVERLAPS = {0: "not at all", 1: "for an hour", 24: "for a day", 24 * 7: "for a week", 24 * 30: "for 30 days"}
USUAL_OVERLAP = 24
LONGEST_DAYS = 10_000

pages = Blueprint("api_keys", __name__, url_prefix="/administration/keys")


@pages.get("")
def index() -> ResponseReturnValue:
    return _index()


def _index(refused: str = "") -> ResponseReturnValue:
    session, by = web.session(), viewer()
    page = render_template(
        "api_keys.html",
        api_keys=keys.list_keys(session, by=by),
        owners=[one.user for one in people.everybody(session, by=by) if not one.user.disabled_at],
        refused=refused,
        **_common(),
    )
    return page, 422 if refused else 200


@pages.post("")
def create() -> ResponseReturnValue:
    session, form = web.session(), request.form
    try:
        owner = accounts.find_user(session, form.get("owner", ""))
        if owner is None:
            raise InvalidInputError({"owner": ["Is nobody here."]})
        more: dict[str, Any] = {"expires_at": _end(), **_limits()}
        name, scopes = form.get("name", ""), form.getlist("scope")
        made = keys.create_key(session, name, scopes, owner, by=viewer(), longest=_longest(), **more)
    except InvalidInputError as error:
        return _index(in_words(error))
    return _secret(made)


@pages.get("/<uuid:key_id>")
def show(key_id: UUID) -> ResponseReturnValue:
    return _show(key_id)


def _show(key_id: UUID, refused: str = "") -> ResponseReturnValue:
    key = keys.get(web.session(), key_id, by=viewer())
    page = render_template(
        "api_key.html", key=key, overlaps=OVERLAPS, usual=USUAL_OVERLAP, refused=refused, **_common()
    )
    return page, 422 if refused else 200


@pages.post("/<uuid:key_id>")
def change(key_id: UUID) -> ResponseReturnValue:
    """Its end stays where no days are given, and there is none any more where it is ticked so."""
    try:
        changes: dict[str, Any] = {"name": request.form.get("name", ""), **_limits()}
        end = _end()
        if end or "endless" in request.form:
            changes["expires_at"] = end
        keys.change(web.session(), key_id, changes, by=viewer(), seen=seen_on_page(), longest=_longest())
    except (InvalidInputError, KeyEndedError, VersionChangedError) as error:
        return _show(key_id, in_words(error))
    flash("The key is changed.")
    return redirect(url_for(".show", key_id=key_id), 303)


@pages.post("/<uuid:key_id>/rotate")
def rotate(key_id: UUID) -> ResponseReturnValue:
    hours = request.form.get("overlap", USUAL_OVERLAP, type=int)
    overlap = dt.timedelta(hours=hours if hours in OVERLAPS else USUAL_OVERLAP)
    try:
        rotated = keys.rotate(
            web.session(), key_id, overlap=overlap, by=viewer(), seen=seen_on_page(), longest=_longest()
        )
    except (InvalidInputError, KeyEndedError, VersionChangedError) as error:
        return _show(key_id, in_words(error))
    return _secret(rotated)


@pages.post("/<uuid:key_id>/revoke")
def revoke(key_id: UUID) -> ResponseReturnValue:
    try:
        key = keys.revoke(web.session(), key_id, by=viewer())
    except KeyEndedError as error:
        return _show(key_id, in_words(error))
    flash(f"{key.name} is revoked. Whoever was reading with it is out.")
    return redirect(url_for(".index"), 303)


def _secret(made: NewKey) -> str:
    """Shown by the answer itself: an address that showed it again would be one that keeps it."""
    return render_template("api_key_secret.html", key=made.key, secret=made.secret, now=dt.datetime.now(dt.UTC))


def _common() -> dict[str, Any]:
    return {"now": dt.datetime.now(dt.UTC), "state_of": keys.state_of, "scopes": SCOPES, "longest": _longest()}


def _longest() -> int | None:
    return web.services().settings.key_days


def _end() -> dt.datetime | None:
    """Raises InvalidInputError."""
    days = _number("days", LONGEST_DAYS)
    return dt.datetime.now(dt.UTC) + dt.timedelta(days=days) if days else None


def _limits() -> dict[str, int | None]:
    """Raises InvalidInputError."""
    return {name: _number(name, keys.LARGEST_LIMIT) for name in LIMITS}


def _number(name: str, most: int) -> int | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:12]) <= most:
        raise InvalidInputError({name: [f"Must be a whole number from 1 to {most:,}, or empty."]})
    return int(text)
