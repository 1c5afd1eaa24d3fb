"""The loop around `operations.sweeping.sweep`: a process of its own, since a Celery beat's task would wait behind the
very queue that it is to repair.
"""

from __future__ import annotations

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from service.operations import sweeping
from service.operations.sweeping import Sweep
from service.services import Services

EVERY = 3.0  # seconds; a round is four small queries

log = structlog.get_logger(__name__)


def run(services: Services, stop: threading.Event) -> None:
    """Sweeps until `stop` is set. A database that is away comes back; until then there is nothing to sweep."""
    while not stop.wait(EVERY):
        try:
            found = sweep_once(services)
        except SQLAlchemyError as error:
            log.warning("sweep.failed", error=type(error).__name__)
            continue
        if found.returned or found.failed or found.rung:
            log.info("sweep.found", returned=found.returned, failed=found.failed, rung=found.rung)


def sweep_once(services: Services) -> Sweep:
    with services.sessions() as session:
        return sweeping.sweep(
            session,
            dispatch=services.dispatch,
            attempts=services.settings.draft_attempts,
            idempotency_hours=services.settings.idempotency_hours,
            webhook_log_days=services.settings.webhook_log_days,
        )
