"""The six children of `legation up`: how each is started, when it is ready, how it is stopped.

Worst cases of stopping: web, sweeper, deliverer and worker together 3.5 s, Valkey 1.5 s, PostgreSQL 3 s; in all under
10 s.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from service.embedded import processes
from service.embedded.data_directory import DataDirectory
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.supervisor import Child
from service.embedded.valkey import EmbeddedValkey
from workers.nlp.environment import WORKER_ENVIRONMENT

GUNICORN = Path(__file__).resolve().parent.parent / "gunicorn_conf.py"
VALKEY = "Valkey"


def cores() -> int:
    return len(os.sched_getaffinity(0))


def postgres(server: EmbeddedPostgres) -> Child:
    return Child(
        name="PostgreSQL",
        launch=server.launch,
        is_ready=server.is_ready,
        log=server.log,
        stop_steps=((signal.SIGINT, 2.5), (signal.SIGQUIT, 0.5)),  # a fast shutdown, then an immediate one
    )


def valkey(server: EmbeddedValkey) -> Child:
    return Child(
        name=VALKEY,
        launch=server.launch,
        is_ready=server.is_ready,
        log=server.log,
        stop_steps=((signal.SIGTERM, 1.5),),
    )


def worker(data: DataDirectory, environment: Mapping[str, str], children: int) -> Child:
    """Celery with one process for each core. A busy one is given time for a short batch, and no more: the documents of
    a longer one come back by their leases.

    A worker that lost its broker may come back without consuming, so it is restarted when Valkey was.
    """
    node = f"legation-{os.getpid()}@{socket.gethostname()}"
    options = ["--hostname", node, "--concurrency", str(children), "--without-gossip", "--without-mingle"]
    command = processes.Command(
        arguments=[sys.executable, "-m", "celery", "-A", "workers.celery_app", "worker", *options],
        log=data.log("worker"),
        environment={**environment, **WORKER_ENVIRONMENT},
        directory=data.root,
        # Celery's own ways to end at once (SIGQUIT) wait for a broker that ends with us: 14 s were measured.
        death_signal=signal.SIGKILL,
    )
    return Child(
        name="Worker",
        launch=lambda: processes.spawn(command),
        is_ready=lambda: _answers(environment["REDIS_URL"], node),
        log=command.log,
        stop_steps=((signal.SIGTERM, 3.5),),
        patience=180.0,
        restarts_after=VALKEY,
    )


def sweeper(data: DataDirectory, environment: Mapping[str, str]) -> Child:
    return _command("Sweeper", "sweep", data, environment)


def deliverer(data: DataDirectory, environment: Mapping[str, str]) -> Child:
    """What it sends while it is stopped is sent again after the next start, as receivers know to expect."""
    return _command("Deliverer", "deliver", data, environment)


def _command(name: str, subcommand: str, data: DataDirectory, environment: Mapping[str, str]) -> Child:
    command = processes.Command(
        arguments=[sys.executable, "-m", "service.cli", subcommand],
        log=data.log(name.lower()),
        environment=environment,
        directory=data.root,
        death_signal=signal.SIGTERM,
    )
    return Child(
        name=name,
        launch=lambda: processes.spawn(command),
        is_ready=lambda: True,  # it has nobody to answer to; it is there or it is not
        log=command.log,
        stop_steps=((signal.SIGTERM, 2.5),),
    )


def web(data: DataDirectory, environment: Mapping[str, str], listener: int, url: str) -> Child:
    log = data.log("web")

    def launch() -> subprocess.Popen[bytes]:
        options = ["-c", str(GUNICORN), "--bind", f"fd://{listener}"]
        command = processes.Command(
            arguments=[sys.executable, "-m", "gunicorn", *options, "service.wsgi:app"],
            log=log,
            environment={**environment, "PROMETHEUS_MULTIPROC_DIR": str(data.metrics())},
            directory=data.root,
            death_signal=signal.SIGTERM,
            inherited=(listener,),
        )
        return processes.spawn(command)

    return Child(
        name="Web",
        launch=launch,
        is_ready=lambda: _is_ready(f"{url}/readyz"),
        log=log,
        stop_steps=((signal.SIGTERM, 2.5),),
    )


def _answers(redis_url: str, node: str) -> bool:
    app = Celery("legation", broker=redis_url, set_as_current=False)
    try:
        return bool(app.control.ping(destination=[node], timeout=0.5))
    except (OperationalError, redis.RedisError, OSError):  # kombu lets some through as they are
        return False
    finally:
        app.close()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
