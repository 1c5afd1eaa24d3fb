"""How long an upload takes, and how much memory the web processes need for it.

    python -m bench.uploads [--clients 4] [--uploads 250]

Starts PostgreSQL and Valkey (both durable, as in production), and gunicorn as the product starts it, on data of their
own. No worker drafts meanwhile: this measures the web side alone. Each client keeps one connection and sends articles
of about 4 kB, each with other bytes, one after another. Then come the largest documents, one at a time and one of each
client at once. Goals: 95 % of the articles answered within 50 ms, no web process ever above 150 MB.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey, free_port
from service.operations import accounts, keys
from service.services import Services
from service.settings import Settings
from service.store import migrate

SECRET_KEY = "only for this benchmark, and long enough"
SENTENCE = "The foreign minister of Norvale said on Tuesday that the talks with Sudmark would go on for another week. "
ARTICLE_BYTES, LARGEST_BYTES = 4_000, 10_000_000
WARM_UP = 20
P95_GOAL_MS, MEMORY_GOAL_MB = 50, 150


@dataclass(frozen=True)
class Web:
    url: str
    key: str
    process: psutil.Process


@contextmanager
def web() -> Iterator[Web]:
    with (
        tempfile.TemporaryDirectory(prefix="legation-bench-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
        EmbeddedValkey(Path(folder) / "valkey") as valkey,
    ):
        migrate.upgrade(postgres.url)
        settings = Settings(database_url=postgres.url, redis_url=valkey.url, secret_key=SECRET_KEY)
        key = make_key(settings)
        with gunicorn(settings, Path(folder) / "gunicorn.log") as (url, process):
            yield Web(url, key, psutil.Process(process.pid))


def make_key(settings: Settings) -> str:
    services = Services.start(settings)
    with services.sessions() as session:
        owner = accounts.create_user(session, "bench", "a password for the bench", "administrator", by=None)
        key = keys.create_key(session, "bench", ["upload"], owner, by=None).secret
    services.engine.dispose()
    return key


@contextmanager
def gunicorn(settings: Settings, log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "LEGATION_SECRET_KEY": settings.secret_key,
        "LEGATION_LOG_LEVEL": "WARNING",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "service/gunicorn_conf.py",
        "--bind",
        url.removeprefix("http://"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "service.wsgi:app"], env=environment, stdout=output, stderr=output)
    await_ready(url)
    yield url, process
    process.terminate()
    process.wait(timeout=10)


def await_ready(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{url}/readyz").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"{url} did not get ready")


def send(web: Web, texts: Sequence[bytes]) -> list[float]:
    """Milliseconds for each upload, by one client."""
    headers = {"Authorization": f"Bearer {web.key}", "Content-Type": "text/plain; charset=utf-8"}
    taken = []
    with httpx.Client(headers=headers, timeout=30) as client:
        for text in texts:
            started = time.perf_counter()
            answer = client.post(f"{web.url}/api/v1/documents", content=text)
            taken.append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 202, answer.text
    return taken


def send_by_all(web: Web, texts: Sequence[Sequence[bytes]]) -> tuple[list[float], float]:
    """Milliseconds for each upload, and the seconds for all, by as many clients as there are lists."""
    started = time.perf_counter()
    with ThreadPoolExecutor(len(texts)) as pool:
        taken = [time for times in pool.map(lambda own: send(web, own), texts) for time in times]
    return taken, time.perf_counter() - started


def texts(name: str, number: int, size: int) -> list[bytes]:
    body = (SENTENCE * (size // len(SENTENCE))).encode()
    return [f"{name}, number {i}. ".encode() + body for i in range(number)]


def peaks(web: Web) -> list[float]:
    """The most memory that each web process ever had resident, in MB (VmHWM in proc(5))."""
    lines = [Path(f"/proc/{child.pid}/status").read_text() for child in web.process.children()]
    return sorted(int(text.split("VmHWM:")[1].split()[0]) * 1024 / 1e6 for text in lines)


def shares(web: Web) -> list[float]:
    """What each has now, with its part of the memory that they share (PSS), in MB."""
    return sorted(child.memory_full_info().pss / 1e6 for child in web.process.children())


def measure(clients: int, uploads: int) -> Table:
    table = Table("what", "value", "goal", title=f"Uploads, {clients} clients, 2 web processes")
    load = os.getloadavg()[0]
    with web() as running:
        send_by_all(running, [texts(f"warm {i}", WARM_UP, ARTICLE_BYTES) for i in range(clients)])
        taken, seconds = send_by_all(running, [texts(f"client {i}", uploads, ARTICLE_BYTES) for i in range(clients)])
        p50, p95, p99 = (statistics.quantiles(taken, n=100)[at] for at in (49, 94, 98))
        table.add_row("article, median", f"{p50:.1f} ms", "")
        table.add_row("article, 95 %", f"{p95:.1f} ms", f"< {P95_GOAL_MS} ms")
        table.add_row("article, 99 %", f"{p99:.1f} ms", "")
        table.add_row("articles in a second", f"{len(taken) / seconds:.0f}", "")
        add_memory(table, running, "after articles")
        largest = send(running, texts("large", 3, LARGEST_BYTES - 1000))
        table.add_row("10 MB, one at a time, median", f"{statistics.median(largest):.0f} ms", "")
        add_memory(table, running, "after single 10 MB")
        at_once, _ = send_by_all(running, [texts(f"large {i}", 1, LARGEST_BYTES - 1000) for i in range(clients)])
        table.add_row(f"10 MB, {clients} at once, slowest", f"{max(at_once):.0f} ms", "")
        add_memory(table, running, f"after {clients} x 10 MB at once")
    table.caption = f"load average {load:.2f} before, {os.getloadavg()[0]:.2f} after; {os.cpu_count()} cores"
    return table


def add_memory(table: Table, web: Web, when: str) -> None:
    share = ", ".join(f"{mb:.0f}" for mb in shares(web))
    peak = ", ".join(f"{mb:.0f}" for mb in peaks(web))
    table.add_row(f"memory {when}: share now", f"{share} MB", "")
    table.add_row(f"memory {when}: peak", f"{peak} MB", f"< {MEMORY_GOAL_MB} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--uploads", type=int, default=250, help="articles of each client")
    asked = parser.parse_args()
    Console().print(measure(asked.clients, asked.uploads))


if __name__ == "__main__":
    main()
