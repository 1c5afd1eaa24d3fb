"""Signing in and out, and one's own password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, NotFoundError, TooManyAttemptsError, UnknownUserError
from service.operations import accounts
from service.review import provider, words
from service.review.attempts import attempt
from service.review.own_paths import next_path
from service.review.viewer import TOKEN, viewer, viewer_or_none

pages = Blueprint("accounts", __name__)


@pages.get("/sign-in")
def sign_in_form() -> ResponseReturnValue:
    if viewer_or_none():
        return redirect(next_path())
    why = {"is_out": "out" in request.args, "ran_out": "ran_out" in request.args}
    return render_template("sign_in.html", next=next_path(), **why)


@pages.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    _check_passwords()
    username, password = request.form.get("username", ""), request.form.get("password", "")
    hours = web.services().settings.signin_hours
    try:
        with attempt(username):
            token, _ = accounts.sign_in(web.session(), username, password, hours=hours)
    except UnknownUserError as error:
        return render_template("sign_in.html", next=next_path(), username=username, error=str(error)), 422
    except TooManyAttemptsError as error:
        return _too_many(error, username)
    session.clear()  # with it goes the CSRF token of the time before
    session[TOKEN] = token
    return redirect(next_path(), 303)


def _too_many(error: TooManyAttemptsError, username: str) -> ResponseReturnValue:
    seconds = error.facts["retry_after"]
    page = render_template(
        "sign_in.html", next=next_path(), username=username, wait=words.count(-(-seconds // 60), "minute")
    )
    return page, 429, {"Retry-After": str(seconds)}


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """A page leads on to the provider, since a form's answer may redirect nowhere else (form-action of the CSP)."""
    id_token = accounts.sign_out(web.session(), session[TOKEN])
    session.clear()
    if address := provider.sign_out_address(id_token):
        return render_template("onward.html", address=address)
    return redirect(url_for("review.accounts.sign_in_form", out=1), 303)


@pages.get("/account/password")
def password_form() -> ResponseReturnValue:
    done = {"is_saved": "saved" in request.args, "is_linked": "linked" in request.args}
    return render_template("password.html", shortest=accounts.SHORTEST_PASSWORD, **done)


@pages.post("/account/password")
def change_password() -> ResponseReturnValue:
    _check_passwords()
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


def _check_passwords() -> None:
    """Raises NotFoundError where people get in without."""
    if not web.services().settings.passwords:
        raise NotFoundError("sign-in", "by password")
