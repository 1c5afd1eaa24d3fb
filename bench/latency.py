"""From the upload's answer to `drafted`, with a warm worker, and the memory that a worker child takes.

`python -m bench.latency [FILE]` runs a real worker with one child on embedded servers. FILE is the article to draft;
without it, ../shared/seed/ is taken where it is there, else a document of seeds/. The memory is read after a text of
1 MB, made by repeating the article, has been drafted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from bench.machine import print_table
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.operations import documents
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from service.store import migrate
from tests.conftest import SECRET_KEY, create_actor
from tests.factories import create_document
from tests.processes import Worker, worker

REPOSITORY = Path(__file__).resolve().parent.parent
ARTICLES = (REPOSITORY.parent / "shared/seed/putin-in-pyongyang.txt", *sorted(REPOSITORY.glob("seeds/documents/*.txt")))
ROUNDS = 12
MEGABYTE = 1_000_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", nargs="?", type=Path, default=next(path for path in ARTICLES if path.exists()))
    article = arguments.parse_args().file
    with tempfile.TemporaryDirectory() as folder:
        measure(article.read_text(), Path(folder))


def measure(text: str, folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres") as postgres, EmbeddedValkey(folder / "valkey") as valkey:
        migrate.upgrade(postgres.url)
        settings = Settings(database_url=postgres.url, redis_url=valkey.url, secret_key=SECRET_KEY)
        services = Services.start(settings)
        uploader = create_actor(services, "bench", "administrator")
        with worker(settings, folder / "worker.log") as running:
            await_drafted(services, uploader, f"warm {text}")
            seconds = [await_drafted(services, uploader, f"{i} {text}") for i in range(ROUNDS)]
            small = peak_memory(running)
            long = await_drafted(services, uploader, (f"{text}\n\n" * (MEGABYTE // len(text) + 1))[:MEGABYTE])
            print_table(
                f"Upload to drafted, {len(text)} characters, one warm child",
                {
                    "median": f"{statistics.median(seconds):.2f} s",
                    "slowest": f"{max(seconds):.2f} s of {ROUNDS}",
                    "peak memory of the child": f"{small:.0f} MB",
                    "a text of 1 MB": f"{long:.0f} s",
                    "peak memory of the child after it": f"{peak_memory(running):.0f} MB",
                },
            )
        services.engine.dispose()


def await_drafted(services: Services, uploader: Actor, text: str) -> float:
    """Seconds from the moment that the upload is answered."""
    document = create_document(services, uploader, text)
    started = time.monotonic()
    while True:
        with services.sessions() as session:
            if documents.get(session, document.id, by=uploader).state == "drafted":
                return time.monotonic() - started
        time.sleep(0.01)


def peak_memory(running: Worker) -> float:
    """The most resident memory that the child ever had, in MB: VmHWM of proc(5)."""
    [child] = running.children()
    status = Path(f"/proc/{child.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
