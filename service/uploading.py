"""`legation upload`: sends files in with a progress bar, and says at the end what became of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from service import files
from service.client import Client, Sent
from service.errors import LegationError

POLL_EVERY = 0.5
SETTLED = ("drafted", "unpacked", "failed")
BAR = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file: what the service says of it, or why it was not taken."""

    path: Path
    sent: Sent | None = None
    error: str | None = None

    @property
    def is_good(self) -> bool:
        return self.sent is not None and self.sent.state != "failed"


def upload(client: Client, paths: Sequence[Path], console: Console, *, wait: bool) -> list[Outcome]:
    """One after the other: the service keeps a document in milliseconds, the drafting behind it is what takes time."""
    with Progress(*BAR, console=console, transient=True, disable=not console.is_terminal) as progress:
        outcomes = list(progress.track(_send_all(client, paths), total=len(paths), description="Uploading"))
        return _await_drafts(client, outcomes, progress) if wait else outcomes


def table(outcomes: Sequence[Outcome]) -> Table:
    made = Table(box=None, header_style="bold", pad_edge=False)
    made.add_column("file", overflow="fold")
    for column in ("state", "events", "document"):
        made.add_column(column, overflow="fold")
    for outcome in outcomes:
        made.add_row(*_row(outcome))
    return made


def _send_all(client: Client, paths: Sequence[Path]) -> Iterator[Outcome]:
    for path in paths:
        try:
            yield Outcome(path, client.upload(files.load(path)))
        except (LegationError, OSError) as error:
            yield Outcome(path, error=str(error))


def _await_drafts(client: Client, outcomes: list[Outcome], progress: Progress) -> list[Outcome]:
    """Asks again until every document is drafted or has failed."""
    task = progress.add_task("Drafting", total=sum(outcome.sent is not None for outcome in outcomes))
    settled: dict[Path, Outcome] = {}
    while waiting := [outcome for outcome in outcomes if outcome.sent and outcome.path not in settled]:
        for now in (_look(client, outcome) for outcome in waiting):
            if now.sent is None or now.sent.state in SETTLED:
                settled[now.path] = now
                progress.advance(task)
        time.sleep(POLL_EVERY)
    return [settled.get(outcome.path, outcome) for outcome in outcomes]


def _look(client: Client, outcome: Outcome) -> Outcome:
    assert outcome.sent is not None
    try:
        now = client.document(outcome.sent.id)
    except LegationError as error:
        return Outcome(outcome.path, error=str(error))
    return replace(outcome, sent=replace(now, is_duplicate=outcome.sent.is_duplicate))


def _row(outcome: Outcome) -> tuple[str, str, str, str]:
    if outcome.sent is None:
        return escape(str(outcome.path)), "[red]refused[/red]", "", escape(outcome.error or "")
    state = outcome.sent.state + (" (known)" if outcome.sent.is_duplicate else "")
    shown = f"[red]{state}[/red]" if outcome.sent.state == "failed" else state
    events = str(outcome.sent.events) if outcome.sent.state == "drafted" else ""
    return escape(str(outcome.path)), shown, events, escape(outcome.sent.failure or outcome.sent.id)
