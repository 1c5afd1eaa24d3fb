"""What a person sets for himself: the single keys that he works with, and where the Tab key goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from service.errors import InvalidInputError
from service.operations import audit
from service.operations.actor import Actor
from service.store.models import User

# What a single key can do, with the key that does it where a person has not chosen another one.
USUAL_KEYS = {
    "approve": "a",
    "fix": "f",
    "reject": "r",
    "skip": "s",
    "snooze": "z",
    "undo": "u",
    "next_to_check": ".",
    "words": "e",
    "modality": "m",
    "point": "w",
    "comment": "c",
    "add": "n",
    "next": "j",
    "previous": "k",
    "search": "/",
    "keys": "?",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """`chosen` are the keys that differ from the usual ones, by action; "" is none. With `tab_checks`, Tab goes through
    the fields to check only.
    """

    chosen: Mapping[str, str] = field(default_factory=dict)
    are_on: bool = True
    tab_checks: bool = False

    def of(self, action: str) -> str:
        """The key of an action; "" for none."""
        return self.chosen.get(action, USUAL_KEYS[action])

    @property
    def by_key(self) -> dict[str, str]:
        """The action of each key."""
        return {self.of(action): action for action in USUAL_KEYS if self.of(action)}


def keys_of(session: Session, *, by: Actor) -> Keys:
    with session.begin():
        return _read(session.get_one(User, by.user_id).preferences)


def set_keys(session: Session, wanted: Mapping[str, str], *, are_on: bool, tab_checks: bool, by: Actor) -> Keys:
    """Sets the key of each action in `wanted` ("" for none); the others keep theirs. Raises InvalidInputError."""
    with session.begin():
        user = session.get_one(User, by.user_id, with_for_update=True)
        keys = {action: _read(user.preferences).of(action) for action in USUAL_KEYS}
        keys |= {action: key.strip().lower() for action, key in wanted.items()}
        _check(keys)
        chosen = {action: key for action, key in keys.items() if key != USUAL_KEYS[action]}
        return _save(session, user, Keys(chosen, are_on, tab_checks), by)


def switch_keys(session: Session, *, are_on: bool, by: Actor) -> Keys:
    """Switches all single keys on or off; which key does what stays."""
    with session.begin():
        user = session.get_one(User, by.user_id, with_for_update=True)
        known = _read(user.preferences)
        return _save(session, user, Keys(known.chosen, are_on, known.tab_checks), by)


def _check(keys: Mapping[str, str]) -> None:
    """One printable character for each action, and one action for each. Digits belong to the numbers of fields."""
    times = Counter(keys.values())
    errors: dict[str, list[str]] = {}
    for action, key in keys.items():
        if action not in USUAL_KEYS:
            errors[action] = [f"Must be one of {', '.join(USUAL_KEYS)}."]
        elif key and (len(key) != 1 or not key.isprintable() or key.isspace()):
            errors[action] = ["Must be one letter or sign."]
        elif key.isdecimal():
            errors[action] = ["Digits go to the fields with their numbers."]
        elif key and times[key] > 1:
            errors[action] = [f"Only one action can have the key {key.upper()}."]
    if errors:
        raise InvalidInputError(errors)


def _read(preferences: Mapping[str, Any]) -> Keys:
    """Actions that are no more are passed over."""
    kept = preferences.get("keys", {})
    chosen = {action: key for action, key in kept.get("chosen", {}).items() if action in USUAL_KEYS}
    return Keys(chosen, kept.get("are_on", True), kept.get("tab_checks", False))


def _save(session: Session, user: User, keys: Keys, by: Actor) -> Keys:
    before = user.preferences.get("keys")
    after = {"chosen": dict(keys.chosen), "are_on": keys.are_on, "tab_checks": keys.tab_checks}
    user.preferences = {**user.preferences, "keys": after}
    audit.note(session, "user.keys_set", ("user", user.id), by=by, before=before, after=after)
    return keys
