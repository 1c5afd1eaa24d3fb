"""API keys: `lgn_<prefix>_<secret>`. The prefix is shown and looked up; of the whole only a SHA-256 is kept, which is
enough for 190 random bits, and quick enough for every request.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, contains_eager

from service.errors import InvalidInputError, KeyEndedError, NotFoundError, NotSignedInError
from service.operations import audit
from service.operations.actor import ROLE_SCOPES, Actor
from service.operations.versions import ANY, Seen
from service.store.access import KeyInUse, lets_in
from service.store.models import IN_WORK, SCOPES, ApiKey, Document, User, new_id

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
USE_NOTED_EVERY = dt.timedelta(minutes=1)
LONGEST_NAME = 100
LARGEST_LIMIT = 1_000_000_000
OVERLAP = dt.timedelta(days=1)
LONGEST_OVERLAP = dt.timedelta(days=30)
LIMITS = ("rate_limit", "documents_in_work")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made or rotated. `secret` is the whole key, shown this once."""

    key: ApiKey
    secret: str


def create_key(
    session: Session,
    name: str,
    scopes: Iterable[str],
    owner: User,
    *,
    by: Actor | None,
    longest: int | None = None,
    **more: Any,
) -> NewKey:
    """Makes a key that acts for `owner`. Its scopes cannot exceed the owner's role. `more` is when it ends
    (`expires_at`), and LIMITS of its own. Where keys live `longest` days at most, one without an end lives as long.

    Raises InvalidInputError.
    """
    _require_admin(by)
    wanted = [scope for scope in SCOPES if scope in set(scopes)]
    if not wanted or set(scopes) - ROLE_SCOPES[owner.role]:
        allowed = ", ".join(sorted(ROLE_SCOPES[owner.role]))
        raise InvalidInputError({"scopes": [f"Must be some of {allowed} for a {owner.role}."]})
    prefix = _random(8)
    secret = _secret(prefix)
    key = ApiKey(id=new_id(), name="", prefix=prefix, secret_sha256=_sha256(secret), scopes=wanted, owner_id=owner.id)
    with session.begin():
        key.secret_at = _now(session)
        _set(key, {"name": name, "expires_at": None, **more}, longest, key.secret_at)
        session.add(key)
        session.flush()
        after = {"prefix": prefix, "scopes": wanted, "owner": owner.username, **_told(key)}
        audit.note(session, "key.created", ("key", key.id), by=by, after=after)
        session.refresh(key)
    return NewKey(key, secret)


def authenticate(session: Session, secret: str) -> Actor:
    """Who a key acts for. Raises NotSignedInError when it is unknown, ended, or its owner is disabled."""
    prefix = secret.split("_")[1] if secret.startswith("lgn_") and secret.count("_") == 2 else ""
    sha256 = _sha256(secret)
    found = select(ApiKey).join(ApiKey.owner).options(contains_eager(ApiKey.owner))
    with session.begin():
        key = session.scalar(found.where(ApiKey.prefix == prefix, lets_in(sha256)))
        if key is None:
            raise NotSignedInError("The API key is not valid.")
        _note_use(session, key)
    owner = key.owner
    in_use = KeyInUse(key.id, sha256, key.rate_limit, key.documents_in_work)
    scopes = frozenset(key.scopes) & ROLE_SCOPES[owner.role]
    return Actor(owner.id, owner.username, scopes, in_use, frozenset(owner.families))


def change(
    session: Session,
    key_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor | None,
    seen: Seen = ANY,
    longest: int | None = None,
) -> ApiKey:
    """Changes the name, the end (`expires_at`) or LIMITS. Only as long as it is at a version that was seen.

    Raises InvalidInputError, KeyEndedError, NotFoundError, VersionChangedError.
    """
    _require_admin(by)
    with session.begin():
        key = _open(session, key_id, seen)
        before = _told(key)
        _set(key, changes, longest, _now(session))
        if _told(key) != before:
            key.version += 1
            audit.note(session, "key.changed", ("key", key.id), by=by, before=before, after=_told(key))
    return key


def rotate(
    session: Session,
    key_id: UUID,
    *,
    by: Actor | None,
    overlap: dt.timedelta = OVERLAP,
    seen: Seen = ANY,
    longest: int | None = None,
    **more: Any,
) -> NewKey:
    """Gives a key a new secret; the old one lets in for the `overlap` yet, and one that is older than that no more.
    A key that ends lives as long again as it was to live, unless `more` has another `expires_at`.

    Raises InvalidInputError, KeyEndedError, NotFoundError, VersionChangedError.
    """
    _require_admin(by)
    if not dt.timedelta() <= overlap <= LONGEST_OVERLAP:
        raise InvalidInputError({"overlap": [f"Must be from 0 seconds to {LONGEST_OVERLAP.days} days."]})
    with session.begin():
        key = _open(session, key_id, seen)
        now = _now(session)
        secret = _secret(key.prefix)
        before = _told(key)
        expires_at = _as_long_again(key, now, longest)
        until = min(now + overlap, key.expires_at or now + overlap)
        key.previous_sha256, key.previous_until = (key.secret_sha256, until) if until > now else (None, None)
        key.secret_sha256, key.secret_at = _sha256(secret), now
        _set(key, {"expires_at": expires_at, **more}, longest, now)
        key.version += 1
        after = {**_told(key), "overlap_seconds": int(overlap.total_seconds())}
        audit.note(session, "key.rotated", ("key", key.id), by=by, before=before, after=after)
    return NewKey(key, secret)


def revoke(session: Session, key_id: UUID, *, by: Actor | None, seen: Seen = ANY) -> ApiKey:
    """Ends a key at once, also where a reader stays. Raises KeyEndedError, NotFoundError, VersionChangedError."""
    _require_admin(by)
    with session.begin():
        key = _open(session, key_id, seen)
        key.revoked_at = _now(session)
        key.version += 1
        audit.note(session, "key.revoked", ("key", key.id), by=by, before={"prefix": key.prefix})
    return key


def get(session: Session, key_id: UUID, *, by: Actor | None) -> ApiKey:
    """Raises NotFoundError."""
    _require_admin(by)
    with session.begin():
        key = session.get(ApiKey, key_id)
    if key is None:
        raise NotFoundError("key", key_id)
    return key


def id_of(session: Session, prefix: str) -> UUID:
    """Raises NotFoundError."""
    with session.begin():
        found = session.scalar(select(ApiKey.id).where(ApiKey.prefix == prefix))
    if found is None:
        raise NotFoundError("key", prefix)
    return found


def find(session: Session, *, by: Actor, after: UUID | None = None, limit: int) -> Sequence[ApiKey]:
    """The oldest first; `after` is the last id of the page that came before."""
    by.require("admin")
    wanted = select(ApiKey).order_by(ApiKey.id).limit(limit)
    if after:
        wanted = wanted.where(ApiKey.id > after)
    with session.begin():
        return session.scalars(wanted).all()


def list_keys(session: Session, *, by: Actor | None) -> Sequence[ApiKey]:
    """All keys, those that are revoked last, else the oldest first."""
    _require_admin(by)
    with session.begin():
        return session.scalars(select(ApiKey).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id)).all()


def count_in_work(session: Session, *, by: Actor) -> dict[UUID, int]:
    """How many documents of each key are in work, for keys that have some."""
    by.require("admin")
    counted = select(Document.created_with, func.count()).where(text(IN_WORK)).group_by(Document.created_with)
    with session.begin():
        return {key_id: number for key_id, number in session.execute(counted) if key_id}


def state_of(key: ApiKey, now: dt.datetime) -> str:
    """Whether it lets in: "valid", "expired", "revoked", or "owner disabled"."""
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= now:
        return "expired"
    return "owner disabled" if key.owner.disabled_at else "valid"


def _require_admin(by: Actor | None) -> None:
    if by:
        by.require("admin")


def _open(session: Session, key_id: UUID, seen: Seen) -> ApiKey:
    """A key that is not revoked, locked, and at the version that its changer has seen."""
    key = session.get(ApiKey, key_id, with_for_update={"of": ApiKey}, populate_existing=True)
    if key is None:
        raise NotFoundError("key", key_id)
    seen.check(key.version)
    if key.revoked_at:
        raise KeyEndedError()
    return key


def _set(key: ApiKey, changes: Mapping[str, Any], longest: int | None, now: dt.datetime) -> None:
    """Raises InvalidInputError."""
    values = dict(changes)
    latest = key.secret_at + dt.timedelta(days=longest) if longest else None
    if "name" in values:
        values["name"] = values["name"].strip()
    if "expires_at" in values:
        values["expires_at"] = values["expires_at"] or latest
    complaints = {name: _complaint(name, value, now, latest) for name, value in values.items()}
    if errors := {name: [complaint] for name, complaint in complaints.items() if complaint}:
        raise InvalidInputError(errors)
    for name, value in values.items():
        setattr(key, name, value)


def _complaint(name: str, value: Any, now: dt.datetime, latest: dt.datetime | None) -> str:
    if name == "name":
        is_good = 0 < len(value) <= LONGEST_NAME and value.isprintable()
        return "" if is_good else f"Must be 1 to {LONGEST_NAME} characters, on one line."
    if value is None:
        return ""
    if name in LIMITS:
        return "" if 0 < value <= LARGEST_LIMIT else f"Must be from 1 to {LARGEST_LIMIT:,}."
    if value <= now:
        return "Must be in the future."
    is_too_late = latest is not None and value > latest
    return f"Must be {latest:%Y-%m-%d %H:%M} UTC at the latest: no secret may live longer here." if is_too_late else ""


def _as_long_again(key: ApiKey, now: dt.datetime, longest: int | None) -> dt.datetime | None:
    if key.expires_at is None:
        return None
    lifetime = key.expires_at - key.secret_at
    return now + (min(lifetime, dt.timedelta(days=longest)) if longest else lifetime)


def _told(key: ApiKey) -> dict[str, Any]:
    ends = key.expires_at and audit.moment(key.expires_at)
    return {"name": key.name, "expires_at": ends, **{name: getattr(key, name) for name in LIMITS}}


def _note_use(session: Session, key: ApiKey) -> None:
    """Notes the time of use, at most once a minute: a write for every read would cost more than the read."""
    now = dt.datetime.now(dt.UTC)
    if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
        session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=func.now()))


def _now(session: Session) -> dt.datetime:
    return session.scalars(select(func.now())).one()


def _secret(prefix: str) -> str:
    return f"lgn_{prefix}_{_random(38)}"


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
