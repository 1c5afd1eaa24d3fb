"""`legation explain`: the command as a person runs it, with the real models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.functional.installation import CLEAN

pytestmark = pytest.mark.xdist_group("extract")

SEED = REPOSITORY / "seeds/documents/monday-digest.txt"


def explain(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli", "explain", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=CLEAN, timeout=120, check=False)


def test_a_document_is_printed_with_its_records_and_their_rules(tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    done = explain(SEED, tmp_path)
    assert done.stdout.startswith("Monday digest: a law, a contract, a race\nLegation example wire, ")
    assert "⟦sanctioned⟧1* ⟦Lewis Hamilton⟧1" in done.stdout
    assert "“sanctioned” 1500–1510  sanctions.sanction.subject_target" in done.stdout
    assert "binary.txt: " in done.stderr
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_the_same_as_a_page_in_a_file(tmp_path: Path) -> None:
    done = explain(SEED, "--html", "-o", tmp_path / "page.html", "--date", "2024-06-19")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = (tmp_path / "page.html").read_text("utf-8")
    assert written.startswith('<!doctype html>\n<html lang="en">')
    assert "sanctions.sanction.subject_target" in written
    assert "published 19 June 2024" in written
