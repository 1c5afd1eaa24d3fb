"""People whom an OpenID provider vouches for. Who somebody is, is told by issuer and subject together, and by nothing
else: names and e-mail addresses are given to others in time, and many providers let people choose them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.errors import IdentityRefusedError, IdentityTakenError, LastAdministratorError
from service.operations import accounts, audit, people
from service.operations.accounts import LONGEST_NAME
from service.operations.actor import Actor
from service.operations.people import Change
from service.store.models import User, new_id

NOT_IN_NAMES = re.compile(r"[^\w.@+-]+")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider has signed in: `name` is what he likes to be called there, `role` what his claims make him here,
    none where they say nothing.
    """

    issuer: str
    subject: str
    name: str
    role: str | None
    id_token: str = field(repr=False, default="")


def sign_in(session: Session, identity: Identity, *, default_role: str | None, hours: int) -> str:
    """Starts a sign-in of the person with this identity, and returns its token. Somebody unknown gets an account where
    his claims, or the `default_role`, give him a role. A role that the claims give is that of the account from now on.

    Raises IdentityRefusedError for who has no account, none any more, or none that he may have.
    """
    user = _find(session, identity) or _create_once(session, identity, default_role)
    if user.disabled_at:
        raise IdentityRefusedError("Your account is disabled. An administrator can let you in again.")
    if identity.role and identity.role != user.role:
        _give_role(session, user, identity.role)
    return accounts.start_sign_in(session, user, hours=hours, id_token=identity.id_token)


def link(session: Session, identity: Identity, *, by: Actor) -> None:
    """From now on this identity signs in who links it, besides his password. Raises IdentityTakenError."""
    known = _find(session, identity)
    if known and known.id != by.user_id:
        raise IdentityTakenError()
    with session.begin():
        user = session.get_one(User, by.user_id, with_for_update=True)
        user.oidc_issuer, user.oidc_subject = identity.issuer, identity.subject
        after = {"issuer": identity.issuer, "subject": identity.subject}
        audit.note(session, "user.linked", ("user", user.id), by=by, after=after)


def _find(session: Session, identity: Identity) -> User | None:
    is_his = User.oidc_issuer == identity.issuer, User.oidc_subject == identity.subject
    with session.begin():
        return session.scalar(select(User).where(*is_his))


def _create_once(session: Session, identity: Identity, default_role: str | None) -> User:
    """The account that is made, or that another browser of the same person made a moment before."""
    try:
        return _create(session, identity, default_role)
    except IntegrityError:
        made = _find(session, identity)
        if made is None:
            raise
        return made


def _create(session: Session, identity: Identity, default_role: str | None) -> User:
    role = identity.role or default_role
    if role is None:
        raise IdentityRefusedError("You have no account here. An administrator can make one.")
    username = NOT_IN_NAMES.sub("-", identity.name).strip("-").lower()[:LONGEST_NAME]
    if not username:
        raise IdentityRefusedError("Your provider tells no name that an account could have.")
    identified = {"oidc_issuer": identity.issuer, "oidc_subject": identity.subject}
    with session.begin():
        known = session.scalar(select(User).where(User.username == username))
        if known and (known.oidc_issuer, known.oidc_subject) == (identity.issuer, identity.subject):
            return known  # by another browser of the same person, a moment ago
        if known:
            raise IdentityRefusedError(
                f"There is an account {username!r} already. If it is yours, sign in with its password, and link it on "
                "the page of your password."
            )
        user = User(id=new_id(), username=username, role=role, **identified)
        session.add(user)
        session.flush()
        after = {"username": username, "role": role, "issuer": identity.issuer, "subject": identity.subject}
        audit.note(session, "user.created", ("user", user.id), by=None, after=after)
        session.refresh(user)
    return user


def _give_role(session: Session, user: User, role: str) -> None:
    username = user.username
    try:
        people.change(session, username, Change(role=role), by=None)
    except LastAdministratorError:  # he gets in as what he is, so that there is one who can see to it
        log.warning("oidc.last_administrator_kept", username=username, told=role)
