"""The single keys of the person who looks: on every page, and the page on which he changes them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError
from service.operations import preferences
from service.operations.preferences import USUAL_KEYS, Keys
from service.review.viewer import own_keys, viewer

GROUPS = {
    "Decide": {
        "approve": "Approve as drafted",
        "fix": "Fix: go to the first field to check",
        "reject": "Reject, then the digit of a reason",
        "skip": "Skip, for you only",
        "snooze": "Snooze for all, then the digit of a time",
        "undo": "Undo your last decision",
    },
    "Move": {
        "next_to_check": "Next field to check",
        "words": "From a field to its words, and back",
        "modality": "Modality",
        "next": "Give this back, open the next item",
        "previous": "Back to the item before",
    },
    "Work on the record": {
        "point": "Point at the words of the field in focus",
        "comment": "Comment on the field in focus",
        "add": "Add an event that the machine missed",
    },
    "On every page": {
        "search": "Search",
        "keys": "These keys",
    },
}

pages = Blueprint("keys", __name__, url_prefix="/account/keys")


@dataclass(frozen=True, slots=True)
class Choice:
    """An action with the key as it is or was typed, and what is wrong with it."""

    action: str
    label: str
    key: str
    usual: str
    errors: tuple[str, ...] = ()


@pages.get("")
def show() -> ResponseReturnValue:
    return _page(own_keys())


@pages.post("")
def save() -> ResponseReturnValue:
    typed = {action: request.form[action] for action in USUAL_KEYS if action in request.form}
    are_on, tab_checks = "are_on" in request.form, request.form.get("tab") == "checks"
    if "usual" in request.form:
        typed = dict(USUAL_KEYS)
    try:
        preferences.set_keys(web.session(), typed, are_on=are_on, tab_checks=tab_checks, by=viewer())
    except InvalidInputError as error:
        return _page(Keys(typed, are_on, tab_checks), error.facts["errors"]), 422
    return redirect(url_for(".show", saved=1), 303)


@pages.post("/switch")
def switch() -> ResponseReturnValue:
    """Switches the keys on or off where they are told."""
    preferences.switch_keys(web.session(), are_on="are_on" in request.form, by=viewer())
    return "", 204


def _page(keys: Keys, errors: dict[str, list[str]] | None = None) -> str:
    groups = {
        title: [
            Choice(action, label, keys.of(action), USUAL_KEYS[action], tuple((errors or {}).get(action, ())))
            for action, label in actions.items()
        ]
        for title, actions in GROUPS.items()
    }
    return render_template("keys_page.html", groups=groups, keys=keys, errors=errors, is_saved="saved" in request.args)
