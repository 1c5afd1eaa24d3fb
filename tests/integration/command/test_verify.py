"""`legation verify`: exports and texts, as they were fetched and as somebody changed them, without any server."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from service import verifying
from service.operations.actor import Actor
from service.services import Services
from tests.conftest import REPOSITORY
from tests.factories import create_decision, create_drafted_document, records_of_every_family
from tests.integration.api.conftest import ApiClient

NAMES = ("\ufeffAda", 'محمد, "بن"', "𝔄da\r\nLarsen")


@pytest.fixture
def fetched(client: FlaskClient, services: Services, administrator: Actor, api_key: str, tmp_path: Path) -> Path:
    """A folder with an export and the texts of its documents, fetched over HTTP."""
    (tmp_path / "texts" / "deeper").mkdir(parents=True)
    api = ApiClient(client, api_key)
    for number, name in enumerate(NAMES):
        text, drafts = records_of_every_family(name)
        document, events = create_drafted_document(services, administrator, text, drafts)
        for event in events:
            create_decision(services, event, by=administrator)
        sent = api.get(f"/documents/{document.id}/text").data
        (tmp_path / "texts" / "deeper" / f"{number}").write_bytes(sent)
    (tmp_path / "export.jsonl").write_bytes(api.get("/exports/events.jsonl").data)
    return tmp_path


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, which knows of no server."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LEGATION", "DATABASE", "REDIS"))
    }
    environment["PYTHONPATH"] = str(REPOSITORY)
    command = [sys.executable, "-m", "service.cli", "verify", "export.jsonl", "texts", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def findings(folder: Path) -> list[tuple[str, str]]:
    """Kind and path of each."""
    said = run(folder, "--json")
    assert said.returncode == (1 if said.stdout else 0), said.stderr
    return [(found["kind"], found["at"]) for found in map(json.loads, said.stdout.splitlines())]


def change(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the second row of the export."""
    export = folder / "export.jsonl"
    rows = [json.loads(line) for line in export.read_text().splitlines()]
    change(rows[1])
    export.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_what_was_fetched_holds(fetched: Path) -> None:
    said = run(fetched)
    assert (said.returncode, said.stdout) == (0, "")
    assert re.fullmatch(r"\d+ quotes of 12 records looked up, 0 findings.\n", said.stderr)


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], None], list[tuple[str, str]]]] = {
    "quote": (lambda row: row["evidence"][0].update(quote="sighed"), [("quote-differs", "evidence/0 (trigger)")]),
    "moved": (
        lambda row: row["evidence"][0].update(start=row["evidence"][0]["start"] + 1, end=row["evidence"][0]["end"] + 1),
        [("quote-differs", "evidence/0 (trigger)")],
    ),
    "draft": (
        lambda row: row["draft"]["evidence"][0].update(quote="sighed"),
        [("quote-differs", "draft/evidence/0 (trigger)")],
    ),
    "behind the end": (lambda row: row["evidence"][0].update(end=99999), [("outside", "evidence/0 (trigger)")]),
    "before the start": (lambda row: row["evidence"][0].update(start=-5), [("outside", "evidence/0 (trigger)")]),
    "nothing": (
        lambda row: row["evidence"][0].update(end=row["evidence"][0]["start"], quote=""),
        [("outside", "evidence/0 (trigger)")],
    ),
    "prefix": (lambda row: row["evidence"][0].update(prefix="never "), [("context-differs", "evidence/0 (trigger)")]),
    "suffix": (lambda row: row["evidence"][0].update(suffix=" not"), [("context-differs", "evidence/0 (trigger)")]),
    "other text": (
        lambda row: row["document"].update(text_sha256="0" * 64),
        [("text-missing", "document/text_sha256")],
    ),
    "no evidence": (lambda row: row.update(evidence=[]), [("no-evidence", "evidence")]),
    "number": (lambda row: row["evidence"][0].update(start="1"), [("no-record", "evidence")]),
    "no hash": (lambda row: row["document"].pop("text_sha256"), [("no-record", "")]),
    "no document": (lambda row: row.update(document=None), [("no-record", "")]),
}


@pytest.mark.parametrize("of", CHANGES)
def test_a_row_that_somebody_changed(fetched: Path, of: str) -> None:
    changed, expected = CHANGES[of]
    change(fetched, changed)
    assert findings(fetched) == expected


def test_texts_that_somebody_changed(fetched: Path) -> None:
    for path, changed in (("0", lambda text: text + b" "), ("1", lambda text: text.replace(b"arrived", b"refused"))):
        file = fetched / "texts" / "deeper" / path
        file.write_bytes(changed(file.read_bytes()))
    assert findings(fetched) == [("text-missing", "document/text_sha256")] * 8


def test_an_export_that_broke_off_or_repeats(fetched: Path) -> None:
    export = fetched / "export.jsonl"
    lines = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(b"".join([*lines, lines[0], b"[1]\n", lines[1][:40]]))
    assert [kind for kind, _ in findings(fetched)] == ["repeated", "no-json", "no-json"]
    said = run(fetched).stdout.splitlines()
    assert said[1] == "line 14: no-json: the line is no JSON object, as where an export broke off"


def test_nothing_of_a_row_rules_the_terminal(fetched: Path) -> None:
    change(fetched, lambda row: row.update(id="\x1b[2J\ud83d", evidence=[]))
    assert "no-evidence: '\\x1b[2J\\ud83d' evidence" in run(fetched).stdout


# Without a process for each example

TEXT = records_of_every_family("Ada")[0]


@pytest.fixture
def texts(tmp_path: Path) -> verifying.Texts:
    (tmp_path / "text").write_bytes(TEXT.encode())
    return verifying.Texts(tmp_path)


def row() -> dict[str, Any]:
    (draft, *_) = records_of_every_family("Ada")[1]
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    return {"id": "1", "document": {"text_sha256": sha256}, "draft": None, **draft.to_json()}


def kinds(texts: verifying.Texts, row: Any) -> list[str]:
    return [found.kind for found in verifying.verify([json.dumps(row).encode()], texts, verifying.Proof())]


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
in_one_folder = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


@in_one_folder
@given(number=st.integers(0, 5), part=st.sampled_from(["start", "end", "quote", "prefix", "suffix"]), value=any_json)
def test_no_change_of_a_piece_of_evidence_goes_unnoticed(
    texts: verifying.Texts, number: int, part: str, value: Any
) -> None:
    changed = copy.deepcopy(row())
    item = changed["evidence"][number % len(changed["evidence"])]
    assume(item[part] != value or type(item[part]) is not type(value))
    is_shorter_context = isinstance(value, str) and (
        (part == "prefix" and item[part].endswith(value)) or (part == "suffix" and item[part].startswith(value))
    )
    assume(not is_shorter_context)
    item[part] = value
    assert kinds(texts, row()) == []
    assert len(kinds(texts, changed)) == 1


@in_one_folder
@given(field=st.sampled_from(["id", "document", "evidence", "draft"]), value=any_json)
def test_any_row_is_told_about_and_never_breaks_it(texts: verifying.Texts, field: str, value: Any) -> None:
    assume(not (field == "id" and isinstance(value, str)) and not (field == "draft" and value in (None, {})))
    assert kinds(texts, {**row(), field: value})
    assert kinds(texts, value)


def test_every_kind_of_finding_is_documented() -> None:
    told = (REPOSITORY / "docs" / "record.md").read_text()
    assert [kind for kind in verifying.KINDS if f"`{kind}`" not in told] == []
