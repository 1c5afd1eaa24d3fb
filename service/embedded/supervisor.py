"""Keeps children running: starts them in order, starts again what ends, stops all in the opposite order."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from service.embedded import processes
from service.embedded.errors import ChildKeepsEndingError, StopRequested

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICK = 0.1
SOON = 20.0  # a child that ends within so many seconds has not stayed up
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
ENDINGS_ALLOWED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A part of the whole. Its standing with the others: `restarts_after` names a child after whose restart this one
    is restarted too. `stop_steps` are signals with the seconds that each is given.
    """

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    is_ready: Callable[[], bool]
    log: Path
    stop_steps: processes.StopSteps
    patience: float = 60.0
    restarts_after: str | None = None


@dataclass(slots=True)
class Running:
    """A child as it is now. `again_at` is set while it is down and waits for its next start."""

    child: Child
    process: subprocess.Popen[bytes]
    since: float = field(default_factory=time.monotonic)
    is_ready: bool = False
    again_at: float | None = None
    endings: int = 0
    is_first: bool = True


class Supervisor:
    """One thread, one loop. What it says goes to `say`, a line at a time."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._groups: list[list[Running]] = []
        self.stopping = False

    @contextlib.contextmanager
    def until_signal(self) -> Iterator[None]:
        """Within, the signals that end a program ask for an orderly end; at the end all children are stopped."""
        before = {number: signal.signal(number, self._request_stop) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def launch(self, *children: Child) -> None:
        """Starts children that can be stopped together. Groups are stopped in the opposite order of their start."""
        self.check()
        group: list[Running] = []
        self._groups.append(group)
        group.extend(Running(child, child.launch()) for child in children)

    def await_ready(self) -> None:
        """Waits for all that were launched. Raises ChildKeepsEndingError, StopRequested."""
        while not all(running.is_ready for running in self._all()):
            self.check()
            self.tick()

    def watch(self) -> None:
        """Keeps all running until a signal asks for the end. Raises ChildKeepsEndingError."""
        while not self.stopping:
            self.tick()

    def tick(self) -> None:
        """One turn of the loop. Raises ChildKeepsEndingError."""
        for running in self._all():
            self._look_after(running)
        time.sleep(TICK)

    def check(self) -> None:
        """Raises StopRequested after a signal."""
        if self.stopping:
            raise StopRequested

    def stop(self) -> None:
        if self._groups:
            self._say("Legation stops.")
        while self._groups:
            group = self._groups.pop()
            _stop_together([running for running in group if running.again_at is None])

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _all(self) -> Iterable[Running]:
        return [running for group in self._groups for running in group]

    def _look_after(self, running: Running) -> None:
        now = time.monotonic()
        if running.again_at is not None:
            if now >= running.again_at:
                self._launch_again(running)
        elif running.process.poll() is not None:
            self._note_ending(running, processes.how_it_ended(running.process.returncode))
        elif not running.is_ready and running.child.is_ready():
            self._note_ready(running)
        elif not running.is_ready and now - running.since > running.child.patience:
            self._note_ending(running, f"did not answer within {running.child.patience:.0f} s")

    def _note_ending(self, running: Running, how: str) -> None:
        """Plans the next start, or gives up."""
        processes.kill_group(running.process)  # its own children may have outlived it
        soon = time.monotonic() - running.since < max(SOON, running.child.patience if not running.is_ready else 0)
        running.endings = running.endings + 1 if soon else 1
        name = running.child.name
        if running.endings >= ENDINGS_ALLOWED:
            raise ChildKeepsEndingError(name, running.endings, running.child.log)
        pause = min(FIRST_PAUSE * 2 ** (running.endings - 1), LONGEST_PAUSE)
        running.again_at = time.monotonic() + pause
        self._say(f"{name} {how}; it is started again in {pause:g} s.")

    def _launch_again(self, running: Running) -> None:
        running.process, running.since = running.child.launch(), time.monotonic()
        running.is_ready, running.is_first, running.again_at = False, False, None

    def _note_ready(self, running: Running) -> None:
        running.is_ready = True
        if not running.is_first:
            self._say(f"{running.child.name} is back.")
            self._restart_dependents(running.child)

    def _restart_dependents(self, child: Child) -> None:
        for dependent in self._all():
            if dependent.child.restarts_after == child.name and dependent.again_at is None:
                self._say(f"{dependent.child.name} is restarted with {child.name}.")
                _stop_together([dependent])
                self._launch_again(dependent)


def _stop_together(group: Sequence[Running]) -> None:
    """The first signal goes to all at once, so that their times to end overlap."""
    for running in group:
        if running.process.poll() is None:
            running.process.send_signal(running.child.stop_steps[0][0])
    for running in group:
        processes.stop(running.process, running.child.stop_steps, told=True)
