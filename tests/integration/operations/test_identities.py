"""People whom a provider vouches for, as far as no browser is needed to see it."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import IdentityRefusedError, UnknownUserError
from service.operations import accounts, identities
from service.operations.actor import Actor
from service.operations.identities import Identity
from service.services import Services
from tests.conftest import PASSWORD

ROSA = Identity("https://id.example", "7f3a", "Rosa L.", "reviewer")


def sign_in(services: Services, identity: Identity, default_role: str | None = None) -> Actor:
    with services.sessions() as session:
        token = identities.sign_in(session, identity, default_role=default_role, hours=1)
        actor = accounts.signed_in(session, token)
    assert actor is not None
    return actor


def test_who_comes_in_twice_at_once_gets_one_account(services: Services) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = {one.user_id for one in pool.map(lambda _: sign_in(services, ROSA), range(4))}
    assert len(ids) == 1


def test_the_same_subject_of_another_issuer_is_somebody_else(services: Services) -> None:
    first = sign_in(services, ROSA)
    assert first.username == "rosa-l."
    with pytest.raises(IdentityRefusedError, match="already"):
        sign_in(services, dataclasses.replace(ROSA, issuer="https://other.example"))
    other = sign_in(services, dataclasses.replace(ROSA, issuer="https://other.example", name="rosa@other.example"))
    assert other.user_id != first.user_id


@pytest.mark.parametrize("name", ["", "   ", "///"])
def test_who_has_no_name_that_an_account_could_have_gets_none(services: Services, name: str) -> None:
    with pytest.raises(IdentityRefusedError, match="no name"):
        sign_in(services, dataclasses.replace(ROSA, name=name))


def test_claims_that_give_no_role_change_nothing_and_the_last_administrator_stays(services: Services) -> None:
    sign_in(services, dataclasses.replace(ROSA, role="administrator"))
    assert "admin" in sign_in(services, dataclasses.replace(ROSA, role=None)).scopes
    assert "admin" in sign_in(services, dataclasses.replace(ROSA, role="reader")).scopes


def test_who_has_no_password_gets_in_by_none_until_he_is_given_one(services: Services) -> None:
    sign_in(services, ROSA)
    with services.sessions() as session:
        for password in ("", PASSWORD):
            with pytest.raises(UnknownUserError):
                accounts.sign_in(session, "rosa-l.", password, hours=1)
        accounts.set_password(session, "rosa-l.", PASSWORD, by=None)
        assert accounts.sign_in(session, "rosa-l.", PASSWORD, hours=1)[1].username == "rosa-l."
