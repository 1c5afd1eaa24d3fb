"""API keys: `lgn_<prefix>_<secret>`. The prefix is shown and looked up; of the whole only a SHA-256 is kept, which is
enough for 190 random bits, and quick enough for every request.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NotFoundError, NotSignedInError
from service.operations import audit
from service.operations.actor import ROLE_SCOPES, Actor
from service.store.models import SCOPES, ApiKey, User, new_id

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
USE_NOTED_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `secret` is the whole key, shown this once."""

    key: ApiKey
    secret: str


def create_key(session: Session, name: str, scopes: Iterable[str], owner: User, *, by: Actor | None) -> NewKey:
    """Makes a key that acts for `owner`. Its scopes cannot exceed the owner's role. Raises InvalidInputError."""
    if by:
        by.require("admin")
    wanted = [scope for scope in SCOPES if scope in set(scopes)]
    if not wanted or set(scopes) - ROLE_SCOPES[owner.role]:
        allowed = ", ".join(sorted(ROLE_SCOPES[owner.role]))
        raise InvalidInputError({"scopes": [f"Must be some of {allowed} for a {owner.role}."]})
    prefix, rest = _random(8), _random(38)
    secret = f"lgn_{prefix}_{rest}"
    key = ApiKey(id=new_id(), name=name, prefix=prefix, secret_sha256=_sha256(secret), scopes=wanted, owner_id=owner.id)
    with session.begin():
        session.add(key)
        session.flush()
        after = {"name": name, "prefix": prefix, "scopes": wanted, "owner": owner.username}
        audit.note(session, "key.created", ("key", key.id), by=by, after=after)
    return NewKey(key, secret)


def authenticate(session: Session, secret: str) -> Actor:
    """Who a key acts for. Raises NotSignedInError when it is unknown, revoked, or its owner is disabled."""
    prefix = secret.split("_")[1] if secret.startswith("lgn_") and secret.count("_") == 2 else ""
    with session.begin():
        key = session.scalar(select(ApiKey).where(ApiKey.prefix == prefix, ApiKey.revoked_at.is_(None)))
        if key is None or not hmac.compare_digest(key.secret_sha256, _sha256(secret)) or key.owner.disabled_at:
            raise NotSignedInError("The API key is not valid.")
        _note_use(session, key)
    scopes = frozenset(key.scopes) & ROLE_SCOPES[key.owner.role]
    return Actor(key.owner.id, key.owner.username, scopes, key.id, frozenset(key.owner.families))


def revoke(session: Session, prefix: str, *, by: Actor | None) -> None:
    """Ends a key at once. Raises NotFoundError."""
    if by:
        by.require("admin")
    with session.begin():
        key = session.scalar(select(ApiKey).where(ApiKey.prefix == prefix, ApiKey.revoked_at.is_(None)))
        if key is None:
            raise NotFoundError("key", prefix)
        key.revoked_at = dt.datetime.now(dt.UTC)
        audit.note(session, "key.revoked", ("key", key.id), by=by, before={"prefix": prefix})


def list_keys(session: Session) -> list[ApiKey]:
    with session.begin():
        return list(session.scalars(select(ApiKey).order_by(ApiKey.id)))


def _note_use(session: Session, key: ApiKey) -> None:
    """Notes the time of use, at most once a minute: a write for every read would cost more than the read."""
    now = dt.datetime.now(dt.UTC)
    if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
        session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=func.now()))


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
