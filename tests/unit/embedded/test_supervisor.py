"""The supervisor on real, small processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.embedded import processes, supervisor
from service.embedded.errors import ChildKeepsEndingError, StopRequested
from service.embedded.processes import Command
from service.embedded.supervisor import Child, Supervisor
from tests.processes import wait_for

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


class Watched:
    """A supervisor, what it said, and the processes of its children in the order of their starts."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.started: list[tuple[str, subprocess.Popen[bytes]]] = []
        self.supervisor = Supervisor(self.said.append)
        self._folder = folder

    def child(self, name: str, code: str = SLEEP, *, ready: bool = True, after: str | None = None) -> Child:
        log = self._folder / f"{name}.log"
        command = Command(arguments=[sys.executable, "-c", code], log=log, environment={})

        def launch() -> subprocess.Popen[bytes]:
            self.started.append((name, processes.spawn(command)))
            return self.started[-1][1]

        return Child(
            name=name,
            launch=launch,
            is_ready=lambda: ready,
            log=log,
            stop_steps=((signal.SIGTERM, 0.3),),
            restarts_after=after,
            patience=0.3,
        )

    def names(self) -> list[str]:
        return [name for name, _ in self.started]

    def tick_until(self, words: str) -> None:
        """Lets the loop turn, as `await_ready` and `watch` do, until it has said these words."""
        deadline = time.monotonic() + 10
        while not any(words in line for line in self.said):
            assert time.monotonic() < deadline, self.said
            self.supervisor.tick()


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(supervisor, "TICK", 0.01)
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    made = Watched(tmp_path)
    yield made
    made.supervisor.stop()


def test_what_ends_is_started_again(watched: Watched) -> None:
    watched.supervisor.launch(watched.child("A"))
    watched.supervisor.await_ready()
    watched.started[0][1].kill()
    watched.tick_until("A is back.")
    assert watched.said[0] == "A was ended by SIGKILL; it is started again in 0.01 s."
    assert watched.started[1][1].poll() is None


def test_what_cannot_stay_up_ends_it_all_with_the_end_of_its_log(watched: Watched) -> None:
    watched.supervisor.launch(watched.child("A", "print('no such table'); raise SystemExit(3)", ready=False))
    with pytest.raises(ChildKeepsEndingError, match=r"A ended 5 times soon after its start(?s:.*)no such table"):
        watched.supervisor.await_ready()
    assert watched.names() == ["A"] * 5
    assert "A ended with status 3; it is started again" in watched.said[0]


def test_what_does_not_answer_is_started_again(watched: Watched) -> None:
    watched.supervisor.launch(watched.child("A", ready=False))
    watched.tick_until("A did not answer within 0 s; it is started again")
    assert watched.started[0][1].poll() == -signal.SIGKILL


def test_who_depends_is_restarted_too(watched: Watched) -> None:
    watched.supervisor.launch(watched.child("Broker"))
    watched.supervisor.launch(watched.child("Worker", after="Broker"), watched.child("Other"))
    watched.supervisor.await_ready()
    watched.started[0][1].kill()
    watched.tick_until("Worker is back.")
    assert watched.names() == ["Broker", "Worker", "Other", "Broker", "Worker"]
    assert watched.started[1][1].poll() is not None
    assert watched.started[2][1].poll() is None


def test_groups_stop_in_the_opposite_order_and_what_is_deaf_is_killed(watched: Watched, tmp_path: Path) -> None:
    watched.supervisor.launch(watched.child("First"))
    watched.supervisor.launch(watched.child("Deaf", STUBBORN))
    watched.supervisor.await_ready()
    wait_for(lambda: "deaf" in (tmp_path / "Deaf.log").read_text(), 10, "it does not start")
    watched.supervisor.stop()
    assert [process.returncode for _, process in watched.started] == [-signal.SIGTERM, -signal.SIGKILL]


def test_a_signal_ends_the_start_and_stops_all(watched: Watched) -> None:
    def start() -> None:
        with watched.supervisor.until_signal():
            watched.supervisor.launch(watched.child("A"))
            os.kill(os.getpid(), signal.SIGTERM)
            watched.supervisor.launch(watched.child("B"))

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(StopRequested):
        start()
    assert watched.names() == ["A"]
    assert watched.started[0][1].poll() is not None
    assert signal.getsignal(signal.SIGTERM) is before
