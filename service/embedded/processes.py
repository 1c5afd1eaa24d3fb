"""Child processes that cannot outlive us: each leads its own session, logs to a file and dies with its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.lifeline import die_with_parent

LARGEST_LOG = 10_000_000
StopSteps = Sequence[tuple[signal.Signals, float]]


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that a child runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. Secrets belong into `environment` or `stdin`, never into `arguments`, which every user can list.

    `death_signal` is what the kernel sends to the child when its parent dies, even by kill -9.
    """

    arguments: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str]
    directory: Path | None = None
    account: Account | None = None
    death_signal: signal.Signals = signal.SIGKILL
    stdin: str = ""
    inherited: Sequence[int] = ()  # file descriptors that the child keeps open


def spawn(command: Command) -> subprocess.Popen[bytes]:
    """Starts the command.

    Call it from a thread that lives as long as the child should: the kernel's death signal follows the thread that
    forked, not the process.
    """
    parent = os.getpid()
    with command.log.open("ab") as log, _input(command.stdin) as stdin:
        return subprocess.Popen(  # noqa: S603 - our own servers, no shell
            [str(argument) for argument in command.arguments],
            stdin=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=command.directory,
            env=dict(command.environment),
            pass_fds=command.inherited,
            start_new_session=True,  # a Ctrl-C on the terminal reaches the supervisor alone, which stops in order
            preexec_fn=lambda: _die_with_parent(parent, command.death_signal),
            user=None if command.account is None else command.account.uid,
            group=None if command.account is None else command.account.gid,
            extra_groups=None if command.account is None else [],
        )


def await_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], seconds: float) -> bool:
    """False when the process ended first or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if is_ready():
            return True
        time.sleep(0.03)
    return False


def stop(process: subprocess.Popen[bytes], steps: StopSteps, *, told: bool = False) -> None:
    """Sends each signal in turn and waits its seconds; what is then left of the process and its group is killed.
    `told`: the first signal has been sent already.
    """
    for index, (number, seconds) in enumerate(steps):
        if process.poll() is not None:
            break
        if index or not told:
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and all it has forked into its group, also those that outlived it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def rotate(log: Path) -> None:
    """Keeps one older log. Done at start only, since the children hold the file open."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def how_it_ended(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def tail(log: Path, lines: int = 5) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def _die_with_parent(parent: int, death_signal: signal.Signals) -> None:
    """Runs in the child between fork and exec, after the change of user (which would reset the death signal)."""
    die_with_parent(death_signal)
    if os.getppid() != parent:  # the parent died before that took effect
        os._exit(1)


@contextlib.contextmanager
def _input(text: str) -> Iterator[int]:
    """A pipe that holds the text. A pipe takes 64 kB without a reader, far above any configuration of ours."""
    reading, writing = os.pipe()
    try:
        os.write(writing, text.encode())
        os.close(writing)
        yield reading
    finally:
        os.close(reading)
