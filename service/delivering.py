"""Delivers to webhooks: a process of its own, so that receivers, who may be slow, hold nobody up. Any number may run.

One thread gives the changes of the feed out as deliveries, claims what is due, and keeps its leases; a pool sends.
Where this process is killed, its leases run out and another one sends again, with the same `webhook-id`.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.operations import deliveries
from service.operations.deliveries import Lease, Message, Outcome
from service.sending import Sender
from service.services import Services

EVERY = 0.5
"""Seconds between two looks: what a change waits at most until it is sent."""
LEASE = 15.0
RENEW_AFTER = 4.0
"""Seconds; several renewals may fail until a lease runs out."""
SLOW = 1.0
"""Seconds. Receivers that took longer, or did not take a message, have half of the places among them."""
SHARE = 4
"""One webhook has a quarter of the places at most, and where the last message was not taken, one."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Places:
    """Who may send now. A receiver that is slow or away must not take the places of the others."""

    number: int
    busy: Counter[UUID] = field(default_factory=Counter)
    slow: set[UUID] = field(default_factory=set)
    failing: set[UUID] = field(default_factory=set)

    def free_for(self, webhook_id: UUID) -> int:
        """How many more may be sent to this webhook."""
        free = self.number - self.busy.total()
        if webhook_id in self.slow:
            free = min(free, max(1, self.number // 2) - sum(self.busy[one] for one in self.slow))
        share = 1 if webhook_id in self.failing else max(1, self.number // SHARE)
        return max(0, min(free, share - self.busy[webhook_id]))

    def take(self, webhook_id: UUID) -> None:
        self.busy[webhook_id] += 1

    def leave(self, webhook_id: UUID, outcome: Outcome | None) -> None:
        """`outcome` is None where the attempt itself broke."""
        self.busy[webhook_id] -= 1
        failed = outcome is None or not outcome.came_through
        is_slow = outcome is None or failed or outcome.seconds > SLOW
        for among, is_one in ((self.failing, failed), (self.slow, is_slow)):
            among.add(webhook_id) if is_one else among.discard(webhook_id)


class Deliverer:
    """The loop, and what is being sent."""

    def __init__(self, services: Services, sender: Sender) -> None:
        self._services = services
        self._settings = services.settings
        self._sender = sender
        self._lease = Lease(uuid4(), LEASE)
        self._places = Places(self._settings.webhook_threads)
        self._sending: dict[Future[Outcome], Message] = {}
        self._wake = threading.Event()
        self._renewed = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Delivers until `stop` is set, then ends what is being sent. A database that is away comes back; what was sent
        meanwhile and could not be written down is sent again.
        """
        with ThreadPoolExecutor(self._settings.webhook_threads, "send") as pool:
            while not stop.is_set() or self._sending:
                try:
                    self._turn(pool, takes_more=not stop.is_set())
                except SQLAlchemyError as error:
                    log.warning("deliver.failed", error=type(error).__name__)
                self._wake.wait(EVERY)
                self._wake.clear()

    def _turn(self, pool: ThreadPoolExecutor, *, takes_more: bool) -> None:
        self._collect()
        self._renew()
        if takes_more:
            self._fan_out()
            self._take(pool)

    def _collect(self) -> None:
        for future in [future for future in self._sending if future.done()]:
            message = self._sending.pop(future)
            if error := future.exception():
                log.error("deliver.broken", delivery=str(message.delivery_id), exc_info=error)
            self._places.leave(message.webhook_id, None if error else future.result())

    def _renew(self) -> None:
        if self._sending and time.monotonic() - self._renewed > RENEW_AFTER:
            with self._services.sessions() as session:
                deliveries.renew(session, [one.delivery_id for one in self._sending.values()], self._lease)
            self._renewed = time.monotonic()

    def _fan_out(self) -> None:
        with self._services.sessions() as session:
            moved = [deliveries.fan_out(session, one) for one in deliveries.behind(session)]
        if deliveries.FAN_OUT in moved:
            self._wake.set()

    def _take(self, pool: ThreadPoolExecutor) -> None:
        """Each webhook in a turn of its own, in an order that favours none."""
        with self._services.sessions() as session:
            ready = list(deliveries.ready(session))
            random.shuffle(ready)
            for webhook_id in ready:
                for message in self._claim(session, webhook_id):
                    self._places.take(message.webhook_id)
                    self._sending[pool.submit(self._deliver, message)] = message

    def _claim(self, session: Session, webhook_id: UUID) -> list[Message]:
        limit = self._places.free_for(webhook_id)
        if not limit:
            return []
        sealer, public_url = self._services.sealer, self._settings.public_url
        return deliveries.claim(session, webhook_id, self._lease, limit=limit, sealer=sealer, public_url=public_url)

    def _deliver(self, message: Message) -> Outcome:
        """In a thread of the pool."""
        try:
            outcome = self._sender.send(message)
            with self._services.sessions() as session:
                patience = self._settings.webhook_patience_days
                counts = deliveries.finish(session, message, outcome, self._lease, patience_days=patience)
            log.info(
                "deliver.sent" if counts else "deliver.lost",
                webhook=str(message.webhook_id),
                delivery=str(message.delivery_id),
                status=outcome.status,
                error=outcome.error,
                seconds=round(outcome.seconds, 3),
            )
            return outcome
        finally:
            self._wake.set()


def run(services: Services, stop: threading.Event) -> None:
    """Delivers until `stop` is set."""
    Deliverer(services, Sender(services.receivers, services.settings.webhook_timeout)).run(stop)
