"""`legation up`: everything on one machine, by one foreground command."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from service import bootstrap
from service.bootstrap import Credentials
from service.embedded import parts
from service.embedded.data_directory import DataDirectory, read_env, write_env, write_private
from service.embedded.errors import PortInUseError, ServerStartError, StopRequested
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.supervisor import Child, Supervisor
from service.embedded.valkey import EmbeddedValkey
from service.services import Services
from service.settings import Settings
from service.store import migrate

USUAL_PORT = 8000
RUNNING = ("DATABASE_URL", "REDIS_URL", "LEGATION_SECRET_KEY", "LEGATION_PUBLIC_URL")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what to show, not to listen on


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`port=None` takes the usual one if it is free, else any; `children=None` is one for each core."""

    data: Path
    host: str = "127.0.0.1"
    port: int | None = None
    children: int | None = None
    seeds: bool = True


def up(options: Options, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Runs until a signal asks for the end. Raises LegationError when something cannot start or stay up."""
    os.umask(0o077)  # what is written from here on is nobody else's business
    with DataDirectory.locked(options.data) as data:
        was_cut_off = data.running.exists()
        with _listen(options.host, options.port, patience=3.0 if was_cut_off else 0) as listener:
            supervisor = Supervisor(say)
            with supervisor.until_signal(), contextlib.suppress(StopRequested):
                Installation(options, environ, data, listener, supervisor, say).start()
                supervisor.watch()
            data.running.unlink(missing_ok=True)


class Installation:
    """One start: servers, schema, accounts, examples, and the service's own processes, in this order."""

    def __init__(
        self,
        options: Options,
        environ: Mapping[str, str],
        data: DataDirectory,
        listener: socket.socket,
        supervisor: Supervisor,
        say: Callable[[str], None],
    ) -> None:
        self._options = options
        self._environ = environ
        self._data = data
        self._listener = listener
        self._supervisor = supervisor
        self._say = say

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()[:2]
        shown = EVERYWHERE.get(host, host)
        return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"

    def start(self) -> None:
        began = time.monotonic()
        self._say(f"Legation starts; its data and logs are in {self._data.root}")
        environment = self._environment(self._database_url(), self._redis_url())
        settings = Settings.from_env(environment)
        write_env(self._data.running, {name: environment[name] for name in RUNNING})
        migrate.upgrade(settings.database_url)
        services = Services.start(settings)
        credentials = self._provide_credentials(services)
        self._launch_parts(environment, settings)
        self._load_seeds(services, credentials)
        services.engine.dispose()
        self._supervisor.await_ready()
        self._tell(credentials, time.monotonic() - began)

    def _environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        return {
            "LEGATION_PUBLIC_URL": self.url,
            "LEGATION_SECRET_KEY": self._data.secret_key(),
            **self._environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
        }

    def _database_url(self) -> str:
        if given := self._environ.get("DATABASE_URL"):
            _check_database(given)
            return given
        server = EmbeddedPostgres(self._data.root / "postgres", log=self._data.log("postgres"))
        self._launch(parts.postgres(server))
        for folder in (folder for folder in server.opened if not folder.is_relative_to(self._data.root)):
            self._say(f"{folder} lets other users pass through now (x), for the database runs as one of them.")
        server.ensure_database()
        return server.url

    def _redis_url(self) -> str:
        if given := self._environ.get("REDIS_URL"):
            _check_redis(given)
            return given
        server = EmbeddedValkey(self._data.root / "valkey", log=self._data.log("valkey"))
        self._launch(parts.valkey(server))
        return server.url

    def _launch(self, child: Child) -> None:
        self._supervisor.launch(child)
        self._supervisor.await_ready()

    def _provide_credentials(self, services: Services) -> Credentials:
        keep = functools.partial(write_env, self._data.credentials)
        credentials = bootstrap.provide_credentials(services, read_env(self._data.credentials), keep)
        keep(credentials.to_env(self.url))
        return credentials

    def _launch_parts(self, environment: Mapping[str, str], settings: Settings) -> None:
        # Children work in the data directory, where no folder of somebody else's can be taken for one of our packages.
        whole = {**environment, "LEGATION_STANZA_DIR": str(settings.stanza_dir.resolve())}
        self._supervisor.launch(
            parts.worker(self._data, whole, self._options.children or parts.cores()),
            parts.web(self._data, whole, self._listener.fileno(), self.url),
            parts.sweeper(self._data, whole),
            parts.deliverer(self._data, whole),
        )

    def _load_seeds(self, services: Services, credentials: Credentials) -> None:
        """Once for each data directory: documents that came later are not mixed with examples again."""
        if not self._options.seeds or self._data.seeded.exists():
            return
        by = bootstrap.seed_actor(services, credentials)
        for _ in bootstrap.load_seeds(services, by=by):
            self._supervisor.check()
        write_private(self._data.seeded, "")

    def _tell(self, credentials: Credentials, seconds: float) -> None:
        self._say(f"Legation is up, after {seconds:.1f} s.")
        self._say("")
        self._say(f"  Review    {self.url}")
        self._say(f"            sign in as {credentials.reviewer} with {credentials.password}")
        self._say(f"  API       {self.url}/api/v1, described at {self.url}/api/docs")
        self._say(f"            Authorization: Bearer {credentials.api_key}")
        self._say(f"  The same  {self._data.credentials}")
        self._say("")
        self._say("Ctrl-C stops it.")


@contextlib.contextmanager
def _listen(host: str, port: int | None, *, patience: float) -> Iterator[socket.socket]:
    """The web's socket, held here: while gunicorn is started again its callers wait instead of being refused.
    `patience`: seconds that a web process which lost its supervisor is given to let go of the port.
    Raises PortInUseError.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not _bind(listener, (host, USUAL_PORT if port is None else port), patience) and port is None:
            _bind(listener, (host, 0), 0)
        if listener.getsockname()[1] == 0:
            raise PortInUseError(f"Port {port} on {host} is in use; take another with --port.", port=port)
        listener.listen(128)
        yield listener


def _bind(listener: socket.socket, address: tuple[str, int], patience: float) -> bool:
    """False when the port is in use and stays so. Raises PortInUseError when it cannot be used at all."""
    deadline = time.monotonic() + patience
    while True:
        try:
            listener.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise PortInUseError(f"Cannot listen on {address[0]}, port {address[1]}: {error}.") from error
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _check_database(url: str) -> None:
    try:
        psycopg.connect(url.replace("+psycopg:", ":", 1), connect_timeout=5).close()
    except psycopg.Error as error:
        raise ServerStartError("DATABASE_URL", f"cannot be used: {error}") from error


def _check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise ServerStartError("REDIS_URL", f"cannot be used: {error}") from error
