"""How quick the API is, with 10,000, 100,000 and 1,000,000 approved records: `make bench-api`.

    python -m bench.api [--sizes 10000 100000 1000000] [--write docs/api-speed.md]

Starts PostgreSQL and Valkey (both durable, as in production) and gunicorn as the product starts it, on data of their
own, and fills the database up to each size. wrk (https://github.com/wg/wrk) sends the uploads and reads the feed, from
the same machine. No worker drafts meanwhile: this measures the web side alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import Queue

import httpx
import psutil
from sqlalchemy import func, select

from bench.machine import describe
from bench.published import RECORDS, Published
from bench.review import table
from bench.reviewing import p50, p95
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.services import Services
from service.settings import Settings
from service.store import migrate
from service.store.models import Change
from tests.conftest import SECRET_KEY, create_actor, create_key
from tests.factories import create_drafted_document, many_visits
from tests.processes import gunicorn

SIZES = (10_000, 100_000, 1_000_000)
SECONDS = 10  # of each measurement by wrk
UPLOADERS, READERS, PAGE = 8, 10, 500
APPROVALS, PAUSE = 100, 0.1
SENTENCE = "The foreign minister of Norvale said on Tuesday that the talks with Sudmark would go on for another week. "
ARTICLE_BYTES = 4_000
LIVE_GOAL, FLAT_GOAL, MEMORY_GOAL = 200, 2, 150
SCRIPT = Path(__file__).with_name("wrk.lua")

WRITTEN = """# How quick the API is

Measured by `make bench-api` on {day}; each figure is of this one run. The machine: {machine}.

Everything ran on it: the service as `legation up` starts it (two web processes, PostgreSQL and Valkey durable), and
what asked it. No worker drafted meanwhile. Records are visits with two participants, {records} of each document.

## Uploads

{uploaders} clients at once, each with one connection, send articles of {bytes:,} bytes, each another one, for {seconds}
seconds. Times are in milliseconds.

{uploads}

## The feed

Pages of {page} changes from random places, by one reader and by {readers} at once, for {seconds} seconds each.

{feed}

## The export

All records as JSON Lines by one reader, as is and signed. Memory is the largest resident size of a web process while it
went on, and how much more that is than before.

{exports}

## From an approval to the live feed

From sending a decision to its row at a reader of `/api/v1/changes/stream`, in milliseconds: {approvals} approvals, one
after the other with a pause of up to {pause} s, with the largest number of records.

{live}
"""


@dataclass(frozen=True)
class Load:
    """What wrk counted. Times are in milliseconds."""

    rate: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Export:
    rows: int
    seconds: float
    memory: float
    growth: float

    @property
    def microseconds(self) -> float:
        return self.seconds / self.rows * 1e6


@dataclass(frozen=True)
class Row:
    """What was measured at one size."""

    size: int
    uploads: Load
    one: Load
    many: Load
    plain: Export
    signed: Export


class Bench:
    """Everything that a measurement needs, on data of its own."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        postgres = servers.enter_context(EmbeddedPostgres(folder / "postgres"))
        valkey = servers.enter_context(EmbeddedValkey(folder / "valkey"))
        migrate.upgrade(postgres.url)
        self.settings = Settings(
            database_url=postgres.url,
            redis_url=valkey.url,
            secret_key=SECRET_KEY,
            log_level="WARNING",
            rate_limit=10**9,
            documents_in_work=10**9,
        )
        self.services = Services.start(self.settings)
        servers.callback(self.services.engine.dispose)
        self.administrator = create_actor(self.services, "ada", "administrator")
        self.key = create_key(self.services, self.administrator, "upload", "read", "review")
        self.to_decide = [str(id) for number in range(APPROVALS // RECORDS) for id in self._drafts(number)]
        self.published = Published.begin(postgres.address("postgres", "legation"), self.services, self.administrator)
        self.port = servers.enter_context(gunicorn(self.settings, folder / "gunicorn.log"))
        self.http = servers.enter_context(
            httpx.Client(
                base_url=f"http://127.0.0.1:{self.port}/api/v1",
                headers={"Authorization": f"Bearer {self.key}", "Accept-Encoding": "identity"},
                timeout=600,
            )
        )

    def _drafts(self, number: int) -> Sequence[object]:
        story, records = many_visits(RECORDS)
        return create_drafted_document(self.services, self.administrator, f"{story} {number}", records)[1]

    def measure(self, size: int) -> Row:
        print(f"{size:,} records: filled in {self.published.fill(size):.0f} s", flush=True)
        plain, signed = self._export("false"), self._export("true")
        newest = str(self._newest())
        one, many = (self._wrk(readers, NEWEST=newest, PAGE=str(PAGE)) for readers in (1, READERS))
        body = SENTENCE * (ARTICLE_BYTES // len(SENTENCE))
        row = Row(size, self._wrk(UPLOADERS, BODY=body, NAME=f"Of {size}, "), one, many, plain, signed)
        print(f"  {row}", flush=True)
        return row

    def _newest(self) -> int:
        with self.services.engine.connect() as connection:
            return int(connection.scalar(select(func.max(Change.seq))) or 0)

    def _wrk(self, connections: int, **told: str) -> Load:
        command = ["wrk", "-t", str(min(connections, 2)), "-c", str(connections), "-d", f"{SECONDS}s", "-s", SCRIPT]
        environment = {**os.environ, "KEY": self.key, **told}
        done = subprocess.run(
            [*command, "--timeout", "30s", f"http://127.0.0.1:{self.port}"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
        requests, seconds, half, most, failed = map(float, line.split()[1:])
        assert not failed, done.stdout
        return Load(requests / seconds, half, most)

    def _export(self, signed: str) -> Export:
        rows, before = 0, max(self._memory())
        with sampled(self._memory) as samples:
            began = time.perf_counter()
            with self.http.stream("GET", "/exports/events.jsonl", params={"signed": signed}) as answer:
                for part in answer.iter_bytes():
                    rows += part.count(b"\n")
            seconds = time.perf_counter() - began
        return Export(rows, seconds, max(samples), max(samples) - before)

    def _memory(self) -> list[float]:
        """What each web process has resident, in MB."""
        of_this = [child for child in psutil.Process().children() if f"127.0.0.1:{self.port}" in child.cmdline()]
        return [child.memory_info().rss / 1e6 for arbiter in of_this for child in arbiter.children()]

    def live(self) -> list[float]:
        """Milliseconds from sending each approval to its row."""
        seen: Queue[tuple[str, float]] = Queue()
        reader = threading.Thread(target=self._follow, args=(seen, self._newest()), daemon=True)
        reader.start()
        assert seen.get()[0] == "open"
        chance, sent, came = random.Random(1), {}, {}
        for event_id in self.to_decide[:APPROVALS]:
            time.sleep(chance.uniform(0, PAUSE))
            sent[event_id] = time.perf_counter()
            self.http.post(
                f"/events/{event_id}/decisions", json={"decision": "approve"}, headers={"If-Match": '"1"'}
            ).raise_for_status()
        while len(came) < APPROVALS:
            event_id, at = seen.get(timeout=30)
            came[event_id] = at
        reader.join()
        return [(came[event_id] - at) * 1000 for event_id, at in sent.items()]

    def _follow(self, seen: Queue[tuple[str, float]], after: int) -> None:
        cursor = self.http.get("/changes", params={"after": after}).json()["next_cursor"]
        with self.http.stream("GET", "/changes/stream", params={"cursor": cursor}) as answer:
            seen.put(("open", 0.0))
            told = (line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: "))
            for line in islice(told, APPROVALS):
                seen.put((json.loads(line)["event"]["id"], time.perf_counter()))


@contextmanager
def sampled(memory: Callable[[], list[float]]) -> Iterator[list[float]]:
    """The largest of the processes, twenty times a second."""
    samples: list[float] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(0.05):
            samples.append(max(memory()))

    thread = threading.Thread(target=sample)
    thread.start()
    yield samples
    ended.set()
    thread.join()


def report(rows: Sequence[Row], live: Sequence[float], machine: str) -> str:
    return WRITTEN.format(
        day=dt.datetime.now(dt.UTC).date(),
        machine=machine,
        records=RECORDS,
        uploaders=UPLOADERS,
        bytes=ARTICLE_BYTES,
        seconds=SECONDS,
        page=PAGE,
        readers=READERS,
        approvals=APPROVALS,
        pause=PAUSE,
        uploads=_uploads(rows),
        feed=_feed(rows),
        exports=_exports(rows),
        live=table(
            ["median", "p95", "slowest", "goal"],
            [[f"{p50(live):.0f}", f"{p95(live):.0f}", f"{max(live):.0f}", f"p95 < {LIVE_GOAL}"]],
        ),
    )


def _uploads(rows: Sequence[Row]) -> str:
    head = ["records", "accepted a second", "median", "p95"]
    return table(
        head, [[f"{r.size:,}", f"{r.uploads.rate:.0f}", f"{r.uploads.p50:.1f}", f"{r.uploads.p95:.1f}"] for r in rows]
    )


def _feed(rows: Sequence[Row]) -> str:
    head = ["records", "changes a second, one reader", f"of all {READERS} readers", "µs a change, one reader"]
    cells = [
        [f"{r.size:,}", f"{r.one.rate * PAGE:,.0f}", f"{r.many.rate * PAGE:,.0f}", f"{1e6 / (r.one.rate * PAGE):.0f}"]
        for r in rows
    ]
    growth = rows[0].one.rate / rows[-1].one.rate
    return table(head, [*cells, ["last by first", "", "", f"{growth:.2f} (goal: < {FLAT_GOAL})"]])


def _exports(rows: Sequence[Row]) -> str:
    head = ["records", "rows a second", "µs a row", "signed, rows a second", "memory, MB", "more than before, MB"]
    cells = [
        [
            f"{r.size:,}",
            f"{r.plain.rows / r.plain.seconds:,.0f}",
            f"{r.plain.microseconds:.0f}",
            f"{r.signed.rows / r.signed.seconds:,.0f}",
            f"{max(r.plain.memory, r.signed.memory):.0f}",
            f"{max(r.plain.growth, r.signed.growth):.0f}",
        ]
        for r in rows
    ]
    growth = rows[-1].plain.microseconds / rows[0].plain.microseconds
    goals = ["last by first", "", f"{growth:.2f} (goal: < {FLAT_GOAL})", "", f"goal: < {MEMORY_GOAL}", ""]
    return table(head, [*cells, goals])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--write", type=Path, help="the page that the run writes; without it, it goes to the terminal")
    asked = parser.parse_args()
    machine = describe()
    with ExitStack() as servers:
        made = tempfile.TemporaryDirectory(prefix="legation-bench-", ignore_cleanup_errors=True)
        folder = servers.enter_context(made)
        bench = Bench(Path(folder), servers)
        rows = [bench.measure(size) for size in asked.sizes]
        page = report(rows, bench.live(), machine)
    if asked.write:
        asked.write.write_text(page)
    else:
        print(page)


if __name__ == "__main__":
    main()
