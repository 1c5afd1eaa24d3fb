"""Logs by structlog: JSON lines for machines, colour for people, and never a document's text.

Standard library loggers (Flask, Celery, SQLAlchemy, Alembic) come out in the same form.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

import psycopg
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HANDLER = "legation"

LEFT_OUT = "(left out)"

# The same in a message without an error beside it, as a repr in which a break is a backslash and an n: up to the last
# thing that SQLAlchemy adds, since a document may have lines that look like one.
_TOLD_OF_A_ROW = re.compile(r"(DETAIL|CONTEXT):.*(?=\[SQL:|\(Background on this error)|(DETAIL|CONTEXT):.*", re.S)

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
        without_row_values,
        renderer,
    ]


def without_row_values(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Writes the traceback, without what PostgreSQL tells of a row that it refused: a document's text may be in it."""
    told = list(_told_of_rows(event.get("exc_info")))
    event = structlog.processors.format_exc_info(logger, name, event)
    if isinstance(event.get("event"), str):
        event["event"] = _TOLD_OF_A_ROW.sub(LEFT_OUT, event["event"])
    if "exception" in event:
        for words in told:
            event["exception"] = event["exception"].replace(words, LEFT_OUT)
    return event


def _told_of_rows(exc_info: object) -> Iterator[str]:
    """DETAIL and CONTEXT of each PostgreSQL error in a chain of errors."""
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if error is True:
        error = sys.exc_info()[1]
    while isinstance(error, BaseException):
        if isinstance(error, psycopg.Error):
            yield from (words for words in (error.diag.message_detail, error.diag.context) if words)
        error = error.__cause__ or error.__context__
