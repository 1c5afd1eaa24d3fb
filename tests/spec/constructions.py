"""tests/spec/constructions.txt, read."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_name("constructions.txt")


def constructions() -> dict[str, list[str]]:
    """Sentence -> the lines that tell its drafts, in text order."""
    found: dict[str, list[str]] = {}
    sentence = ""
    for line in FILE.read_text("utf-8").splitlines():
        if line.startswith("    "):
            found[sentence].append(line.strip())
        elif line and not line.startswith("#"):
            sentence = line
            found[sentence] = []
    return found
