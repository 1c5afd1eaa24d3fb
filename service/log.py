"""Logs by structlog: JSON lines for machines, colour for people, and never a document's text.

Standard library loggers (Flask, Celery, SQLAlchemy, Alembic) come out in the same form.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HANDLER = "legation"

# PostgreSQL tells the values of the row it refused, a document's text among them, in DETAIL and CONTEXT: up to what
# SQLAlchemy adds or the traceback's next frame. In a repr, as Celery logs an error, a break is a backslash and an n.
_ROW_VALUES = re.compile(
    r"(?:^|(?<=\\n))(DETAIL|CONTEXT):.*?"
    r"(?=(?:^|\\n)(?:\[SQL:|\(Background|Traceback|The above exception)|\Z)",
    re.M | re.S,
)

_SHARED: Sequence[Processor] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what sys.stderr is at the moment, not what it was when logging was set up."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.set_name(HANDLER)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        """The base class sets it once; what is set does not matter."""


def configure(log_format: str, log_level: str) -> None:
    """Sets up the logs of this process; again is harmless. Other handlers of the root logger stay as they are."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=_last_steps(log_format))
    )
    root = logging.getLogger()
    root.handlers = [*(known for known in root.handlers if known.get_name() != HANDLER), handler]
    root.setLevel(log_level)


def _last_steps(log_format: str) -> list[Processor]:
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_row_values,
        renderer,
    ]


def without_row_values(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Takes what PostgreSQL tells of a refused row out of tracebacks and messages."""
    for part in ("exception", "event"):
        if isinstance(event.get(part), str):
            event[part] = _ROW_VALUES.sub(r"\1: (left out)\n", event[part])
    return event
