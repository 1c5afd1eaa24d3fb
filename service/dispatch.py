"""Rings the workers' doorbell. The database row is the work; a ring that is lost is rung again by the sweeper."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

DRAFT_TASK = "legation.draft"
DRAFT_QUEUE = "legation.draft"

log = structlog.get_logger(__name__)


class Dispatch:
    """Sends document ids to the workers, by task name: nothing of the workers is imported here."""

    def __init__(self, redis_url: str) -> None:
        self._app = Celery("legation", broker=redis_url, set_as_current=False)
        self._app.conf.update(
            task_ignore_result=True,
            # A web request must not wait for a broker that is gone; the sweeper rings again.
            broker_transport_options={"socket_connect_timeout": 0.5, "socket_timeout": 1, "max_retries": 0},
            redis_socket_connect_timeout=0.5,
        )

    def ring(self, document_id: UUID) -> bool:
        """Tells a worker of a committed document. False when the broker cannot be reached: nothing is lost by that."""
        try:
            self._app.send_task(DRAFT_TASK, args=[str(document_id)], queue=DRAFT_QUEUE, retry=False)
        except OperationalError as error:
            log.warning("doorbell.unreachable", document_id=str(document_id), error=str(error))
            return False
        return True
