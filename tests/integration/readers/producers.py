"""One own text in many formats, each made by a program that is not ours: pandoc, LibreOffice, Chromium."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

TITLE = "Norvale and Sudmark agree on talks"
PARAGRAPHS = [
    "The president of Norvale, Ada Larsen, arrived in Sudmark on Tuesday for two days of negotiations about the border "
    "along the Grey Line, her office said in a statement that was sent to the agencies in the morning.",
    "Hours later soldiers of Norvale crossed the Grey Line into Sudmark and wounded two guards, the interior ministry "
    "of Sudmark announced. Representatives of both governments met in the evening.",
    "The foreign ministers will sign the agreement on the nineteenth of June, according to the spokeswoman of the "
    "international commission, which has watched the negotiations since the beginning of the year.",
]
ITEMS = ["a hotline between the two commands", "a visit of observers in September"]
ROWS = [["Party", "Observers"], ["Norvale", "twelve"], ["Sudmark", "fourteen"]]
FOOTNOTE = "The commission was founded by six neighbouring states."

MARKDOWN = f"""---
title: {TITLE}
lang: en
---

# {TITLE}

{PARAGRAPHS[0]}

{PARAGRAPHS[1]}[^1]

- {ITEMS[0]}
- {ITEMS[1]}

| {ROWS[0][0]} | {ROWS[0][1]} |
|---|---|
| {ROWS[1][0]} | {ROWS[1][1]} |
| {ROWS[2][0]} | {ROWS[2][1]} |

{PARAGRAPHS[2]}

[^1]: {FOOTNOTE}
"""

COLUMNS = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title><style>
@page {{ size: A4; margin: 2.2cm 2cm;
  @top-center {{ content: "The Daily Courier of the Grey Line" }} @bottom-center {{ content: "Page " counter(page) }} }}
body {{ font: 11pt serif }} h1 {{ font-size: 20pt }}
.text {{ columns: 2; column-gap: 1cm; text-align: justify; hyphens: manual }}
</style></head><body>
<h1>{TITLE}</h1><div class="text">%s</div></body></html>
"""


def needed(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"needs {program}: scripts/bootstrap-test-machine.sh brings it")
    return path


def by_pandoc(folder: Path, kind: str, text: str = MARKDOWN) -> bytes:
    """As DOCX, ODT, RTF, EPUB or HTML."""
    made = folder / f"made.{kind}"
    command = [needed("pandoc"), "--standalone", "--from", "markdown", "--output", str(made)]
    subprocess.run(command, input=text.encode(), check=True, capture_output=True)
    return made.read_bytes()


def by_office(folder: Path, original: bytes, ending: str, kind: str) -> bytes:
    """A document with this ending, saved by LibreOffice as another kind."""
    source = folder / f"source.{ending}"
    source.write_bytes(original)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [needed("soffice"), profile, "--headless", "--convert-to", kind, "--outdir", str(folder / "out")]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=240)
    return (folder / "out" / f"source.{kind.partition(':')[0]}").read_bytes()


def by_chromium(folder: Path, page: str) -> bytes:
    """A page printed into a PDF."""
    source, made = folder / "page.html", folder / "page.pdf"
    source.write_text(page)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-pdf-header-footer"]
    command = [needed("chromium"), *flags, f"--print-to-pdf={made}", f"--user-data-dir={folder / 'chromium'}"]
    subprocess.run([*command, source.as_uri()], check=True, capture_output=True, timeout=120)
    return made.read_bytes()


def in_columns(times: int) -> str:
    """A page in two columns, its words broken at the ends of lines, as long as wanted; every paragraph is numbered."""
    told = [f"({number}) {PARAGRAPHS[number % 3]}" for number in range(times)]
    soft = [
        one.replace("negotiations", "nego\u00adti\u00adations").replace("international", "inter\u00adnational")
        for one in told
    ]
    return COLUMNS % "".join(f"<p>{one}</p>" for one in soft)
