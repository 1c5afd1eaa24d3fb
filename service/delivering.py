"""Delivers to webhooks: a process of its own, so that receivers, who may be slow, hold nobody up. Any number may run.

One thread gives the changes of the feed out as deliveries, claims what is due, and keeps its leases; a pool sends.
Where this process is killed, its leases run out and another one sends again, with the same `webhook-id`.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, deque
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
RUN = 10
"""Messages that are claimed together for one place and sent one after the other, while that goes quickly."""
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
        is_slow = outcome is None or not is_quick(outcome)
        for among, is_one in ((self.failing, failed), (self.slow, is_slow)):
            among.add(webhook_id) if is_one else among.discard(webhook_id)


class Deliverer:
    """The loop, and what is being sent."""

    def __init__(self, services: Services, sender: Sender, stop: threading.Event) -> None:
        self._services = services
        self._settings = services.settings
        self._sender = sender
        self._stop = stop
        self._lease = Lease(uuid4(), LEASE)
        self._places = Places(self._settings.webhook_threads)
        self._sending: dict[Future[Outcome], list[Message]] = {}
        self._wake = threading.Event()
        self._renewed = time.monotonic()

    def run(self) -> None:
        """Delivers until it is to stop, then ends what is being sent. A database that is away comes back; what was sent
        meanwhile and could not be written down is sent again.
        """
        with ThreadPoolExecutor(self._settings.webhook_threads, "send") as pool:
            while not self._stop.is_set() or self._sending:
                try:
                    self._turn(pool)
                except SQLAlchemyError as error:
                    log.warning("deliver.failed", error=type(error).__name__)
                self._wake.wait(EVERY)
                self._wake.clear()

    def _turn(self, pool: ThreadPoolExecutor) -> None:
        self._collect()
        self._renew()
        if not self._stop.is_set():
            self._fan_out()
            self._take(pool)

    def _collect(self) -> None:
        for future in [future for future in self._sending if future.done()]:
            run = self._sending.pop(future)
            if error := future.exception():
                log.error("deliver.broken", webhook=str(run[0].webhook_id), exc_info=error)
            self._places.leave(run[0].webhook_id, None if error else future.result())

    def _renew(self) -> None:
        if self._sending and time.monotonic() - self._renewed > RENEW_AFTER:
            held = [message.delivery_id for run in self._sending.values() for message in run]
            with self._services.sessions() as session:
                deliveries.renew(session, held, self._lease)
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
                free = self._places.free_for(webhook_id)
                messages = self._claim(session, webhook_id, limit=free * RUN)
                for run in (messages[start::free] for start in range(min(free, len(messages)))):
                    self._places.take(webhook_id)
                    self._sending[pool.submit(self._send, run)] = run

    def _claim(self, session: Session, webhook_id: UUID, limit: int) -> list[Message]:
        if not limit:
            return []
        sealer, public_url = self._services.sealer, self._settings.public_url
        return deliveries.claim(session, webhook_id, self._lease, limit=limit, sealer=sealer, public_url=public_url)

    def _send(self, run: list[Message]) -> Outcome:
        """In a thread of the pool: one after the other, up to one that is slow or fails. Returns the last outcome."""
        try:
            left = deque(run)
            outcome = self._deliver(left.popleft())
            while left and is_quick(outcome) and not self._stop.is_set():
                outcome = self._deliver(left.popleft())
            if left:
                with self._services.sessions() as session:
                    deliveries.release(session, [message.delivery_id for message in left], self._lease)
            return outcome
        finally:
            self._wake.set()

    def _deliver(self, message: Message) -> Outcome:
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


def is_quick(outcome: Outcome) -> bool:
    """Whether the receiver took the message, and at once."""
    return outcome.came_through and outcome.seconds < SLOW


def run(services: Services, stop: threading.Event) -> None:
    """Delivers until `stop` is set."""
    Deliverer(services, Sender(services.receivers, services.settings.webhook_timeout), stop).run()
