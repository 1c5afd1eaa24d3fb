"""Real worker and web processes for the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import httpx
import psutil
from celery import Celery

from service.embedded import processes
from service.embedded.valkey import free_port
from service.settings import Settings, variable
from workers.nlp.environment import WORKER_ENVIRONMENT

REPOSITORY = Path(__file__).resolve().parent.parent


class Worker:
    """A Celery worker with its children, as `legation up` starts it."""

    def __init__(self, settings: Settings, log: Path, children: int = 1, **more: str) -> None:
        self.settings, self.log, self.wanted = settings, log, children
        arguments = [
            "-m",
            "celery",
            "-A",
            "workers.celery_app",
            "worker",
            "--loglevel=INFO",
            f"--concurrency={children}",
        ]
        command = processes.Command(
            arguments=[sys.executable, *arguments, "--without-gossip", "--without-mingle"],
            log=log,
            environment={"PATH": os.environ["PATH"], **variables(settings), **WORKER_ENVIRONMENT, **more},
            directory=REPOSITORY,
        )
        self.process: subprocess.Popen[bytes] = processes.spawn(command)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def await_ready(self) -> None:
        app = Celery("tests", broker=self.settings.redis_url, set_as_current=False)
        wait_for(lambda: bool(app.control.ping(timeout=0.5)), 60, f"the worker is not up; see {self.log}")
        app.close()

    def kill(self) -> None:
        """Kills it and its children, as the kernel would when memory is short."""
        processes.kill_group(self.process)
        self.process.wait()


@contextmanager
def worker(settings: Settings, log: Path, children: int = 1) -> Iterator[Worker]:
    running = Worker(settings, log, children)
    try:
        running.await_ready()
        yield running
    finally:
        running.kill()


@contextmanager
def gunicorn(settings: Settings, log: Path) -> Iterator[int]:
    """The port of a gunicorn, started as the product starts it."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "service/gunicorn_conf.py", "--bind", f"127.0.0.1:{port}"]
    environment = {"PATH": os.environ["PATH"], **variables(settings)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "service.wsgi:app"], cwd=REPOSITORY, env=environment, stdout=output, stderr=output
        )
    try:
        wait_for(lambda: is_alive(port), 180, f"gunicorn did not start; see {log}")
        yield port
    finally:
        process.terminate()
        ended = process.wait(timeout=10)
    assert ended == 0


def is_alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


def variables(settings: Settings) -> dict[str, str]:
    """The environment that makes these settings in another process."""
    values = {variable(field.name): getattr(settings, field.name) for field in fields(settings)}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def wait_for(holds: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)
