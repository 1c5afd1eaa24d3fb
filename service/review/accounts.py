"""Signing in and out, and one's own password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, TooManyAttemptsError, UnknownUserError
from service.operations import accounts
from service.review import words
from service.review.attempts import attempt
from service.review.viewer import TOKEN, viewer, viewer_or_none

pages = Blueprint("accounts", __name__)


@pages.get("/sign-in")
def sign_in_form() -> ResponseReturnValue:
    if viewer_or_none():
        return redirect(_next())
    why = {"is_out": "out" in request.args, "ran_out": "ran_out" in request.args}
    return render_template("sign_in.html", next=_next(), **why)


@pages.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    username, password = request.form.get("username", ""), request.form.get("password", "")
    hours = web.services().settings.signin_hours
    try:
        with attempt(username):
            token, _ = accounts.sign_in(web.session(), username, password, hours=hours)
    except UnknownUserError as error:
        return render_template("sign_in.html", next=_next(), username=username, error=str(error)), 422
    except TooManyAttemptsError as error:
        return _too_many(error, username)
    session.clear()  # with it goes the CSRF token of the time before
    session[TOKEN] = token
    return redirect(_next(), 303)


def _too_many(error: TooManyAttemptsError, username: str) -> ResponseReturnValue:
    seconds = error.facts["retry_after"]
    page = render_template(
        "sign_in.html", next=_next(), username=username, wait=words.count(-(-seconds // 60), "minute")
    )
    return page, 429, {"Retry-After": str(seconds)}


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    accounts.sign_out(web.session(), session[TOKEN])
    session.clear()
    return redirect(url_for("review.accounts.sign_in_form", out=1), 303)


@pages.get("/account/password")
def password_form() -> ResponseReturnValue:
    return render_template("password.html", shortest=accounts.SHORTEST_PASSWORD, is_saved="saved" in request.args)


@pages.post("/account/password")
def change_password() -> ResponseReturnValue:
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    try:
        if new != again:
            raise InvalidInputError({"again": ["Is not the same."]})
        with attempt(viewer().username):
            accounts.change_password(web.session(), old, new, token=session[TOKEN], by=viewer())
    except InvalidInputError as error:
        errors = error.facts["errors"]
        return render_template("password.html", shortest=accounts.SHORTEST_PASSWORD, errors=errors), 422
    return redirect(url_for(".password_form", saved=1), 303)


def _next() -> str:
    """Where to go after the sign-in: a path of this site, whatever the address says."""
    wanted = request.values.get("next", "")
    return wanted if is_own_path(wanted) else url_for("review.worklist.waiting")


def is_own_path(target: str) -> bool:
    """Browsers take "//host", "/\\host" and tabs or line ends within them for another site's address."""
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc
