"""Counts the requests of each API key in Redis, in windows of a fixed length.

Redis is no truth here: counts that are lost begin anew, and while it is away nobody is held up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

# Seconds. No request waits for a Redis that is gone, and not each of them asks for it.
PATIENCE, ASK_AGAIN = 0.5, 5.0

# One step for Redis: no count is without its end, and two requests never get the same count.
COUNT = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {used, redis.call('PTTL', KEYS[1])}
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit` requests in `window` seconds, of which `used` are used (more, when some were refused), for `left` seconds
    yet.
    """

    limit: int
    window: int
    used: int
    left: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit


class Limiter:
    """Safe for threads. Connects when it is first asked."""

    def __init__(self, redis_url: str, *, limit: int, window: int) -> None:
        self._limit, self._window = limit, window
        self._redis = redis.Redis.from_url(
            redis_url,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._count = self._redis.register_script(COUNT)
        self._ask_from = 0.0

    def count(self, key_id: UUID, limit: int | None = None) -> Quota | None:
        """Counts one request of a key, which may have a limit of its own. None while Redis cannot be asked."""
        counted = self._ask(lambda: self._count(keys=[_name(key_id)], args=[self._window * 1000]))
        if counted is None:
            return None
        used, left = counted
        return Quota(limit or self._limit, self._window, used, max(1, math.ceil(left / 1000)))

    def used(self, key_ids: Sequence[UUID]) -> Mapping[UUID, int] | None:
        """How many requests each key has made in its window. None while Redis cannot be asked."""
        if not key_ids:
            return {}
        found = self._ask(lambda: self._redis.mget([_name(key_id) for key_id in key_ids]))
        return None if found is None else {key_id: int(used or 0) for key_id, used in zip(key_ids, found, strict=True)}

    def _ask(self, question: Callable[[], Any]) -> Any:
        """The answer; None while Redis cannot be asked, and for some seconds after."""
        if time.monotonic() < self._ask_from:
            return None
        try:
            return question()
        except redis.RedisError as error:
            log.warning("limiter.unreachable", error=type(error).__name__)
            self._ask_from = time.monotonic() + ASK_AGAIN
            return None


def _name(key_id: UUID) -> str:
    return f"legation:requests:{key_id}"
