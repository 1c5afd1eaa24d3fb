"""Each request gets an id, one line in the log, and a place in the latencies."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from service.api import metrics

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
PROBES = ("/healthz", "/readyz", "/metrics")

log = structlog.get_logger("service.request")


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    """The id that a proxy gave is kept where it can be a log's; anything else could forge lines or fill the disk."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    response.headers["X-Request-ID"] = g.request_id
    metrics.note_request(request, response.status_code, seconds)
    write = log.debug if request.path in PROBES else log.info
    # The path without its query, which can hold a title.
    write(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
    )
    return response
