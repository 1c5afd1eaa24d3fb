"""Counts the requests of each API key in Redis, in windows of a fixed length.

Redis is no truth here: counts that are lost begin anew, and while it is away nobody is held up.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
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

    def count(self, key_id: UUID) -> Quota | None:
        """Counts one request of a key. None while Redis cannot be asked."""
        if time.monotonic() < self._ask_from:
            return None
        try:
            used, left = self._count(keys=[f"legation:requests:{key_id}"], args=[self._window * 1000])
        except redis.RedisError as error:
            log.warning("limiter.unreachable", error=type(error).__name__)
            self._ask_from = time.monotonic() + ASK_AGAIN
            return None
        return Quota(self._limit, self._window, used, max(1, math.ceil(left / 1000)))
