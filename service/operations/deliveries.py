"""Deliveries: what each webhook is sent of the feed, in which order, how often it is tried, and the log of it.

A webhook has a position in the feed. `fan_out` moves it on and makes the deliveries in one transaction; `claim` takes
what is due under a lease; `finish` says how an attempt ended. Between these two somebody sends, without a transaction.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased, selectinload

from service.errors import NotFoundError
from service.operations import audit, feed, webhooks
from service.operations.actor import Actor
from service.operations.feed import Told
from service.sealing import CannotUnsealError, Sealer
from service.store.models import PING, Attempt, Change, Delivery, Event, Webhook, new_id

FAN_OUT = 500
"""Changes that one transaction looks at."""
DELAYS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds from each failed try to the next one: the table of Standard Webhooks, whose first try is at once."""
JITTER = 0.1
"""By so much of itself a delay is longer at most, so that what failed together is not tried again together."""
LONGEST_RETRY_AFTER = 86_400
LARGEST_PAYLOAD = 20_000
"""Bytes. A larger message tells where to read the change instead."""
GONE = 410
ASK_FOR_TIME = (429, 503)
OK = range(200, 300)
SECRET_LOST = "The secret cannot be read, as LEGATION_SECRET_KEY has changed. Rotate it."  # noqa: S105 - no secret

Earlier = aliased(Delivery, name="earlier")


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent, with the secrets that sign it."""

    delivery_id: UUID
    webhook_id: UUID
    url: str
    secrets: tuple[bytes, ...]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: with a status and the beginning of the answer, or with an error instead."""

    at: dt.datetime
    seconds: float
    status: int | None = None
    answer: str | None = None
    error: str | None = None
    retry_after: float | None = None

    @property
    def came_through(self) -> bool:
        return self.status in OK


@dataclass(frozen=True, slots=True)
class Lease:
    """Who sends: `token` is one process, which keeps what it has for so many seconds at a time."""

    token: UUID
    seconds: float

    @property
    def until(self) -> ColumnElement[dt.datetime]:
        return func.now() + dt.timedelta(seconds=self.seconds)


# From the feed to deliveries


def behind(session: Session) -> Sequence[UUID]:
    """The webhooks that have not been given all changes yet."""
    newest = select(func.coalesce(func.max(Change.seq), 0)).scalar_subquery()
    with session.begin():
        wanted = select(Webhook.id).where(Webhook.disabled_at.is_(None), Webhook.position < newest)
        return session.scalars(wanted.order_by(Webhook.id)).all()


def fan_out(session: Session, webhook_id: UUID) -> int:
    """Moves the webhook on by some changes, and makes its deliveries of those that it wants. Returns by how many it was
    moved: none when somebody else is at it.
    """
    with session.begin():
        mine = select(Webhook).where(Webhook.id == webhook_id, Webhook.disabled_at.is_(None))
        webhook = session.scalar(mine.with_for_update(of=Webhook, skip_locked=True))
        if webhook is None:
            return 0
        changes = session.execute(
            select(Change.seq, Change.op, Change.event_id, Event.type)
            .join(Event, Event.id == Change.event_id)
            .where(Change.seq > webhook.position)
            .order_by(Change.seq)
            .limit(FAN_OUT)
        ).all()
        made = [
            {"id": new_id(), "webhook_id": webhook.id, "type": f"event.{op}", "seq": seq, "event_id": event_id}
            for seq, op, event_id, family in changes
            if op in webhook.ops and (not webhook.families or family in webhook.families)
        ]
        if made:
            session.execute(insert(Delivery), made)
        if changes:
            webhook.position = changes[-1].seq
        return len(changes)


# Sending


def ready(session: Session) -> Sequence[UUID]:
    """The webhooks with something to send now."""
    with session.begin():
        due = exists().where(Delivery.webhook_id == Webhook.id, *_is_due())
        return session.scalars(select(Webhook.id).where(due)).all()


def claim(
    session: Session, webhook_id: UUID, lease: Lease, *, limit: int, sealer: Sealer, public_url: str
) -> list[Message]:
    """Takes what is due, the oldest first, and makes the messages of it. A webhook whose secret cannot be read is
    disabled instead.
    """
    with session.begin():
        webhook = session.get(Webhook, webhook_id, populate_existing=True)
        if webhook is None:
            return []
        try:
            secrets = _secrets(session, webhook, sealer)
        except CannotUnsealError:
            _give_up(session, webhook)
            return []
        taken = session.scalars(
            select(Delivery)
            .join(Webhook, Webhook.id == Delivery.webhook_id)
            .where(Webhook.id == webhook_id, *_is_due())
            .order_by(Delivery.due_at, Delivery.id)
            .limit(limit)
            .with_for_update(of=Delivery, skip_locked=True)
        ).all()
        for delivery in taken:
            delivery.lease_token, delivery.lease_until = lease.token, lease.until
        bodies = _bodies(session, taken, public_url)
        return [Message(one.id, webhook.id, webhook.url, secrets, bodies[one.id]) for one in taken]


_WAITS = (Delivery.state == "waiting",)


def _is_due() -> tuple[ColumnElement[bool], ...]:
    """Waiting, in nobody's hands, its time has come, and no earlier change of the same event waits for this webhook. A
    disabled one gets pings alone.
    """
    held_up = exists().where(
        Earlier.webhook_id == Delivery.webhook_id,
        Earlier.event_id == Delivery.event_id,
        Earlier.seq < Delivery.seq,
        Earlier.state == "waiting",
    )
    is_free = or_(Delivery.lease_until.is_(None), Delivery.lease_until < func.now())
    is_wanted = or_(Webhook.disabled_at.is_(None), Delivery.type == PING)
    return *_WAITS, Delivery.due_at <= func.now(), is_wanted, is_free, ~held_up


def _secrets(session: Session, webhook: Webhook, sealer: Sealer) -> tuple[bytes, ...]:
    """The secret, and the one before while it is valid. Raises CannotUnsealError."""
    secrets = [sealer.unseal(webhook.secret)]
    still = select(Webhook.previous_secret).where(Webhook.id == webhook.id, Webhook.previous_until > func.now())
    if (previous := session.scalar(still)) is not None:
        secrets += _unsealed_if_it_can_be(previous, sealer)
    return tuple(secrets)


def _unsealed_if_it_can_be(sealed: bytes, sealer: Sealer) -> list[bytes]:
    """The secret that a rotation put away because it was lost cannot sign any more, and need not."""
    try:
        return [sealer.unseal(sealed)]
    except CannotUnsealError:
        return []


def _bodies(session: Session, deliveries: Sequence[Delivery], public_url: str) -> dict[UUID, str]:
    """Of each delivery the same at every attempt: rows of the feed never change."""
    told = {one.change.seq: one for one in feed.told(session, [d.seq for d in deliveries if d.seq is not None])}
    return {d.id: _ping(d) if d.seq is None else _body(d, told[d.seq], public_url) for d in deliveries}


def _body(delivery: Delivery, told: Told, public_url: str) -> str:
    row = told.to_json()
    body = _encode(delivery.type, row["at"], row)
    if len(body) <= LARGEST_PAYLOAD:
        return body
    event = {"id": row["event"]["id"], "revision": row["event"]["revision"]}
    url = f"{public_url.rstrip('/')}/api/v1/changes/{row['seq']}"
    return _encode(delivery.type, row["at"], {**row, "event": event, "url": url})


def _ping(delivery: Delivery) -> str:
    return _encode(PING, delivery.created_at.isoformat(), {"webhook": str(delivery.webhook_id)})


def _encode(type: str, timestamp: str, data: dict[str, Any]) -> str:
    """As Standard Webhooks wants it: ASCII, so that as many bytes as characters."""
    return feed.encode({"type": type, "timestamp": timestamp, "data": data})


def renew(session: Session, deliveries: Collection[UUID], lease: Lease) -> None:
    """Keeps what is still being sent."""
    with session.begin():
        held = update(Delivery).where(Delivery.id.in_(deliveries), Delivery.lease_token == lease.token)
        session.execute(held.values(lease_until=lease.until))


def release(session: Session, deliveries: Collection[UUID], lease: Lease) -> None:
    """Gives back what was claimed and is not sent now."""
    with session.begin():
        held = update(Delivery).where(Delivery.id.in_(deliveries), Delivery.lease_token == lease.token)
        session.execute(held.values(lease_token=None, lease_until=None))


def finish(
    session: Session,
    message: Message,
    outcome: Outcome,
    lease: Lease,
    *,
    patience_days: int,
    chance: Callable[[], float] = random.random,
) -> bool:
    """Writes an attempt down, and what comes of it. False when somebody else has taken the delivery over, whose attempt
    counts then; nothing is written.
    """
    with session.begin():
        webhook = _judged(session, message.webhook_id, outcome)
        delivery = session.get(Delivery, message.delivery_id, with_for_update=True, populate_existing=True)
        if webhook is None or delivery is None or delivery.lease_token != lease.token:
            return False
        now = session.scalars(select(func.now())).one()
        _note(session, delivery, outcome)
        if outcome.came_through:
            _end(delivery, "delivered", now)
            webhook.failing_since = None
        else:
            _plan_next(delivery, outcome, now, chance)
            _judge(session, webhook, delivery, outcome, now, dt.timedelta(days=patience_days))
        return True


def _judged(session: Session, webhook_id: UUID, outcome: Outcome) -> Webhook | None:
    """The webhook, locked where the outcome changes something about it: what comes through must not queue for that."""
    webhook = session.get(Webhook, webhook_id, populate_existing=True)
    if webhook is None or (outcome.came_through and webhook.failing_since is None):
        return webhook
    return session.get(Webhook, webhook_id, with_for_update=_AS_WHOLE, populate_existing=True)


_AS_WHOLE = {"of": Webhook, "key_share": True}


def _give_up(session: Session, webhook: Webhook) -> None:
    """Nothing can be signed. What waits does so until there is a new secret; who sent a ping is told."""
    session.refresh(webhook, with_for_update=_AS_WHOLE)
    webhooks.disable(session, webhook, "secret_lost")
    now = session.scalars(select(func.now())).one()
    waiting = select(Delivery).where(Delivery.webhook_id == webhook.id, Delivery.type == PING, *_WAITS)
    for delivery in session.scalars(waiting.with_for_update()):
        _note(session, delivery, Outcome(at=now, seconds=0, error=SECRET_LOST))
        _end(delivery, "failed", now)


def _note(session: Session, delivery: Delivery, outcome: Outcome) -> None:
    delivery.tries += 1
    delivery.attempts += 1
    delivery.lease_token = delivery.lease_until = None
    session.add(
        Attempt(
            delivery_id=delivery.id,
            number=delivery.attempts,
            at=outcome.at,
            seconds=outcome.seconds,
            status=outcome.status,
            error=outcome.error,
            answer=outcome.answer,
        )
    )


def _plan_next(delivery: Delivery, outcome: Outcome, now: dt.datetime, chance: Callable[[], float]) -> None:
    """A ping is tried once: who sends one waits for it."""
    if outcome.status == GONE or delivery.type == PING or delivery.tries > len(DELAYS):
        _end(delivery, "failed", now)
    else:
        delivery.due_at = now + dt.timedelta(seconds=delay(delivery.tries, outcome, chance))


def delay(tries: int, outcome: Outcome, chance: Callable[[], float]) -> float:
    """Seconds until the next try, after so many that failed."""
    planned = DELAYS[tries - 1] * (1 + JITTER * chance())
    if outcome.status in ASK_FOR_TIME and outcome.retry_after is not None:
        return max(planned, min(outcome.retry_after, LONGEST_RETRY_AFTER))
    return planned


def _judge(
    session: Session, webhook: Webhook, delivery: Delivery, outcome: Outcome, now: dt.datetime, patience: dt.timedelta
) -> None:
    """What a failure says of the webhook. That a ping fails says nothing that its sender does not see."""
    if outcome.status == GONE:
        webhooks.disable(session, webhook, "gone")
    elif delivery.type != PING:
        webhook.failing_since = webhook.failing_since or now
        if now - webhook.failing_since >= patience:
            webhooks.disable(session, webhook, "failing")


def _end(delivery: Delivery, state: str, now: dt.datetime) -> None:
    delivery.state, delivery.ended_at = state, now


# The log


@dataclass(frozen=True, slots=True)
class Logged:
    """Which deliveries of a webhook: in this state, behind this id in the order of the newest first."""

    state: str | None = None
    before: UUID | None = None


_WITH_LOG = (selectinload(Delivery.log),)


def find(session: Session, webhook_id: UUID, wanted: Logged, *, by: Actor, limit: int) -> Sequence[Delivery]:
    """The newest first, with their attempts. Raises NotFoundError."""
    webhooks.get(session, webhook_id, by=by)
    found = select(Delivery).where(Delivery.webhook_id == webhook_id).options(*_WITH_LOG)
    found = found.order_by(Delivery.id.desc()).limit(limit)
    if wanted.state:
        found = found.where(Delivery.state == wanted.state)
    if wanted.before:
        found = found.where(Delivery.id < wanted.before)
    with session.begin():
        return session.scalars(found).all()


def count_open(session: Session, *, by: Actor) -> dict[UUID, dict[str, int]]:
    """How many deliveries of each webhook wait and have failed; those that have none are left out."""
    by.require("admin")
    of_state = select(Delivery.webhook_id, Delivery.state, func.count()).group_by(Delivery.webhook_id, Delivery.state)
    found: dict[UUID, dict[str, int]] = {}
    with session.begin():
        # One query for each state, as each has its index.
        for state in ("waiting", "failed"):
            for webhook_id, _, number in session.execute(of_state.where(Delivery.state == state)):
                found.setdefault(webhook_id, {})[state] = number
    return found


def get(session: Session, webhook_id: UUID, delivery_id: UUID, *, by: Actor) -> Delivery:
    """One with its attempts. Raises NotFoundError."""
    by.require("admin")
    with session.begin():
        delivery = session.get(Delivery, delivery_id, populate_existing=True, options=_WITH_LOG)
    if delivery is None or delivery.webhook_id != webhook_id:
        raise NotFoundError("delivery", delivery_id)
    return delivery


def replay(session: Session, webhook_id: UUID, delivery_id: UUID, *, by: Actor) -> Delivery:
    """Has a delivery sent at once, whether it has ended or waits; its retries begin anew. It has the same `webhook-id`,
    by which a receiver knows what it had already. Raises NotFoundError.
    """
    by.require("admin")
    with session.begin():
        delivery = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
        if delivery is None or delivery.webhook_id != webhook_id:
            raise NotFoundError("delivery", delivery_id)
        if delivery.lease_token is None:
            before = {"state": delivery.state, "seq": delivery.seq}
            for name, value in _ANEW.items():
                setattr(delivery, name, value)
            audit.note(session, "delivery.replayed", ("delivery", delivery.id), by=by, before=before)
            session.flush()
            session.refresh(delivery)
    return delivery


def replay_failed(session: Session, webhook_id: UUID, *, by: Actor) -> int:
    """Has all sent again that have failed. Returns how many these are. Raises NotFoundError."""
    by.require("admin")
    with session.begin():
        if session.get(Webhook, webhook_id, with_for_update=_AS_WHOLE) is None:
            raise NotFoundError("webhook", webhook_id)
        failed = update(Delivery).where(Delivery.webhook_id == webhook_id, Delivery.state == "failed")
        number = len(session.scalars(failed.values(**_ANEW).returning(Delivery.id)).all())
        audit.note(session, "webhook.replayed", ("webhook", webhook_id), by=by, after={"deliveries": number})
    return number


_ANEW: dict[str, Any] = {"state": "waiting", "due_at": func.now(), "tries": 0, "ended_at": None}


def ping(session: Session, webhook_id: UUID, *, by: Actor) -> Delivery:
    """Has a message without a change sent, once, also to a disabled webhook. Raises NotFoundError."""
    webhooks.get(session, webhook_id, by=by)
    with session.begin():
        delivery = Delivery(id=new_id(), webhook_id=webhook_id, type=PING)
        session.add(delivery)
        audit.note(session, "webhook.pinged", ("webhook", webhook_id), by=by, after={"delivery": str(delivery.id)})
        session.flush()
        session.refresh(delivery)
    return delivery


def forget(session: Session, *, days: int) -> None:
    """Deletes deliveries that ended so long ago, with their attempts. Those that wait stay."""
    with session.begin():
        session.execute(delete(Delivery).where(Delivery.ended_at < func.now() - dt.timedelta(days=days)))
