"""How often somebody may try a password: counted under the name, from the address, and under the name from the address.

The last is the narrowest, so that who guesses at another one's password from elsewhere does not keep him out. While
Redis is away nothing is counted: people have to get in then, and Argon2 makes each guess slow in any case.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from service import web
from service.errors import TooManyAttemptsError

WIDER = 10
"""How many times as many attempts there may be in all of one name, or from one address."""


@contextmanager
def attempt(username: str) -> Iterator[None]:
    """One attempt, which is not counted when it succeeds. Raises TooManyAttemptsError."""
    attempts, limit = web.services().attempts, web.services().settings.signin_attempts
    whose = _whose(username, limit)
    quotas = [attempts.count(name, most) for name, most in whose.items()]
    if exceeded := [quota.left for quota in quotas if quota and quota.is_exceeded]:
        raise TooManyAttemptsError(max(exceeded))
    yield
    for name in whose:
        attempts.take_back(name)


def _whose(username: str, limit: int) -> dict[str, int]:
    """What is counted, with how many there may be. Loopback is the address of a proxy that tells nobody's."""
    name, address = hashlib.sha256(username.strip().lower().encode()).hexdigest(), request.remote_addr or ""
    of_name = {f"{name}:{address}": limit, name: limit * WIDER}
    return of_name if _is_loopback(address) else {**of_name, address: limit * WIDER}


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True  # a socket that has no address
