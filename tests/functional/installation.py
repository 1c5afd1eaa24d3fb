"""A real `legation up` in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from service.embedded.data_directory import read_env
from tests.processes import wait_for

# The environment of whoever runs the tests must not choose the servers.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("LEGATION_", "DATABASE_", "REDIS_"))}


class Installation:
    """One data directory, started and stopped as a person would."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        self.data = data
        self.options = options
        self.environment = {**CLEAN, **environment}
        self.output = data.with_suffix(".out")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts it and waits until it says that it is up. Returns the seconds."""
        began = time.monotonic()
        process = self.launch()
        wait_for(lambda: self.says("Legation is up") or process.poll() is not None, 90, "legation up takes too long")
        assert process.poll() is None, self.output.read_text()
        return time.monotonic() - began

    def launch(self) -> subprocess.Popen[bytes]:
        """Starts it without waiting."""
        command = [sys.executable, "-m", "service.cli", "up", "--data", self.data, "--children", "1", *self.options]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=self.environment)
        return self.process

    def says(self, words: str) -> bool:
        return words in self.output.read_text()

    def is_whole(self) -> bool:
        """Whether everything that ended is back."""
        said = self.output.read_text()
        assert self.process.poll() is None, said
        return said.count(" is back.") == said.count("it is started again") + said.count(" is restarted with ")

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, *words: str) -> psutil.Process:
        """The direct child with these words on its command line."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if all(word in " ".join(child.cmdline()) for word in words))

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """Returns the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        return time.monotonic() - began

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def credentials(self) -> dict[str, str]:
        return read_env(self.data / "credentials.env")

    def client(self, path: str = "", timeout: float = 10) -> httpx.Client:
        """With its key, for addresses below this path."""
        known = self.credentials
        headers = {"Authorization": f"Bearer {known['LEGATION_API_KEY']}"}
        return httpx.Client(base_url=known["LEGATION_URL"] + path, headers=headers, timeout=timeout)

    def get(self, path: str) -> httpx.Response:
        with self.client() as client:
            return client.get(path)


def refused(data: Path, *options: str) -> str:
    """What `legation up` says when it cannot start."""
    command = [sys.executable, "-m", "service.cli", "up", "--data", data, *options]
    done = subprocess.run(command, capture_output=True, text=True, env=CLEAN, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def are_gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended. One that nobody has waited for yet has ended too."""
    return not [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
