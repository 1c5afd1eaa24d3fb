"""How quick the review queue is, at 10,000, 100,000 and 1,000,000 open items: `make bench-review`.

    python -m bench.review [--sizes 10000 100000 1000000] [--write docs/review-speed.md]

Starts PostgreSQL and Valkey (both durable, as in production) on data of their own, fills the queue up to each size, and
lets eight people claim and approve at once, each a process of his own: at a pace that nobody keeps up, a step each
tenth of a second, and without any pause. Then come the page of an item of a long document, the plans of the queries,
and, at the largest size, the next item in a browser.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench.backlog import Backlog
from bench.machine import describe
from bench.pages import DECISIONS, RECORDS, WORDS, long_document, painting_times, server_times
from bench.queue_plans import plans
from bench.reviewing import Taken, p50, p95, work
from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from service.store import migrate
from tests.conftest import SECRET_KEY, create_actor

SIZES = (10_000, 100_000, 1_000_000)
PEOPLE, ITEMS, PAUSE = 8, 80, 0.2
STEP_GOAL, PAGE_GOAL, PAINT_GOAL, FLAT_GOAL = 25, 60, 100, 2

PAGE = """# How quick the review is

Measured by `make bench-review` on {day}; each figure is of this one run. Times are in milliseconds, the median and the
95th percentile. The machine: {machine}.

## Claims and decisions

{people} people at once, each a process of his own, on the embedded PostgreSQL, durable as in production. Each claims
{items} items, in all four orders in turn, and approves them. First with a pause of up to {pause} s before each step,
which makes {rate:.0f} items a second by all of them; then each goes on at once, so that the machine is busy throughout
and one waits for the other.

{steps}

## An item's page

The server's time for the page of an item that one holds, of a document of {words:,} words with {records} records.

{pages}

The next item after a decision by key, from the key to the frame that shows it, in a browser on the same machine,
{decisions} times: {painting}; the slowest took {slowest:.0f} (goal: {paint_goal}).

## How the next item is found

The queries that claim the next item, as PostgreSQL carried them out with {largest:,} items open: each walks along an
index in the order asked for until it finds a free item, so that it reads a few pages however long the queue is.

{plans}
"""


@dataclass(frozen=True)
class Row:
    """What was measured at one size."""

    size: int
    paced: Taken
    flat_out: Taken
    pages: Sequence[float]


class Bench:
    """Everything that a measurement needs, on data of its own."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self.folder = folder
        postgres = servers.enter_context(EmbeddedPostgres(folder / "postgres"))
        valkey = servers.enter_context(EmbeddedValkey(folder / "valkey"))
        migrate.upgrade(postgres.url)
        self.settings = Settings(
            database_url=postgres.url, redis_url=valkey.url, secret_key=SECRET_KEY, log_level="WARNING"
        )
        self.services = Services.start(self.settings)
        servers.callback(self.services.engine.dispose)
        administrator = create_actor(self.services, "ada", "administrator")
        self.people: list[Actor] = [create_actor(self.services, f"reader-{i}", "reviewer") for i in range(PEOPLE)]
        self.reader = create_actor(self.services, "rosa", "reviewer")
        self.backlog = Backlog.begin(postgres.address("postgres", "legation"), self.services, administrator)
        self.long: list[UUID] = long_document(self.services, administrator)

    def measure(self, size: int) -> Row:
        print(f"{size:,} items: filled in {self.backlog.fill(size):.0f} s", flush=True)
        paced = work(self.settings, self.people, ITEMS, PAUSE)
        flat_out = work(self.settings, self.people, ITEMS, 0.0)
        row = Row(size, paced, flat_out, server_times(self.settings, self.services, self.reader, self.long))
        print("  " + "; ".join(cells(row)[1:]), flush=True)
        return row


def cells(row: Row) -> list[str]:
    steps = (row.paced.claims, row.paced.decisions, row.flat_out.claims, row.flat_out.decisions)
    return [f"{row.size:,}", *map(told, steps), f"{len(row.flat_out.claims) / row.flat_out.seconds:.0f}"]


def told(taken: Sequence[float]) -> str:
    return f"{p50(taken):.1f} / {p95(taken):.1f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def steps_table(rows: Sequence[Row]) -> str:
    head = ["open items", "claim", "decision", "claim, without pauses", "decision, without", "items/s, without"]
    growth = [f"{p95(last) / p95(first):.2f}" for first, last in zip(*_ends(rows), strict=True)]
    goals = [f"p95 < {STEP_GOAL}"] * 2
    return table(
        head,
        [
            *map(cells, rows),
            ["p95, last by first", *growth, ""],
            ["goal", *goals, "", "", f"and growth < {FLAT_GOAL}"],
        ],
    )


def _ends(rows: Sequence[Row]) -> list[list[Sequence[float]]]:
    return [
        [row.paced.claims, row.paced.decisions, row.flat_out.claims, row.flat_out.decisions]
        for row in (rows[0], rows[-1])
    ]


def report(rows: Sequence[Row], painting: Sequence[float], found: dict[str, str]) -> str:
    paced = rows[-1].paced
    return PAGE.format(
        day=dt.datetime.now(dt.UTC).date(),
        machine=describe(),
        people=PEOPLE,
        items=ITEMS,
        pause=PAUSE,
        rate=len(paced.claims) / paced.seconds,
        steps=steps_table(rows),
        words=WORDS,
        records=RECORDS,
        pages=table(
            ["open items", "the page", "goal"], [[f"{r.size:,}", told(r.pages), f"p95 < {PAGE_GOAL}"] for r in rows]
        ),
        decisions=DECISIONS,
        painting=told(painting),
        slowest=max(painting),
        paint_goal=PAINT_GOAL,
        largest=rows[-1].size,
        plans="\n\n".join(f"**{name}**\n\n```\n{plan}\n```" for name, plan in found.items()),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--write", type=Path, help="the page that the run writes; without it, it goes to the terminal")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="legation-bench-", ignore_cleanup_errors=True) as folder:
        with ExitStack() as servers:
            bench = Bench(Path(folder), servers)
            rows = [bench.measure(size) for size in asked.sizes]
            found = plans(bench.services, bench.reader)
            painting = painting_times(bench.settings, bench.people[0], Path(folder) / "gunicorn.log")
        page = report(rows, painting, found)
    if asked.write:
        asked.write.write_text(page)
    else:
        print(page)


if __name__ == "__main__":
    main()
