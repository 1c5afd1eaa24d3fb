"""Who may: passwords, sign-ins and keys."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from service.errors import InvalidInputError, NameTakenError, NotSignedInError, ScopeMissingError, UnknownUserError
from service.operations import accounts, keys
from service.operations.actor import Actor
from service.services import Services
from service.store.models import ApiKey, SignIn, User
from tests.conftest import PASSWORD, create_actor, create_key


def test_a_sign_in_ends_on_the_server(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session:
        token, actor = accounts.sign_in(session, " Rosa ", PASSWORD, hours=1)
        assert actor == reviewer
        assert accounts.signed_in(session, token) == reviewer
        accounts.sign_out(session, token)
        assert accounts.signed_in(session, token) is None


def test_a_sign_in_runs_out(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session:
        token, _ = accounts.sign_in(session, "rosa", PASSWORD, hours=1)
        with session.begin():
            session.execute(update(SignIn).values(expires_at=func.now()))
        assert accounts.signed_in(session, token) is None


@pytest.mark.parametrize(("username", "password"), [("rosa", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_is_refused_alike(
    services: Services, reviewer: Actor, username: str, password: str
) -> None:
    with services.sessions() as session, pytest.raises(UnknownUserError):
        accounts.sign_in(session, username, password, hours=1)


def test_a_disabled_user_is_out_at_once(services: Services, reviewer: Actor) -> None:
    secret = create_key(services, reviewer, "read")
    with services.sessions() as session:
        token, _ = accounts.sign_in(session, "rosa", PASSWORD, hours=1)
        with session.begin():
            session.execute(update(User).values(disabled_at=func.now()))
        assert accounts.signed_in(session, token) is None
        with pytest.raises(NotSignedInError):
            keys.authenticate(session, secret)
        with pytest.raises(UnknownUserError):
            accounts.sign_in(session, "rosa", PASSWORD, hours=1)


def test_only_hashes_of_secrets_are_stored(services: Services, administrator: Actor) -> None:
    secret = create_key(services, administrator, "read")
    with services.sessions() as session:
        token, _ = accounts.sign_in(session, "ada", PASSWORD, hours=1)
        user = session.scalars(select(User)).one()
        key = session.scalars(select(ApiKey)).one()
        sign_in = session.scalars(select(SignIn)).one()
    assert user.password_hash.startswith("$argon2id$")
    assert key.secret_sha256 not in secret
    assert sign_in.token_sha256 != token


def test_names_are_unique_whatever_their_case(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session, pytest.raises(NameTakenError):
        accounts.create_user(session, "ROSA", PASSWORD, "reviewer", by=None)


def test_a_bad_account_is_refused_field_by_field(services: Services) -> None:
    with services.sessions() as session, pytest.raises(InvalidInputError) as refused:
        accounts.create_user(session, " ", "short", "king", by=None)
    assert set(refused.value.facts["errors"]) == {"username", "password", "role"}


def test_only_administrators_make_accounts_and_keys(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session:
        with pytest.raises(ScopeMissingError):
            accounts.create_user(session, "mallory", PASSWORD, "administrator", by=reviewer)
        with pytest.raises(ScopeMissingError):
            keys.revoke(session, uuid4(), by=reviewer)


def test_a_key_acts_for_its_owner_within_its_scopes(services: Services, administrator: Actor) -> None:
    secret = create_key(services, administrator, "read", "upload")
    with services.sessions() as session:
        actor = keys.authenticate(session, secret)
    assert (actor.user_id, actor.scopes) == (administrator.user_id, {"read", "upload"})
    assert actor.key_id is not None


def test_a_key_cannot_do_more_than_its_owner(services: Services) -> None:
    reader = create_actor(services, "rita", "reader")
    with pytest.raises(InvalidInputError):
        create_key(services, reader, "admin")


def test_a_revoked_key_is_refused_at_once(services: Services, administrator: Actor) -> None:
    secret = create_key(services, administrator, "read")
    with services.sessions() as session:
        keys.revoke(session, keys.id_of(session, secret.split("_")[1]), by=administrator)
        with pytest.raises(NotSignedInError):
            keys.authenticate(session, secret)


@pytest.mark.parametrize("secret", ["", "lgn_", "lgn__", "Bearer", "lgn_aaaaaaaa_bbbb", "\x00", "lgn_a_b_c"])
def test_what_is_no_key_is_refused(services: Services, secret: str) -> None:
    with services.sessions() as session, pytest.raises(NotSignedInError):
        keys.authenticate(session, secret)


def test_the_right_prefix_with_another_secret_is_refused(services: Services, administrator: Actor) -> None:
    secret = create_key(services, administrator, "read")
    with services.sessions() as session, pytest.raises(NotSignedInError):
        keys.authenticate(session, secret[:-1] + ("a" if secret[-1] != "a" else "b"))
