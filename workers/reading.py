"""Reads waiting documents, one at a time, each in a process of its own."""

from __future__ import annotations

import time

import structlog

from service.errors import CorruptError, DraftLeaseLostError, RefusedError, UnreadableDocumentError
from service.operations import reading
from service.operations.reading import Unread
from service.services import Services
from workers.readers import sandbox
from workers.readers.reading import Reading

SPARE = 60
"""Seconds of a lease beyond those that a reader has, which are for storing what it read."""

log = structlog.get_logger(__name__)


class Reader:
    """Reads what waits in the database."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def read_waiting(self) -> bool:
        """Reads the oldest unread document. Returns whether there was one."""
        lease, attempts = int(sandbox.LIMITS.seconds) + SPARE, self._services.settings.draft_attempts
        with self._services.sessions() as session:
            unread = reading.take(session, lease=lease, attempts=attempts)
        if unread is None:
            return False
        try:
            self._read(unread)
        except DraftLeaseLostError:
            log.warning("reading.refused", document_id=str(unread.document_id))
        return True

    def _read(self, unread: Unread) -> None:
        started = time.monotonic()
        try:
            self._record(unread, sandbox.read(unread.original, unread.declared))
        except UnreadableDocumentError as error:
            refused = error if isinstance(error, RefusedError) else CorruptError(str(error))
            log.info("reading.failed", failure=refused.failure, document_id=str(unread.document_id))
            with self._services.sessions() as session:
                reading.refuse(session, unread, refused)
        else:
            seconds = round(time.monotonic() - started, 3)
            log.info("reading.recorded", seconds=seconds, document_id=str(unread.document_id))

    def _record(self, unread: Unread, found: Reading) -> None:
        """Raises RefusedError when there is too much inside."""
        with self._services.sessions() as session:
            to_ring = reading.record(session, unread, found)
        for document_id in to_ring:
            self._services.dispatch.ring(document_id)
