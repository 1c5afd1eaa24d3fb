"""Tells those who wait for the next change of the feed when there is one, and when their key lets them in no more,
without a database connection for each.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine, Select, Text, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError

from service.errors import NotSignedInError, TooManyReadersError
from service.store.access import KeyInUse, lets_in
from service.store.models import ApiKey, Change

EVERY = 0.05
"""Seconds between two looks: what a change, or the end of a key, waits at most until its readers wake."""
AFTER_FAILURE = 1.0
RETRY_AFTER = 5

log = structlog.get_logger(__name__)


class Watch:
    """One thread of the process asks the database for the newest number, and which keys of those who wait still let
    them in, as long as somebody waits, and wakes all.

    Who waits holds a thread of the web server, so that there are `places` for so many readers and no more.
    """

    def __init__(self, engine: Engine, places: int) -> None:
        self._engine = engine
        self._places = places
        self._changed = threading.Condition()
        self._newest = 0
        self._readers: Counter[KeyInUse] = Counter()
        self._ended: set[KeyInUse] = set()
        self._asks = False

    @contextmanager
    def place(self, key: KeyInUse) -> Iterator[None]:
        """A place for one who waits. Raises TooManyReadersError."""
        self.take_place(key)
        try:
            yield
        finally:
            self.leave_place(key)

    def take_place(self, key: KeyInUse) -> None:
        """Raises TooManyReadersError. Who takes a place has to leave it."""
        with self._changed:
            if self._readers.total() >= self._places:
                raise TooManyReadersError(RETRY_AFTER)
            self._readers[key] += 1
            if not self._asks:  # begun here and not at start, since the web server forks after that
                self._asks = True
                threading.Thread(target=self._ask, name="watch", daemon=True).start()

    def leave_place(self, key: KeyInUse) -> None:
        with self._changed:
            self._readers[key] -= 1
            if not self._readers[key]:
                del self._readers[key]
                self._ended.discard(key)

    def wait(self, after: int, seconds: float, key: KeyInUse) -> bool:
        """Whether a change after this number came within so many seconds. The caller has a place.

        Raises NotSignedInError as soon as the key lets him in no more.
        """
        with self._changed:
            came = self._changed.wait_for(lambda: key in self._ended or self._newest > after, seconds)
            if key in self._ended:
                raise NotSignedInError("The API key is not valid any more.")
            return came

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
            while keys := tuple(self._readers):
                newest, let_in = connection.execute(_look(keys)).one()
                self._tell(newest or 0, {key for key in keys if key.secret_sha256 not in let_in})
                time.sleep(EVERY)

    def _goes_on(self) -> bool:
        with self._changed:
            self._asks = bool(self._readers)
            return self._asks

    def _tell(self, newest: int, ended: set[KeyInUse]) -> None:
        with self._changed:
            told = self._ended | (ended & self._readers.keys())
            if newest > self._newest or told != self._ended:
                self._newest, self._ended = max(newest, self._newest), told
                self._changed.notify_all()


def _look(keys: Sequence[KeyInUse]) -> Select[int | None, list[str]]:
    """The newest number, and which secrets still let their readers in: one row, some keys by their ids."""
    given = func.unnest(literal([key.secret_sha256 for key in keys], ARRAY(Text))).column_valued("given")
    is_let_in = (
        select(ApiKey.id).join(ApiKey.owner).where(ApiKey.id.in_([key.id for key in keys]), lets_in(given)).exists()
    )
    let_in = select(func.coalesce(func.array_agg(given), literal([], ARRAY(Text)))).where(is_let_in)
    return select(select(func.max(Change.seq)).scalar_subquery(), let_in.scalar_subquery())
