"""The tasks: load, draft, record, in one line each."""

from __future__ import annotations

import structlog

from service.dispatch import DRAFT_TASK
from workers import runtime
from workers.celery_app import app


@app.task(name=DRAFT_TASK)  # type: ignore[untyped-decorator]  # Celery has no types
def draft(document_id: str) -> None:
    """Drafts what waits, this document among it unless another child was faster."""
    with structlog.contextvars.bound_contextvars(rung_for=document_id):
        runtime.drafter().draft_waiting()
