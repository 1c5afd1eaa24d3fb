"""How quick documents of each kind are read, and how much memory that takes: `make bench-intake`.

    python -m bench.intake [--times 5] [--write docs/intake-speed.md]

The documents are made by pandoc, LibreOffice and Chromium from one own text, each about 20 pages long. Each is read as
workers read it: in a process of its own, whose start is part of the time.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from bench.machine import describe
from bench.review import table
from tests.conftest import REPOSITORY
from tests.integration.readers.producers import MARKDOWN, by_chromium, by_office, by_pandoc, in_columns
from workers.readers import kinds, sandbox

PARAGRAPHS = 300  # of the columns, on some 20 pages
REPEATED = 60  # times the short text, on some 20 pages
CHARACTERS_A_PAGE = 2_500
SCANNED_PAGES = 4

WRITTEN = """# How quick documents are read

Measured by `make bench-intake` on {day}; each figure is the median of {times} readings of this one run. The machine:
{machine}.

Each document is read as a worker reads it: in a process of its own, whose start ({start:.2f} s with a short
text in RTF) is part of the time. A page is one of the PDF, or {characters:,} characters. Memory is the largest resident
size of that process.

{figures}
"""


@dataclass(frozen=True)
class Figure:
    name: str
    bytes: int
    pages: float
    seconds: float
    memory: float


def documents(folder: Path) -> dict[str, tuple[bytes, str | None]]:
    """By name, with what has to be declared of it."""
    body = MARKDOWN.partition("---\n\n")[2]
    long = MARKDOWN + "".join("\n" + body.replace("Norvale", f"Norvale {number}") for number in range(REPEATED))
    pdf = by_chromium(folder, in_columns(PARAGRAPHS))
    made: dict[str, tuple[bytes, str | None]] = {"PDF, two columns": (pdf, None), "PDF, scanned": (scanned(pdf), None)}
    for kind in ("docx", "odt", "rtf", "epub", "html"):
        made[kind.upper()] = (by_pandoc(folder, kind, long), None)
    made["PDF of LibreOffice"] = (by_office(folder, made["ODT"][0], "odt", "pdf"), None)
    made["Markdown"] = (long.encode(), kinds.MARKDOWN)
    return made


def scanned(pdf: bytes) -> bytes:
    document = pypdfium2.PdfDocument(pdf)
    first, *others = (document[number].render(scale=2).to_pil().convert("L") for number in range(SCANNED_PAGES))
    saved = io.BytesIO()
    first.save(saved, "PDF", save_all=True, append_images=others, resolution=144)
    return saved.getvalue()


def measure(name: str, original: bytes, declared: str | None, times: int, folder: Path) -> Figure:
    source = folder / "measured"
    source.write_bytes(original)
    more = ["--declared", declared] if declared else []
    command = [sys.executable, "-m", "bench.intake", "--one", str(source), *more]
    runs = []
    for _ in range(times):
        told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY).stdout
        runs.append(json.loads(told))
    runs.sort(key=lambda run: run["seconds"])
    middle = runs[times // 2]
    return Figure(name, len(original), middle["pages"], middle["seconds"], max(run["memory"] for run in runs))


def read_one(source: Path, declared: str | None) -> None:
    """Prints what one reading took; in a process of its own, so that its largest child is this reader."""
    original = source.read_bytes()
    began = time.perf_counter()
    found = sandbox.read(original, declared)
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    pages = len(found.pages) or len(found.text) / CHARACTERS_A_PAGE
    print(json.dumps({"seconds": seconds, "memory": memory, "pages": pages}))


def start_alone() -> float:
    began = time.perf_counter()
    sandbox.read(b"{\\rtf1 A short text.}")
    return time.perf_counter() - began


def report(figures: list[Figure], times: int, machine: str) -> str:
    cells = [
        [
            one.name,
            f"{one.bytes / 1e3:,.0f}",
            f"{one.pages:.0f}",
            f"{one.seconds:.2f}",
            f"{one.pages / one.seconds:,.1f}",
            f"{one.memory:.0f}",
        ]
        for one in figures
    ]
    return WRITTEN.format(
        day=dt.datetime.now(dt.UTC).date(),
        times=times,
        machine=machine,
        start=start_alone(),
        characters=CHARACTERS_A_PAGE,
        figures=table(["document", "kB", "pages", "seconds", "pages a second", "memory, MB"], cells),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--write", type=Path, help="the page that the run writes; without it, it goes to the terminal")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--declared", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        read_one(asked.one, asked.declared)
        return
    machine = describe()
    with tempfile.TemporaryDirectory(prefix="legation-bench-") as name:
        folder = Path(name)
        figures = [measure(kind, *made, asked.times, folder) for kind, made in documents(folder).items()]
    page = report(figures, asked.times, machine)
    if asked.write:
        asked.write.write_text(page)
    else:
        print(page)


if __name__ == "__main__":
    main()
