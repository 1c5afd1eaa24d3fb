"""The folder that `legation up` keeps everything in: servers' files, logs, secrets, credentials."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from service.embedded.errors import DirectoryInUseError
from service.embedded.processes import rotate

PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Its files are for their owner alone. `running` tells other commands how to reach the servers while they run."""

    root: Path

    @property
    def credentials(self) -> Path:
        return self.root / "credentials.env"

    @property
    def running(self) -> Path:
        return self.root / "running.env"

    @property
    def seeded(self) -> Path:
        return self.root / "seeds-loaded"

    @classmethod
    @contextlib.contextmanager
    def locked(cls, root: Path) -> Iterator[Self]:
        """Made if it is missing, and ours until the end. Raises DirectoryInUseError."""
        root = root.absolute()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (root / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DirectoryInUseError(f"Another legation up (process {_holder(lock.name)}) uses {root}.") from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield cls(root)

    def log(self, name: str) -> Path:
        """The log file of a child, made room for when it has grown large."""
        folder = self.root / "log"
        folder.mkdir(mode=0o700, exist_ok=True)
        rotate(folder / f"{name}.log")
        return folder / f"{name}.log"

    def metrics(self) -> Path:
        """An empty folder for the counts of the web processes that now start."""
        folder = self.root / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder

    def secret_key(self) -> str:
        """Signs the sessions; drawn once, so that people stay signed in over restarts."""
        path = self.root / "secret-key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()


def read_env(path: Path) -> dict[str, str]:
    """The variables of a file as `write_env` makes them; none when there is no such file."""
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def write_env(path: Path, variables: Mapping[str, str]) -> None:
    write_private(path, "".join(f"{name}={value}\n" for name, value in variables.items()))


def write_private(path: Path, text: str) -> None:
    """Replaced as a whole, never half written, and at no time readable for others."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
        file.write(text)
    draft.replace(path)


def _holder(lock: str) -> str:
    return Path(lock).read_text() or "unknown"
