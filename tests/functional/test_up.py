"""`legation up`: everything by one command, that heals itself, stops cleanly and starts again where it was."""

from __future__ import annotations

import signal
import socket
import stat
from pathlib import Path

import psutil
import pytest

from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey, free_port
from tests.conftest import fresh_database
from tests.functional.installation import Installation, are_gone, refused
from tests.processes import wait_for

pytestmark = pytest.mark.xdist_group("up")

CHILDREN = {
    "PostgreSQL": ("bin/postgres",),
    "Valkey": ("valkey-server",),
    "Worker": ("celery", "worker"),
    "Sweeper": ("service.cli", "sweep"),
    "Deliverer": ("service.cli", "deliver"),
    "Web": ("gunicorn",),
}
EXAMPLES = 8


def test_it_supervises_six_children(running: Installation) -> None:
    for words in CHILDREN.values():
        assert running.child(*words).is_running()


def test_credentials_are_private_and_let_in(running: Installation) -> None:
    assert stat.S_IMODE((running.data / "credentials.env").stat().st_mode) == 0o600
    known = running.credentials
    assert {"LEGATION_URL", "LEGATION_API_KEY", "LEGATION_REVIEWER", "LEGATION_PASSWORD"} <= set(known)
    assert running.get("/api/v1/documents").status_code == 200
    for name, value in known.items():
        assert "ADMINISTRATOR" in name or running.says(value)


def test_examples_went_in_by_the_front_door(running: Installation) -> None:
    documents = running.get(f"/api/v1/documents?sort=oldest&limit={EXAMPLES}").json()["items"]
    assert len(documents) == EXAMPLES
    assert all(document["title"] and document["published"] for document in documents)


def test_nothing_listens_beyond_loopback(running: Installation) -> None:
    everyone = [psutil.Process(running.process.pid), *running.processes()]
    listening = [c.laddr.ip for p in everyone for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_no_secret_is_on_a_command_line(running: Installation) -> None:
    secrets = [value for name, value in running.credentials.items() if "KEY" in name or "PASSWORD" in name]
    secrets.append((running.data / "secret-key").read_text().strip())
    lines = "\n".join(" ".join(process.cmdline()) for process in running.processes())
    assert "postgres" in lines
    assert "redis://" not in lines
    assert not [secret for secret in secrets if secret in lines]


def test_files_are_for_their_owner_alone(running: Installation) -> None:
    """Folders may be passed through, for the database's own user; no file of ours can be read by others."""
    mine = [path for path in running.data.rglob("*") if path.is_file() and "postgres" not in path.parts]
    assert mine
    assert not [path for path in mine if path.stat().st_mode & 0o077]
    assert not (running.data / "postgres" / "cluster").stat().st_mode & 0o077


def test_web_processes_are_small_and_load_no_model(running: Installation) -> None:
    web = running.child(*CHILDREN["Web"])
    for process in [web, *web.children()]:
        assert process.memory_info().rss < 150_000_000
        assert not [file for file in process.memory_maps() if "torch" in file.path]


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_that_dies_is_started_again(running: Installation, name: str) -> None:
    words = CHILDREN[name]
    victim = running.child(*words)
    family = victim.children(recursive=True)
    victim.kill()
    wait_for(lambda: running.says(f"{name} was ended by SIGKILL; it is started again"), 10, running.output.read_text())
    wait_for(lambda: running.says(f"{name} is back.") and running.is_whole(), 40, f"{name} does not come back")
    assert running.child(*words).pid != victim.pid
    wait_for(lambda: running.get("/readyz").status_code == 200, 30, "the service does not come back")
    wait_for(lambda: are_gone(family), 10, "its own children outlived it")


def test_a_second_one_on_the_same_data_is_refused(running: Installation) -> None:
    message = refused(running.data)
    assert message.startswith(f"Error: Another legation up (process {running.process.pid}) uses {running.data}")


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Port {port} on 127.0.0.1 is in use" in refused(tmp_path / "var", "--port", port)


def test_an_external_server_that_is_away_is_named(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var", DATABASE_URL=f"postgresql://127.0.0.1:{free_port()}/none")
    with pytest.raises(AssertionError, match="DATABASE_URL cannot be used"):
        installation.start()


def test_it_stops_within_ten_seconds_and_starts_again_as_it_was(tmp_path: Path) -> None:
    first, port = Installation(tmp_path / "var"), str(free_port())
    first.start()
    known = first.credentials
    cookie_key = (first.data / "secret-key").read_text()
    processes = first.processes()
    assert first.stop(signal.SIGINT) < 10
    assert first.process.returncode == 0
    assert are_gone(processes)

    again = Installation(tmp_path / "var", "--port", port)
    assert again.start() < 15
    assert again.credentials == {**known, "LEGATION_URL": f"http://127.0.0.1:{port}"}
    assert (again.data / "secret-key").read_text() == cookie_key
    assert len(again.get("/api/v1/documents").json()["items"]) == EXAMPLES

    _is_cut_off_and_starts_again(again)


def _is_cut_off_and_starts_again(installation: Installation) -> None:
    """kill -9 of the supervisor leaves no orphans, and its next start works."""
    processes = installation.processes()
    installation.kill()
    wait_for(lambda: are_gone(processes), 10, "orphans are left")
    installation.start()
    assert len(installation.get("/api/v1/documents").json()["items"]) == EXAMPLES
    assert installation.stop() < 10


def test_servers_that_are_given_are_used(
    tmp_path: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str
) -> None:
    with fresh_database(postgres, template) as url:
        installation = Installation(tmp_path / "var", "--no-seeds", DATABASE_URL=url, REDIS_URL=valkey.url)
        installation.start()
        try:
            assert installation.get("/api/v1/documents").json()["items"] == []
            lines = [" ".join(process.cmdline()) for process in installation.processes()]
            assert not [line for line in lines if "bin/postgres" in line or "valkey-server" in line]
            assert not (installation.data / "postgres").exists()
        finally:
            assert installation.stop() < 10


def test_it_can_be_stopped_while_it_starts(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var", "--no-seeds")
    installation.launch()
    wait_for(lambda: installation.says("Legation starts"), 30, "it does not start")
    processes = installation.processes()
    assert installation.stop() < 10
    assert installation.process.returncode == 0
    assert are_gone(processes)
