"""`Prefer: wait=20`: an answer that comes when the document is drafted, or else when the time is over (RFC 7240).

Whoever waits has a thread of the process, and no connection to the database but for the moment of each look. Only so
many may wait at a time; the others are answered at once, so that there are always threads for everybody else.
"""

from __future__ import annotations

import re
import threading
import time
from typing import cast

from flask import Flask, Request, current_app

from service.api.authorization import actor
from service.operations import documents
from service.store.models import Document
from service.web import services, session

LOOK_EVERY = 0.25  # seconds; a look is one row by its key
WAITS = ("received", "reading", "drafting")
# The first of them counts. What is no whole number of seconds is no preference that we know, and is left alone.
_WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*(?P<quote>"?)(?P<seconds>[0-9]{1,9})(?P=quote)\s*(?=[;,]|$)', re.IGNORECASE)


def register(app: Flask, places: int) -> None:
    """Lets so many requests of this process wait at a time."""
    app.extensions["legation-waiting"] = threading.BoundedSemaphore(places)


def seconds_of(request: Request) -> int | None:
    """How long the answer may take, within what is allowed here; None where nobody asked."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found["seconds"]), services().settings.wait_limit) if found else None


def for_drafts(document: Document, seconds: int | None) -> dict[str, str]:
    """Waits until the document is drafted or has failed, and brings it up to date. Returns the header that says so;
    none when nobody asked, or too many wait already.
    """
    places = cast(threading.BoundedSemaphore, current_app.extensions["legation-waiting"])
    if seconds is None or not places.acquire(blocking=False):
        return {}
    try:
        _wait(document, time.monotonic() + seconds)
    finally:
        places.release()
    return {"Preference-Applied": f"wait={seconds}"}


def _wait(document: Document, deadline: float) -> None:
    while document.state in WAITS and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(LOOK_EVERY, left))
        documents.refresh(session(), document, by=actor())
