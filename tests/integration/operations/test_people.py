"""What administrators change about people holds at once, and is in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from service.errors import (
    InvalidInputError,
    LastAdministratorError,
    NotFoundError,
    NotSignedInError,
    OwnAccountError,
    ScopeMissingError,
    UnknownUserError,
)
from service.operations import accounts, claims, keys, people
from service.operations.actor import Actor
from service.operations.people import Change
from service.services import Services
from service.store.models import AuditEntry, ReviewItem, User
from tests.conftest import PASSWORD, create_actor, create_key
from tests.factories import create_drafted_document


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


def assignees(session: Session, event_ids: list[UUID]) -> list[UUID | None]:
    with session.begin():
        found = dict(session.execute(select(ReviewItem.event_id, ReviewItem.assignee_id)).all())
    return [found[one] for one in event_ids]


def test_a_reviewer_is_kept_to_families_and_what_he_cannot_do_any_more_is_everybodys(
    session: Session, administrator: Actor, reviewer: Actor, story: list[UUID]
) -> None:
    for event_id in story:
        claims.assign(session, event_id, "rosa", by=administrator)
    changed = people.change(session, "rosa", Change(families=["visit", "treaty"]), by=administrator)
    assert (changed.user.families, changed.assigned) == (["visit", "treaty"], 1)
    assert assignees(session, story) == [reviewer.user_id, None]
    _, actor = accounts.sign_in(session, "rosa", PASSWORD, hours=1)
    assert actor.families == {"visit", "treaty"}
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "user.changed")).one()
    session.rollback()
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["families"], entry.after["families"]) == ([], ["visit", "treaty"])
    assert entry.after["given_back"] == 1


def test_who_is_disabled_is_out_at_once_and_can_be_let_in_again(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, story: list[UUID]
) -> None:
    claims.assign(session, story[0], "rosa", by=administrator)
    token, _ = accounts.sign_in(session, "rosa", PASSWORD, hours=1)
    key = create_key(services, reviewer, "read")
    people.change(session, "rosa", Change(is_disabled=True), by=administrator)
    assert accounts.signed_in(session, token) is None
    with pytest.raises(NotSignedInError):
        keys.authenticate(session, key)
    assert assignees(session, story) == [None, None]
    assert [one.user.username for one in people.everybody(session, by=administrator)] == ["ada", "rosa"]
    assert [one.username for one in accounts.reviewers(session, by=administrator)] == ["ada"]
    people.change(session, "rosa", Change(is_disabled=False), by=administrator)
    assert accounts.signed_in(session, token) is not None


def test_a_role_changes_what_one_may(session: Session, administrator: Actor, reviewer: Actor) -> None:
    token, _ = accounts.sign_in(session, "rosa", PASSWORD, hours=1)
    people.change(session, "rosa", Change(role="adjudicator"), by=administrator)
    actor = accounts.signed_in(session, token)
    assert actor is not None
    assert "adjudicate" in actor.scopes


def test_nobody_locks_himself_out_or_changes_what_is_not_his_to_change(
    session: Session, administrator: Actor, reviewer: Actor
) -> None:
    for wanted in (Change(is_disabled=True), Change(role="reader")):
        with pytest.raises(OwnAccountError):
            people.change(session, "ada", wanted, by=administrator)
    people.change(session, "ada", Change(role="administrator", families=["visit"]), by=administrator)
    for wanted in (Change(role="king"), Change(families=["weather"])):
        with pytest.raises(InvalidInputError):
            people.change(session, "rosa", wanted, by=administrator)
    with pytest.raises(NotFoundError):
        people.change(session, "nobody", Change(), by=administrator)
    with pytest.raises(ScopeMissingError):
        people.change(session, "rosa", Change(role="administrator"), by=reviewer)
    roles = {one.user.username: one.user.role for one in people.everybody(session, by=administrator)}
    assert roles == {"ada": "administrator", "rosa": "reviewer"}


def test_the_last_administrator_stays(services: Services, session: Session, administrator: Actor) -> None:
    for wanted in (Change(is_disabled=True), Change(role="adjudicator")):
        with pytest.raises(LastAdministratorError):
            people.change(session, "ada", wanted, by=None)
    with pytest.raises(DBAPIError, match="last administrator"), services.sessions.begin() as other:
        other.execute(update(User).values(role="reader"))
    create_actor(services, "bea", "administrator")
    people.change(session, "ada", Change(role="reader"), by=None)
    with pytest.raises(LastAdministratorError):
        people.change(session, "bea", Change(is_disabled=True), by=None)


def test_of_two_administrators_who_disable_each_other_one_stays(services: Services, administrator: Actor) -> None:
    create_actor(services, "bea", "administrator")

    def disable(username: str) -> bool:
        with services.sessions() as session:
            try:
                people.change(session, username, Change(is_disabled=True), by=None)
            except LastAdministratorError:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, ["ada", "bea"])) == [False, True]


def test_a_password_that_is_reset_ends_all_sign_ins_one_that_is_changed_all_others(
    session: Session, administrator: Actor, reviewer: Actor
) -> None:
    here, there = (accounts.sign_in(session, "rosa", PASSWORD, hours=1)[0] for _ in range(2))
    with pytest.raises(InvalidInputError):
        accounts.change_password(session, "wrong", "another good password", token=here, by=reviewer)
    with pytest.raises(InvalidInputError):
        accounts.change_password(session, PASSWORD, "short", token=here, by=reviewer)
    accounts.change_password(session, PASSWORD, "another good password", token=here, by=reviewer)
    assert accounts.signed_in(session, here) == reviewer
    assert accounts.signed_in(session, there) is None
    accounts.set_password(session, "rosa", "a third good password", by=administrator)
    assert accounts.signed_in(session, here) is None
    with pytest.raises(UnknownUserError):
        accounts.sign_in(session, "rosa", "another good password", hours=1)
    accounts.sign_in(session, "rosa", "a third good password", hours=1)
    with pytest.raises(ScopeMissingError):
        accounts.set_password(session, "ada", "a third good password", by=reviewer)
    with pytest.raises(NotFoundError):
        accounts.set_password(session, "nobody", "a third good password", by=administrator)
