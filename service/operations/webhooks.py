"""Webhooks: who is sent the changes, what of them, and with which secret they are signed (standardwebhooks.com)."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NotFoundError
from service.operations import audit
from service.operations.actor import Actor
from service.operations.versions import Seen
from service.receivers import Receivers, RefusedError
from service.sealing import Sealer
from service.store.models import CHANGES, Change, Webhook, new_id
from workers.extraction.families import FAMILY_OF

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what all secrets begin with


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook with its new secret, which is told this once."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a webhook is to be like; what is None stays as it is. No families: all. `is_enabled` goes on from where it
    stood in the feed.
    """

    url: str | None = None
    families: Collection[str] | None = None
    ops: Collection[str] | None = None
    is_enabled: bool | None = None

    def check(self, receivers: Receivers) -> None:
        """Raises InvalidInputError. Looks up the address's name, so it is no matter for a transaction."""
        errors = {}
        if set(self.families or ()) - set(FAMILY_OF):
            errors["families"] = [f"Must be of {', '.join(FAMILY_OF)}."]
        if self.ops is not None and (not self.ops or set(self.ops) - set(CHANGES)):
            errors["ops"] = [f"Must be at least one of {', '.join(CHANGES)}."]
        if self.url is not None:
            try:
                receivers.find(self.url)
            except RefusedError as error:
                errors["url"] = [str(error)]
        if errors:
            raise InvalidInputError(errors)


def create(
    session: Session,
    url: str,
    *,
    by: Actor,
    receivers: Receivers,
    sealer: Sealer,
    families: Collection[str] = (),
    ops: Collection[str] = CHANGES,
    from_seq: int | None = None,
) -> Made:
    """A webhook that is sent the changes from number `from_seq` on; without it those that come from now on.

    Raises InvalidInputError.
    """
    by.require("admin")
    wanted = Wanted(url=url, families=families, ops=ops)
    wanted.check(receivers)
    secret = secrets.token_bytes(SECRET_BYTES)
    with session.begin():
        newest = session.scalar(select(func.max(Change.seq))) or 0
        if from_seq is not None and not 1 <= from_seq <= newest + 1:
            raise InvalidInputError({"from_seq": [f"Must be from 1 to {newest + 1}, the number of the next change."]})
        webhook = Webhook(
            id=new_id(),
            position=newest if from_seq is None else from_seq - 1,
            secret=sealer.seal(secret),
            created_by=by.user_id,
        )
        _apply(webhook, wanted)
        session.add(webhook)
        session.flush()
        session.refresh(webhook)
        after = {**_told(webhook), "from_seq": webhook.position + 1}
        audit.note(session, "webhook.created", ("webhook", webhook.id), by=by, after=after)
    return Made(webhook, shown(secret))


def change(
    session: Session, webhook_id: UUID, wanted: Wanted, *, seen: Seen, by: Actor, receivers: Receivers
) -> Webhook:
    """Raises InvalidInputError, VersionChangedError, NotFoundError."""
    by.require("admin")
    wanted.check(receivers)
    with session.begin():
        webhook = _locked(session, webhook_id, seen)
        before = _told(webhook)
        _apply(webhook, wanted)
        _switch(session, webhook, wanted.is_enabled)
        if before != _told(webhook):
            webhook.version += 1
            named = ("webhook", webhook.id)
            audit.note(session, "webhook.changed", named, by=by, before=before, after=_told(webhook))
    return webhook


def rotate(session: Session, webhook_id: UUID, *, seen: Seen, by: Actor, sealer: Sealer, hours: int) -> Made:
    """A new secret. The old one goes on signing beside it for so many hours; one that was older ends at once.

    Raises VersionChangedError, NotFoundError.
    """
    by.require("admin")
    secret = secrets.token_bytes(SECRET_BYTES)
    with session.begin():
        webhook = _locked(session, webhook_id, seen)
        until = _now(session) + dt.timedelta(hours=hours)
        webhook.previous_secret, webhook.previous_until, webhook.secret = webhook.secret, until, sealer.seal(secret)
        webhook.version += 1
        after = {"old_secret_until": until.isoformat()}
        audit.note(session, "webhook.rotated", ("webhook", webhook.id), by=by, after=after)
    return Made(webhook, shown(secret))


def delete(session: Session, webhook_id: UUID, *, seen: Seen, by: Actor) -> None:
    """With all of its deliveries. Raises VersionChangedError, NotFoundError."""
    by.require("admin")
    with session.begin():
        webhook = _locked(session, webhook_id, seen)
        audit.note(session, "webhook.deleted", ("webhook", webhook.id), by=by, before=_told(webhook))
        session.delete(webhook)


def get(session: Session, webhook_id: UUID, *, by: Actor) -> Webhook:
    """Raises NotFoundError."""
    by.require("admin")
    with session.begin():
        webhook = session.get(Webhook, webhook_id)
    if webhook is None:
        raise NotFoundError("webhook", webhook_id)
    return webhook


def find(session: Session, *, by: Actor, after: UUID | None = None, limit: int) -> Sequence[Webhook]:
    """The oldest first; `after` is the last id of the page that came before."""
    by.require("admin")
    wanted = select(Webhook).order_by(Webhook.id).limit(limit)
    if after:
        wanted = wanted.where(Webhook.id > after)
    with session.begin():
        return session.scalars(wanted).all()


def disable(session: Session, webhook: Webhook, reason: str) -> None:
    """What the service does itself, within a transaction; nothing where it is disabled already."""
    if webhook.disabled_at is None:
        before = _told(webhook)
        webhook.disabled_at, webhook.disabled_reason = _now(session), reason
        webhook.version += 1
        audit.note(session, "webhook.disabled", ("webhook", webhook.id), by=None, before=before, after=_told(webhook))


def shown(secret: bytes) -> str:
    """As receivers keep it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def _locked(session: Session, webhook_id: UUID, seen: Seen) -> Webhook:
    webhook = session.get(Webhook, webhook_id, with_for_update={"of": Webhook}, populate_existing=True)
    if webhook is None:
        raise NotFoundError("webhook", webhook_id)
    seen.check(webhook.version)
    return webhook


def _apply(webhook: Webhook, wanted: Wanted) -> None:
    if wanted.url is not None:
        webhook.url = wanted.url
    if wanted.families is not None:
        webhook.families = [name for name in FAMILY_OF if name in wanted.families]
    if wanted.ops is not None:
        webhook.ops = [op for op in CHANGES if op in wanted.ops]


def _switch(session: Session, webhook: Webhook, is_enabled: bool | None) -> None:
    if is_enabled is None or is_enabled == (webhook.disabled_at is None):
        return
    if is_enabled:
        webhook.disabled_at = webhook.disabled_reason = webhook.failing_since = None
    else:
        webhook.disabled_at, webhook.disabled_reason = _now(session), "administrator"


def _told(webhook: Webhook) -> dict[str, Any]:
    told = {"url": webhook.url, "families": list(webhook.families), "ops": list(webhook.ops)}
    return {**told, "disabled": webhook.disabled_reason}


def _now(session: Session) -> dt.datetime:
    return session.scalars(select(func.now())).one()
