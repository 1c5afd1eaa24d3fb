"""How many requests each API key may make: counted with each, told with each answer
(draft-ietf-httpapi-ratelimit-headers), refused when it is too many.
"""

from __future__ import annotations

from typing import Any

from apispec import BasePlugin
from flask import Flask, Response, g

from service.api import metrics
from service.errors import RateLimitedError
from service.limiter import Quota
from service.operations.actor import Actor
from service.web import services

POLICY = "default"
DESCRIBED = {
    "RateLimit-Policy": 'Requests (`q`) that the key may make in so many seconds (`w`): `"default";q=6000;w=60`',
    "RateLimit": 'How many are left (`r`) for so many seconds (`t`): `"default";r=5990;t=42`',
}


def count(actor: Actor) -> None:
    """Counts the request of a key. While Redis is away all go on, uncounted. Raises RateLimitedError."""
    assert actor.key is not None, "the API is called with keys"
    quota = services().limiter.count(actor.key.id, actor.key.rate_limit)
    if quota is None:
        metrics.UNCOUNTED.inc()
        return
    g.quota = quota
    if quota.is_exceeded:
        raise RateLimitedError(quota.limit, quota.window, quota.left, POLICY)


def documents_in_work(actor: Actor) -> int:
    """How many documents of the key may be in work: its own limit, or that of all."""
    own = actor.key.documents_in_work if actor.key else None
    return own or services().settings.documents_in_work


def register(app: Flask) -> None:
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    quota: Quota | None = g.get("quota")
    if quota:
        response.headers["RateLimit-Policy"] = f'"{POLICY}";q={quota.limit};w={quota.window}'
        response.headers["RateLimit"] = f'"{POLICY}";r={quota.remaining};t={quota.left}'
    return response


class DescribedHeaders(BasePlugin):
    """Adds the headers to every answer of the API's description to a key."""

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        headers = {name: name for name in DESCRIBED}
        for operation in (operations or {}).values():
            if not operation.get("security"):  # it is read without a key
                continue
            for answer in operation.get("responses", {}).values():
                if isinstance(answer, str):  # a problem among the components, which has them
                    continue
                answer["headers"] = {**answer.get("headers", {}), **headers}
