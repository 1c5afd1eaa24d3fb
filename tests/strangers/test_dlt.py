"""docs/pulling.md's pipeline, as it stands there: killed at random points while people write, and it ends with exactly
what is published.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from typing import Any
from uuid import UUID

import duckdb
import httpx
import pytest

from service.operations import records, undoing
from service.operations.actor import Actor
from service.services import Services
from tests.conftest import REPOSITORY, create_actor
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.strangers.conftest import Served

KILLS, WRITERS, RECORDS = 6, 2, 12
SEED = 20_24

# Loads dlt once, and runs the pipeline in a child for each line that it reads, so that a run is its work alone.
HATCHERY = """
import os, runpy, sys
import dlt, dlt.sources.rest_api, dlt.destinations.impl.duckdb.duck, duckdb
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        runpy.run_path("pull.py", run_name="__main__")
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Puller:
    """The pipeline in a folder of its own."""

    folder: Path
    process: subprocess.Popen[str]

    def run(self) -> float:
        """A whole run. Returns the seconds that it took."""
        began = time.monotonic()
        self._start()
        if self._line() != "0":
            self._drop_half_made()
            self._start()
            assert self._line() == "0", (self.folder / "errors").read_text()
        return time.monotonic() - began

    def _drop_half_made(self) -> None:
        """What docs/pulling.md says to do where a kill met dlt while it made the folders of a package."""
        packages = [one for one in self.folder.rglob("normalize/extracted/*") if one.is_dir()]
        half_made = [one for one in packages if not (one / "new_jobs").is_dir()]
        assert half_made, (self.folder / "errors").read_text()
        for package in half_made:
            shutil.rmtree(package)

    def run_and_kill(self, after: float) -> bool:
        """Whether it was killed, and had not ended before."""
        child = self._start()
        time.sleep(after)  # where it is by then is left to chance, which is the point
        with suppress(ProcessLookupError):  # it has ended already, as the line says then
            os.kill(child, signal.SIGKILL)
        return self._line() == str(-signal.SIGKILL)

    def kept(self) -> dict[str, dict[str, Any]]:
        """What it has made of the feed, by id."""
        with duckdb.connect(self.folder / "legation.duckdb", read_only=True) as database:
            rows = database.sql("select event__id, event__revision, event__modality from published.events").fetchall()
            participants = database.sql(
                "select event__id, list(name order by person._dlt_list_idx) from published.events "
                "join published.events__event__participants person on person._dlt_parent_id = events._dlt_id group by 1"
            ).fetchall()
        names = dict(participants)
        return {id: {"revision": number, "modality": said, "names": names[id]} for id, number, said in rows}

    def _start(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def pipeline() -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```$", (REPOSITORY / "docs/pulling.md").read_text(), re.M | re.S)
    return str(code)


@pytest.fixture
def puller(served: Served, tmp_path: Path) -> Iterator[Puller]:
    folder = tmp_path / "puller"
    folder.mkdir()
    (folder / "pull.py").write_text(pipeline())
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LEGATION_URL": served.url,
        "LEGATION_API_KEY": served.keys["reader"],
        "DLT_DATA_DIR": str(folder / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
    }
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", HATCHERY],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with process:
        running = Puller(folder, process)
        assert running._line() == "ready", (folder / "errors").read_text()
        yield running
        process.kill()


@dataclass
class Writer:
    """Somebody who decides, corrects, retracts and takes back, on records of his own."""

    services: Services
    by: Actor
    events: Sequence[UUID]
    chance: random.Random
    done: list[str] = field(default_factory=list)

    def write_until(self, stopped: Flag) -> list[str]:
        while not stopped.is_set():
            self.write()
        return self.done

    def write(self) -> None:
        with self.services.sessions() as session:
            event = records.get(session, self.chance.choice(self.events), by=self.by).event
        possible = {"draft": ["approve", "fix"], "approved": ["fix", "reject", "undo"], "retracted": ["undo"]}
        action = self.chance.choice(possible[event.state])
        self.done.append(action)
        if action == "undo":
            self._undo()
        else:
            modality = self.chance.choice(["planned", "possible", "denied"])
            more: dict[str, dict[str, Any]] = {
                "fix": {"changes": {"modality": modality, "place/name": f"Place {len(self.done)}"}},
                "reject": {"reason": "duplicate"},
            }
            create_decision(
                self.services, event.id, action, by=self.by, revision=event.revision, **more.get(action, {})
            )

    def _undo(self) -> None:
        """His last decision, on whichever record."""
        with self.services.sessions() as session:
            undoing.undo(session, by=self.by, seconds=60)


@contextmanager
def writing(served: Served) -> Iterator[list[Writer]]:
    """While people write."""
    writers = []
    for number in range(WRITERS):
        by = create_actor(served.services, f"writer-{number}", "reviewer")
        text, drafts = many_visits(RECORDS)
        _, events = create_drafted_document(served.services, served.people["administrator"], f"{text} {number}", drafts)
        writers.append(Writer(served.services, by, events, random.Random(f"{SEED} {number}")))
    stopped = Flag()
    with ThreadPoolExecutor(WRITERS) as pool:
        busy = [pool.submit(writer.write_until, stopped) for writer in writers]
        try:
            yield writers
        finally:
            stopped.set()
        for one in busy:
            one.result()


def published(served: Served) -> dict[str, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {served.keys['reader']}"}
    lines = httpx.get(f"{served.url}/api/v1/exports/events.jsonl", headers=headers).text.splitlines()
    return {
        row["id"]: {
            "revision": row["revision"],
            "modality": row["modality"],
            "names": [one["name"] for one in row["participants"]],
        }
        for row in map(json.loads, lines)
    }


def test_a_pipeline_that_is_killed_again_and_again_ends_with_what_is_published(served: Served, puller: Puller) -> None:
    chance = random.Random(SEED)
    with writing(served) as writers:
        takes = puller.run()
        killed = [puller.run_and_kill(chance.uniform(0, takes)) for _ in range(KILLS)]
    assert any(killed), f"seed {SEED}: it always ended before"
    puller.run()  # what was begun before the last kill is finished first, and nothing new is asked for
    puller.run()
    assert puller.kept() == published(served), f"seed {SEED}"
    assert {"approve", "fix", "reject", "undo"} <= {action for writer in writers for action in writer.done}


def test_a_pipeline_that_has_everything_changes_nothing(served: Served, puller: Puller) -> None:
    text, drafts = many_visits(3)
    _, events = create_drafted_document(served.services, served.people["administrator"], text, drafts)
    for event_id in events:
        create_decision(served.services, event_id, by=served.people["reviewer"])
    create_decision(served.services, events[0], "reject", reason="duplicate", by=served.people["reviewer"], revision=2)
    puller.run()
    first = puller.kept()
    puller.run()
    assert puller.kept() == first == published(served)
    assert set(first) == {str(event_id) for event_id in events[1:]}
