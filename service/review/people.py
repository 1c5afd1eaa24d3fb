"""Administration: people with their roles and families, and how each family is checked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import (
    InvalidInputError,
    LastAdministratorError,
    LegationError,
    NameTakenError,
    OwnAccountError,
    VersionChangedError,
)
from service.operations import accounts, people, second_reading
from service.operations.actor import ROLE_SCOPES
from service.operations.people import Change
from service.operations.second_reading import Rules
from service.review.asked import seen_on_page
from service.review.viewer import viewer
from workers.extraction.families import FAMILIES, FAMILY_OF

pages = Blueprint("people", __name__, url_prefix="/administration/people")


@pages.get("")
def show() -> ResponseReturnValue:
    return _page()


def _page(refused: str = "", status: int = 422) -> ResponseReturnValue:
    found = second_reading.rules(web.session(), by=viewer())
    rules = {one.family: one for one in found}
    page = render_template(
        "people.html",
        people=people.everybody(web.session(), by=viewer()),
        roles=tuple(ROLE_SCOPES),
        families=FAMILIES,
        rules=[(family, rules[family.name]) for family in FAMILIES],
        rules_version=second_reading.version(found),
        refused=refused,
        shortest=accounts.SHORTEST_PASSWORD,
    )
    return page, status if refused else 200


@pages.post("")
def add() -> ResponseReturnValue:
    username, password, role = (request.form.get(name, "") for name in ("username", "password", "role"))
    try:
        made = accounts.create_user(web.session(), username, password, role, by=viewer())
    except (InvalidInputError, NameTakenError) as error:
        return _page(in_words(error))
    return _done(f"{made.username} can sign in now.")


@pages.post("/<username>")
def change(username: str) -> ResponseReturnValue:
    """The role and the families; a role that is not sent, as one's own, stays."""
    wanted = Change(role=request.form.get("role"), families=request.form.getlist("family"))
    return _changed(username, wanted, f"{username} is changed.")


@pages.post("/<username>/disable")
def disable(username: str) -> ResponseReturnValue:
    return _changed(username, Change(is_disabled=True), f"{username} is signed out and cannot sign in any more.")


@pages.post("/<username>/enable")
def enable(username: str) -> ResponseReturnValue:
    return _changed(username, Change(is_disabled=False), f"{username} can sign in again.")


@pages.post("/<username>/password")
def set_password(username: str) -> ResponseReturnValue:
    try:
        accounts.set_password(web.session(), username, request.form.get("password", ""), by=viewer())
    except InvalidInputError as error:
        return _page(in_words(error))
    return _done(f"{username} has another password, and is signed out.")


def _changed(username: str, wanted: Change, told: str) -> ResponseReturnValue:
    try:
        people.change(web.session(), username, wanted, by=viewer(), seen=seen_on_page())
    except (InvalidInputError, OwnAccountError, LastAdministratorError) as error:
        return _page(in_words(error))
    except VersionChangedError:
        return _page(f"{username} was changed since you opened this page. Look at it as it is now.", 412)
    return _done(told)


@pages.post("/families/shares")
def set_rules() -> ResponseReturnValue:
    """The shares of all families, in per cent; those that stay are left alone."""
    session, by = web.session(), viewer()
    known, seen = second_reading.rules(session, by=by), seen_on_page()
    try:
        wanted = [Rules(family, _share(f"second:{family}"), _share(f"gold:{family}")) for family in FAMILY_OF]
    except InvalidInputError as error:
        return _page(in_words(error))
    try:
        second_reading.set_all_rules(session, [rules for rules in wanted if rules not in known], by=by, seen=seen)
    except VersionChangedError:
        return _page("The shares were changed since you opened this page. Look at them as they are now.", 412)
    return _done("The shares are set, for what is read from now on.")


def _share(name: str) -> float:
    """Raises InvalidInputError."""
    percent = request.form.get(name, type=float)
    if percent is None or not 0 <= percent <= 100:
        raise InvalidInputError({"shares": ["Give each in per cent, from 0 to 100."]})
    return percent / 100


def _done(told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for(".show"), 303)


def in_words(error: LegationError) -> str:
    """What was refused, with the fields that it was about."""
    if not isinstance(error, InvalidInputError):
        return str(error)
    complaints = error.facts["errors"].items()
    return " ".join(f"{name.replace('_', ' ').capitalize()}: {' '.join(told)}" for name, told in complaints)
