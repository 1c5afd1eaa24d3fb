"""Which keys a person works with: what can be chosen, and that it is kept and audited."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.errors import InvalidInputError
from service.operations import preferences
from service.operations.actor import Actor
from service.operations.preferences import Keys
from service.services import Services
from service.store.models import AuditEntry


def test_chosen_keys_are_kept_for_their_person_alone(
    services: Services, reviewer: Actor, second_reviewer: Actor
) -> None:
    with services.sessions() as session:
        preferences.set_keys(session, {"approve": " Ж ", "modality": ""}, are_on=True, tab_checks=True, by=reviewer)
        preferences.switch_keys(session, are_on=False, by=reviewer)
    with services.sessions() as session:
        kept = preferences.keys_of(session, by=reviewer)
        assert kept == Keys({"approve": "ж", "modality": ""}, are_on=False, tab_checks=True)
        assert (kept.by_key["ж"], "a" in kept.by_key, "m" in kept.by_key) == ("approve", False, False)
        assert preferences.keys_of(session, by=second_reviewer) == Keys()
        noted = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "user.keys_set").order_by(AuditEntry.number)
        )
        assert [(entry.actor_id, entry.after and entry.after["are_on"]) for entry in noted] == [
            (reviewer.user_id, True),
            (reviewer.user_id, False),
        ]


def test_two_actions_can_exchange_their_keys(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session:
        preferences.set_keys(session, {"approve": "r", "reject": "a"}, are_on=True, tab_checks=False, by=reviewer)
        preferences.set_keys(session, {"approve": "a", "reject": "r"}, are_on=True, tab_checks=False, by=reviewer)
        assert preferences.keys_of(session, by=reviewer) == Keys()


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ({"approve": "r"}, {"approve", "reject"}),
        ({"approve": "ab"}, {"approve"}),
        ({"approve": "\u200b"}, {"approve"}),
        ({"approve": "7"}, {"approve"}),
        ({"approve": "İ"}, {"approve"}),  # two characters in lower case: no key gives both at once
        ({"dance": "d"}, {"dance"}),
    ],
)
def test_what_is_no_key_is_refused(
    services: Services, reviewer: Actor, wanted: dict[str, str], wrong: set[str]
) -> None:
    with services.sessions() as session, pytest.raises(InvalidInputError) as refused:
        preferences.set_keys(session, wanted, are_on=True, tab_checks=False, by=reviewer)
    assert set(refused.value.facts["errors"]) == wrong
