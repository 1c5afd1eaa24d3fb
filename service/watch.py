"""Tells those who wait for the next change of the feed when there is one, without a database connection for each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from service.errors import TooManyReadersError
from service.store.models import Change

EVERY = 0.05
"""Seconds between two looks: what a change waits at most until its readers wake."""
AFTER_FAILURE = 1.0
RETRY_AFTER = 5

log = structlog.get_logger(__name__)


class Watch:
    """One thread of the process asks the database for the newest number, as long as somebody waits, and wakes all.

    Who waits holds a thread of the web server, so that there are `places` for so many readers and no more.
    """

    def __init__(self, engine: Engine, places: int) -> None:
        self._engine = engine
        self._places = places
        self._changed = threading.Condition()
        self._newest = 0
        self._taken = 0
        self._asks = False

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one who waits. Raises TooManyReadersError."""
        self.take_place()
        try:
            yield
        finally:
            self.leave_place()

    def take_place(self) -> None:
        """Raises TooManyReadersError. Who takes a place has to leave it."""
        with self._changed:
            if self._taken >= self._places:
                raise TooManyReadersError(RETRY_AFTER)
            self._taken += 1
            if not self._asks:  # begun here and not at start, since the web server forks after that
                self._asks = True
                threading.Thread(target=self._ask, name="watch", daemon=True).start()

    def leave_place(self) -> None:
        with self._changed:
            self._taken -= 1

    def wait(self, after: int, seconds: float) -> bool:
        """Whether a change after this number came within so many seconds. The caller has a place."""
        with self._changed:
            return self._changed.wait_for(lambda: self._newest > after, seconds)

    def _ask(self) -> None:
        while self._goes_on():
            try:
                self._look_on()
            except SQLAlchemyError as error:  # those who wait do so until their time is up, and see for themselves
                log.warning("the feed cannot be watched", error=type(error).__name__)
                time.sleep(AFTER_FAILURE)

    def _look_on(self) -> None:
        """On a connection of its own, which no pool keeps when nobody waits any more."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()
            while self._taken:
                self._tell(connection.scalar(select(func.max(Change.seq))) or 0)
                time.sleep(EVERY)

    def _goes_on(self) -> bool:
        with self._changed:
            self._asks = self._taken > 0
            return self._asks

    def _tell(self, newest: int) -> None:
        with self._changed:
            if newest > self._newest:
                self._newest = newest
                self._changed.notify_all()
