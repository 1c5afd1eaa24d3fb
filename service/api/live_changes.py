"""The feed for readers who stay: server-sent events (WHATWG HTML, section 9.2), the cursor of each as its `id`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from marshmallow import ValidationError

from service.api import changes, described
from service.api.authorization import actor, allow, key_in_use
from service.api.input import Blueprint
from service.api.schemas import Strict
from service.cursors import Cursors
from service.errors import InvalidInputError, NotSignedInError
from service.operations import feed
from service.operations.actor import Actor
from service.services import Services
from service.store.access import KeyInUse
from service.web import services, session

EVENT_STREAM = "text/event-stream"
CHUNK = 100
HEARTBEAT = 5.0
"""Seconds of silence until a comment is sent, by which both sides notice that the other one is gone."""
LONGEST_STREAM = 300.0
"""Seconds until a stream ends and its reader comes again, so that no thread is held for ever by who is gone."""
COME_AGAIN = "retry: 1000\n\n"
NOT_HELD_BACK = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
EVENT = {
    "type": "object",
    "description": "One event of the stream",
    "properties": {
        "id": {"type": "string", "description": "The cursor to go on from"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/Change"},
        },
    },
    "required": ["id", "data"],
}
LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The `id` of the last event that came; goes before `cursor`",
    "schema": {"type": "string"},
}

blueprint = Blueprint("live changes", __name__, url_prefix="/api/v1/changes", description=__doc__)


class StreamQuerySchema(Strict):
    cursor = changes.Cursor(load_default=None, metadata={"description": "Where to begin; without it, at the start"})


@blueprint.route("/stream", parameters=[LAST_EVENT_ID])
@allow("read")
@blueprint.arguments(StreamQuerySchema, location="query")
@blueprint.response(200, EVENT, content_type=EVENT_STREAM, description="An event for each change")
@described.problems(422, 429)
def stream_changes(wanted: Mapping[str, Any]) -> Response:
    """Follow what is published and retracted, as server-sent events"""
    after = _last_seen(wanted["cursor"] or feed.START)
    feed.find(session(), by=actor(), after=after, limit=1)  # refuses what would be refused in the middle of the stream
    stream, watch, key = Stream(services(), actor(), key_in_use(), changes.cursors()), services().watch, key_in_use()
    response = Response(stream.follow(after), content_type=EVENT_STREAM, headers=NOT_HELD_BACK)
    watch.take_place(key)
    response.call_on_close(lambda: watch.leave_place(key))
    return response


def _last_seen(cursor: int) -> int:
    last = request.headers.get("Last-Event-ID")
    try:
        return int(changes.Cursor().deserialize(last)) if last else cursor
    except ValidationError as error:
        raise InvalidInputError({"Last-Event-ID": error.messages}) from error


@dataclass(frozen=True, slots=True)
class Stream:
    """What a stream needs when the request's context has ended."""

    services: Services
    by: Actor
    key: KeyInUse
    cursors: Cursors

    def follow(self, after: int) -> Iterator[str]:
        """Every change after this one, as they are committed, until the key lets its reader in no more. It waits
        without a connection to the database.
        """
        yield COME_AGAIN
        with contextlib.suppress(NotSignedInError):
            yield from self._follow(after)

    def _follow(self, after: int) -> Iterator[str]:
        ends = time.monotonic() + LONGEST_STREAM
        while time.monotonic() < ends:
            with self.services.sessions() as session:
                found = feed.find(session, by=self.by, after=after, limit=CHUNK)
            for line in found:
                yield f"id: {self.cursors.make(line.seq)}\ndata: {line.json}\n\n"
                after = line.seq
            if not self.services.watch.wait(after, 0 if found else HEARTBEAT, self.key) and not found:
                yield ": nothing new\n\n"
