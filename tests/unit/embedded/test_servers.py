"""The embedded servers: private, durable, several at once, and gone with the process that started them."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from service.embedded.accounts import let_enter, let_read
from service.embedded.errors import ServerStartError
from service.embedded.postgres import EmbeddedPostgres, binary
from service.embedded.valkey import EmbeddedValkey
from tests.conftest import REPOSITORY
from tests.processes import wait_for

NOBODY = 65534
PSQL = binary("psql")
UP = """
import sys, time
from pathlib import Path
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
folder = Path(sys.argv[1])
postgres, valkey = EmbeddedPostgres(folder / "postgres", durable=False), EmbeddedValkey(folder / "valkey")
postgres.start()
valkey.start()
print(postgres.process.pid, valkey.process.pid, flush=True)
time.sleep(60)
"""


def rows(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def ask(server: EmbeddedValkey, *command: str) -> object:
    with redis.Redis.from_url(server.url) as client:
        return client.execute_command(*command)


def test_postgres_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        rows(server, "create table kept as select 1 as one")
    with EmbeddedPostgres(tmp_path) as server:
        assert rows(server, "select one from kept") == [(1,)]


def test_postgres_gives_the_service_no_superuser_and_sorts_by_code_point(postgres: EmbeddedPostgres) -> None:
    assert rows(postgres, "select rolsuper, rolcreatedb from pg_roles where rolname = current_user") == [(False, True)]
    assert rows(postgres, "select datcollate from pg_database where datname = current_database()") == [("C.UTF-8",)]
    assert rows(postgres, "select upper('ä')") == [("Ä",)]


def test_postgres_is_out_of_reach_for_other_users(postgres: EmbeddedPostgres) -> None:
    assert rows(postgres, "show listen_addresses") == [("",)]
    for private in (postgres.sockets, postgres.cluster):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_postgres_asks_the_kernel_who_connects(tmp_path: Path) -> None:
    """Even one who gets to the socket, which is in a closed folder, is refused."""
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        socket = server.sockets / ".s.PGSQL.5432"
        for opened in (server.sockets, socket):
            opened.chmod(0o777)
        command = [PSQL, "--no-psqlrc", server.url, "--command", "select 1"]
        done = subprocess.run(
            command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, env={}, check=False
        )
    assert "Peer authentication failed" in done.stderr


def test_postgres_takes_paths_that_no_socket_can_have(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / ("long" * 25), durable=False) as server:
        assert rows(server, "select 1") == [(1,)]
        elsewhere = server.sockets
    assert not elsewhere.exists()


def test_postgres_starts_after_a_stale_lock(tmp_path: Path) -> None:
    """As after a reboot: the lock names a process that is now another program."""
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        lock = (server.cluster / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (server.cluster / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lock[1:]]))
        with server:
            assert rows(server, "select 1") == [(1,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_postgres_takes_over_from_one_that_lost_its_supervisor(tmp_path: Path) -> None:
    orphan = EmbeddedPostgres(tmp_path, durable=False)
    orphan.start()
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert rows(server, "select 1") == [(1,)]
        assert orphan.process is not None
        assert orphan.process.wait(timeout=5) == 0


def test_a_server_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        configuration = server.cluster / "postgresql.conf"
    configuration.write_text("shared_buffers = nonsense\n")
    with pytest.raises(ServerStartError, match=r"PostgreSQL did not start(?s:.*)nonsense"):
        server.start()


def test_valkey_keeps_what_it_was_told_over_a_restart(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        ask(server, "SET", "kept", "1")
        before = server.url
        server.stop()
        server.start()
        assert server.url == before
        assert ask(server, "GET", "kept") == b"1"


def test_valkey_wants_its_password_and_never_drops_a_task(valkey: EmbeddedValkey) -> None:
    with redis.Redis(port=valkey.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    assert ask(valkey, "CONFIG", "GET", "maxmemory-policy") in (
        [b"maxmemory-policy", b"noeviction"],
        {b"maxmemory-policy": b"noeviction"},
    )
    assert valkey.process is not None
    assert valkey.password not in " ".join(psutil.Process(valkey.process.pid).cmdline())


def test_several_servers_do_not_disturb_each_other(
    valkey: EmbeddedValkey, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    with EmbeddedValkey(tmp_path / "valkey") as other, EmbeddedPostgres(tmp_path / "postgres", durable=False) as second:
        assert other.port != valkey.port
        rows(second, "create table only_here ()")
        assert rows(postgres, "select 1 from pg_tables where tablename = 'only_here'") == []


def test_servers_die_with_their_parent(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen([sys.executable, "-c", UP, tmp_path], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        servers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(servers) == 2
        parent.send_signal(signal.SIGKILL)
    wait_for(lambda: all(not one.is_running() or one.status() == "zombie" for one in servers), 10, "orphans are left")


def test_folders_above_are_opened_for_passing_only(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a").chmod(0o700)
    assert tmp_path / "a" in let_enter(inner)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o701
    assert tmp_path / "a" not in let_enter(inner)


def test_an_installation_under_a_strict_umask_is_opened_for_reading(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "program"
    program.parent.mkdir()
    program.write_text("#!")
    for path in (tmp_path, program.parent, program):
        path.chmod(0o700)
    let_read(tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, program.parent, program)} == {0o755}
