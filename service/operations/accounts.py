"""People: who they are and how they sign in."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import re
import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NameTakenError, NotFoundError, UnknownUserError
from service.operations import audit
from service.operations.actor import ROLE_SCOPES, Actor
from service.store.models import SignIn, User, new_id

# Argon2id with the OWASP minimum: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
SHORTEST_PASSWORD = 12
TOO_SHORT = f"Needs at least {SHORTEST_PASSWORD} characters."
LONGEST_NAME = 100
NO_NAME = re.compile(r"[\s/]")


@functools.cache
def _nobodys_hash() -> str:
    """Verified when the user is unknown, so that the answer takes as long as for a known one."""
    return HASHER.hash(secrets.token_urlsafe())


def create_user(session: Session, username: str, password: str, role: str, *, by: Actor | None) -> User:
    """Adds a person. Names are kept in lower case. Raises InvalidInputError, NameTakenError."""
    if by:
        by.require("admin")
    username = username.strip().lower()
    _check_account(username, password, role)
    user = User(id=new_id(), username=username, password_hash=HASHER.hash(password), role=role)
    with session.begin():
        if session.scalar(select(User.id).where(User.username == username)):
            raise NameTakenError(f"There is a user {username!r} already.")
        session.add(user)
        session.flush()
        audit.note(session, "user.created", ("user", user.id), by=by, after={"username": username, "role": role})
    return user


def _check_account(username: str, password: str, role: str) -> None:
    errors = {}
    if not username:
        errors["username"] = ["Must not be empty."]
    elif len(username) > LONGEST_NAME or not username.isprintable() or NO_NAME.search(username):
        errors["username"] = [f"Must be at most {LONGEST_NAME} characters, without blanks and slashes."]
    if len(password) < SHORTEST_PASSWORD:
        errors["password"] = [TOO_SHORT]
    if role not in ROLE_SCOPES:
        errors["role"] = [f"Must be one of {', '.join(ROLE_SCOPES)}."]
    if errors:
        raise InvalidInputError(errors)


def set_password(session: Session, username: str, password: str, *, by: Actor | None) -> None:
    """Gives a person another password, and ends his sign-ins. Raises InvalidInputError, NotFoundError."""
    if by:
        by.require("admin")
    _check_password("password", password)
    with session.begin():
        user = session.scalar(select(User).where(User.username == username.strip().lower()).with_for_update())
        if user is None:
            raise NotFoundError("user", username)
        user.password_hash = HASHER.hash(password)
        _end_sign_ins(session, user)
        audit.note(session, "user.password_reset", ("user", user.id), by=by)


def change_password(session: Session, old: str, new: str, *, token: str, by: Actor) -> None:
    """Changes one's own password by the old one, and ends one's sign-ins but that of the token.

    Raises InvalidInputError.
    """
    _check_password("new", new)
    with session.begin():
        user = session.get_one(User, by.user_id, with_for_update=True)
        if not _verified(user.password_hash or _nobodys_hash(), old):
            raise InvalidInputError({"old": ["Is not your password."]})
        user.password_hash = HASHER.hash(new)
        _end_sign_ins(session, user, SignIn.token_sha256 != _sha256(token))
        audit.note(session, "user.password_changed", ("user", user.id), by=by)


def _end_sign_ins(session: Session, user: User, *which: ColumnElement[bool]) -> None:
    of_user = SignIn.user_id == user.id, SignIn.ended_at.is_(None)
    session.execute(update(SignIn).where(*of_user, *which).values(ended_at=func.now(), id_token=None))


def _check_password(field: str, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInputError({field: [TOO_SHORT]})


def sign_in(session: Session, username: str, password: str, *, hours: int) -> tuple[str, Actor]:
    """Starts a new sign-in and returns its token, which only the browser keeps. Raises UnknownUserError."""
    with session.begin():
        user = session.scalar(select(User).where(User.username == username.strip().lower(), User.disabled_at.is_(None)))
        if not _verified((user and user.password_hash) or _nobodys_hash(), password) or user is None:
            raise UnknownUserError()
        token = _start(session, user, hours)
    return token, actor_of(user)


def start_sign_in(session: Session, user: User, *, hours: int, id_token: str) -> str:
    """Starts a sign-in of somebody for whom an OpenID provider vouches. Returns its token, as `sign_in` does."""
    with session.begin():
        return _start(session, user, hours, id_token)


def _start(session: Session, user: User, hours: int, id_token: str | None = None) -> str:
    token = secrets.token_urlsafe(32)
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    session.add(SignIn(token_sha256=_sha256(token), user_id=user.id, expires_at=until, id_token=id_token))
    audit.note(session, "user.signed_in", ("user", user.id), by=actor_of(user))
    return token


def signed_in(session: Session, token: str) -> Actor | None:
    """The person whom a browser's token stands for; None when it has ended, run out or never was."""
    with session.begin():
        row = session.scalar(
            select(SignIn).where(
                SignIn.token_sha256 == _sha256(token), SignIn.ended_at.is_(None), SignIn.expires_at > func.now()
            )
        )
        return actor_of(row.user) if row and row.user.disabled_at is None else None


def sign_out(session: Session, token: str) -> str | None:
    """Ends a sign-in on the server, whatever the browser does with its cookie. Returns the token of the provider that
    it began with, where it did.
    """
    with session.begin():
        row = session.get(SignIn, _sha256(token))
        id_token = row.id_token if row else None
        ended = (
            update(SignIn)
            .where(SignIn.token_sha256 == _sha256(token), SignIn.ended_at.is_(None))
            .values(ended_at=func.now(), id_token=None)
            .returning(SignIn.user_id)
        )
        for user_id in session.scalars(ended):
            user = session.get_one(User, user_id)
            audit.note(session, "user.signed_out", ("user", user_id), by=actor_of(user))
    return id_token


def find_user(session: Session, username: str) -> User | None:
    with session.begin():
        return session.scalar(select(User).where(User.username == username.strip().lower()))


def reviewers(session: Session, *, by: Actor) -> Sequence[User]:
    """Those to whom items can be assigned, by name."""
    by.require("review")
    roles = [role for role, scopes in ROLE_SCOPES.items() if "review" in scopes]
    wanted = select(User).where(User.role.in_(roles), User.disabled_at.is_(None)).order_by(User.username)
    with session.begin():
        return session.scalars(wanted).all()


def actor_of(user: User) -> Actor:
    return Actor(user.id, user.username, ROLE_SCOPES[user.role], families=frozenset(user.families))


def _verified(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
