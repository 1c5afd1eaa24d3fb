"""What can keep `legation up` from running, in one line each for the person at the terminal."""

from __future__ import annotations

from pathlib import Path

from service.embedded.processes import tail
from service.errors import LegationError


class ServerStartError(LegationError):
    """A server of `legation up` did not start."""

    def __init__(self, server: str, trouble: str, log: Path | None = None) -> None:
        last = f"; {log} ends with:\n{tail(log)}" if log is not None else ""
        super().__init__(f"{server} {trouble}{last}", server=server)
