"""What can keep `legation up` from running, told to the person at the terminal."""

from __future__ import annotations

from pathlib import Path

from service.embedded.processes import tail
from service.errors import LegationError


class ServerStartError(LegationError):
    """A server of `legation up` did not start."""

    def __init__(self, server: str, trouble: str, log: Path | None = None) -> None:
        super().__init__(f"{server} {trouble}{_ending(log)}", server=server)


class ChildKeepsEndingError(LegationError):
    """A part of `legation up` cannot stay up."""

    def __init__(self, child: str, times: int, log: Path) -> None:
        super().__init__(f"{child} ended {times} times soon after its start{_ending(log)}", child=child)


class DirectoryInUseError(LegationError):
    """Another `legation up` uses this data directory."""


class PortInUseError(LegationError):
    """The port is in use."""


class StopRequested(Exception):  # noqa: N818 - no error: the way out of what is being started
    """Somebody wants `legation up` to end while it still starts."""


def _ending(log: Path | None) -> str:
    return f". {log} ends with:\n{tail(log)}" if log is not None else ""
