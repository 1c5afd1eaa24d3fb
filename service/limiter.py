"""Counts in Redis, in windows of a fixed length: the requests of each API key, the attempts to sign in.

Redis is no truth here: counts that are lost begin anew, and while it is away nobody is held up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

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
TAKE_BACK = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end"

Whose = TypeVar("Whose")

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
    """Counts `what` is done, by whom. Safe for threads. Connects when it is first asked."""

    def __init__(self, redis_url: str, what: str = "requests", *, limit: int, window: int) -> None:
        self._what, self._limit, self._window = what, limit, window
        self._redis = redis.Redis.from_url(
            redis_url,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._count = self._redis.register_script(COUNT)
        self._take_back = self._redis.register_script(TAKE_BACK)
        self._ask_from = 0.0

    def count(self, whose: object, limit: int | None = None) -> Quota | None:
        """Counts one more of somebody, who may have a limit of his own. None while Redis cannot be asked."""
        counted = self._ask(lambda: self._count(keys=[self._name(whose)], args=[self._window * 1000]))
        if counted is None:
            return None
        used, left = counted
        return Quota(limit or self._limit, self._window, used, max(1, math.ceil(left / 1000)))

    def take_back(self, whose: object) -> None:
        """As if one that was counted had not been."""
        self._ask(lambda: self._take_back(keys=[self._name(whose)]))

    def used(self, all_of: Sequence[Whose]) -> Mapping[Whose, int] | None:
        """How many are counted of each in his window. None while Redis cannot be asked."""
        found = self._ask(lambda: self._redis.mget([self._name(whose) for whose in all_of])) if all_of else []
        return None if found is None else {whose: int(used or 0) for whose, used in zip(all_of, found, strict=True)}

    def _name(self, whose: object) -> str:
        return f"legation:{self._what}:{whose}"

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
