"""The tasks, in a line each."""

from __future__ import annotations

import structlog

from service.dispatch import DRAFT_TASK
from workers import runtime
from workers.celery_app import app


@app.task(name=DRAFT_TASK)  # type: ignore[untyped-decorator]  # Celery has no types
def draft(document_id: str) -> None:
    """Reads a document without a text, and drafts what waits, this one among it unless another child was faster."""
    with structlog.contextvars.bound_contextvars(rung_for=document_id):
        runtime.reader().read_waiting()
        runtime.drafter().draft_waiting()
