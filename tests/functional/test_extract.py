"""`legation extract` and `evaluate`: the commands as a person runs them, with the real models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.installation import CLEAN

pytestmark = pytest.mark.xdist_group("extract")

STORY = "President Ada Larsen of Finland arrived in Tokyo on Tuesday for talks with Prime Minister Kenji Mori of Japan."


def extract(*arguments: object) -> subprocess.CompletedProcess[str]:
    return legation("extract", *arguments)


def legation(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=CLEAN, timeout=120, check=False)


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder: Path = tmp_path_factory.mktemp("extract")
    (folder / "visit.txt").write_text(STORY)
    (folder / "western.txt").write_bytes("Der Präsident kam nach Köln. Die Gespräche dauerten länger.".encode("cp1252"))
    (folder / "binary.txt").write_bytes(bytes(range(256)))
    (folder / "dated.txt").write_text(STORY)
    return extract(folder, "--date", "2024-06-19")


def test_one_line_for_each_file_that_can_be_read(done: subprocess.CompletedProcess[str]) -> None:
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["document"] for document in documents] == ["dated", "visit", "western"]
    assert all(set(document) == {"document", "events"} for document in documents)


def test_records_have_their_published_form(done: subprocess.CompletedProcess[str]) -> None:
    visit = json.loads(done.stdout.splitlines()[1])
    event = next(event for event in visit["events"] if event["type"] == "visit")
    for evidence in event["evidence"]:
        assert STORY[evidence["start"] : evidence["end"]] == evidence["quote"]
        assert evidence["rule"]
        assert evidence["original"]["bytes"] == {"start": evidence["start"], "end": evidence["end"]}, "it is ASCII"
    assert event["date"]["resolved_from"] == "2024-06-19"
    assert (event["schema_version"], event["state"]) == (2, "draft")
    assert set(event["extractor"]) == {"version", "model", "rules"}


def test_files_that_cannot_be_read_are_named_and_told_by_the_exit_status(
    done: subprocess.CompletedProcess[str],
) -> None:
    assert done.returncode == 1
    complaints = done.stderr.splitlines()
    assert len(complaints) == 1
    assert "binary.txt: " in complaints[0]


def test_models_that_are_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY)
    command = [sys.executable, "-m", "service.cli", "extract", str(tmp_path)]
    environment = {**CLEAN, "LEGATION_STANZA_DIR": str(tmp_path / "nowhere")}
    failed = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: ")
    assert "nowhere" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_gold_records_are_compared_with_what_is_drafted_now(tmp_path: Path) -> None:
    gold = {
        "type": "visit",
        "modality": "occurred",
        "mentions": [STORY],
        "date_text": "on Tuesday",
        "place": {"name": "Tokyo", "country": "JPN"},
        "participants": [{"role": "visitor", "name": "Ada Larsen", "country": "FIN"}],
        "details": {"action": "arrived"},
        "difficulty": "easy",
    }
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/a.txt").write_text(STORY)
    (tmp_path / "a.json").write_text(json.dumps({"document": "a", "events": [gold]}))
    done = legation("evaluate", tmp_path, tmp_path / "texts", "--json", "-", "--errors")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["all"]["matched"] == told["all"]["gold"] == 1
    assert [mistake["field"] for mistake in told["mistakes"]] == ["host"]  # Kenji Mori, whom this gold leaves out
