"""Signing in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import UnknownUserError
from service.operations import accounts
from service.review.viewer import TOKEN, viewer_or_none

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
        token, _ = accounts.sign_in(web.session(), username, password, hours=hours)
    except UnknownUserError as error:
        return render_template("sign_in.html", next=_next(), username=username, error=str(error)), 422
    session.clear()  # with it goes the CSRF token of the time before
    session[TOKEN] = token
    return redirect(_next(), 303)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    accounts.sign_out(web.session(), session[TOKEN])
    session.clear()
    return redirect(url_for("review.accounts.sign_in_form", out=1), 303)


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
