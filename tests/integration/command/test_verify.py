"""`legation verify`: exports and texts, as they were fetched and as somebody changed them, without any server."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import io
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
from service.errors import SettingsError
from service.operations import audit_chain
from service.operations.actor import Actor
from service.services import Services
from service.signing import Seal, Signer, is_signed_by
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


# Signatures


@pytest.fixture
def signed(fetched: Path, client: FlaskClient, api_key: str) -> Path:
    """The folder with a signed export, and the public keys."""
    (fetched / "export.jsonl").write_bytes(ApiClient(client, api_key).get("/exports/events.jsonl?signed=true").data)
    (fetched / "keys.json").write_bytes(client.get("/api/v1/signing-keys").data)
    return fetched


def kinds_of(folder: Path) -> list[str]:
    said = run(folder, "--json", "--keys", "keys.json")
    assert said.returncode == (1 if said.stdout else 0), said.stderr
    return [json.loads(line)["kind"] for line in said.stdout.splitlines()]


def test_a_signed_export_holds_and_says_how_the_service_stood(signed: Path, services: Services) -> None:
    said = run(signed, "--keys", "keys.json")
    assert (said.returncode, said.stdout) == (0, "")
    told = json.loads(said.stderr.split("Signed: ")[1])
    with services.sessions() as session:
        head = audit_chain.verify(session).head
    assert (told["rows"], told["changes"], told["audit"]) == (12, 12, str(head))
    assert "unproven" in run(signed).stderr, "without keys"


Lines = list[bytes]
TAMPERED: dict[str, tuple[Callable[[Lines], Lines], list[str]]] = {
    "an altered byte": (lambda lines: [lines[0].replace(b"occurred", b"occurrex", 1), *lines[1:]], ["altered"]),
    "a removed row": (lambda lines: [*lines[:3], *lines[4:]], ["rows-missing"]),
    "an added row": (lambda lines: [*lines[:-1], lines[0], lines[-1]], ["repeated", "rows-added", "out-of-order"]),
    "swapped rows": (lambda lines: [lines[1], lines[0], *lines[2:]], ["out-of-order"]),
    "no signature": (lambda lines: lines[:-1], ["unsigned"]),
    "an end in the midst of a row": (lambda lines: [*lines[:4], lines[4][:50]], ["no-json", "unsigned"]),
    "a row behind the signature": (lambda lines: [*lines, lines[0]], ["behind-signature", "repeated"]),
    "another statement": (
        lambda lines: [*lines[:-1], lines[-1].replace(b'"changes": 12', b'"changes": 13')],
        ["signature-wrong"],
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_somebody_did_to_a_signed_export_is_named(signed: Path, what: str) -> None:
    tampered, expected = TAMPERED[what]
    export = signed / "export.jsonl"
    export.write_bytes(b"".join(tampered(export.read_bytes().splitlines(keepends=True))))
    assert kinds_of(signed) == expected


def test_an_export_that_another_key_signed(signed: Path) -> None:
    (signed / "keys.json").write_text(json.dumps(Signer(b"\1" * 32).keys()))
    assert kinds_of(signed) == ["key-unknown"]
    known = json.loads((signed / "export.jsonl").read_bytes().splitlines()[-1])["signed"]["kid"]
    (forged,) = Signer(b"\1" * 32).keys()["keys"]
    (signed / "keys.json").write_text(json.dumps({"keys": [{**forged, "kid": known}]}))
    assert kinds_of(signed) == ["signature-wrong"]


def test_keys_that_are_none(signed: Path) -> None:
    (signed / "keys.json").write_text("[]")
    said = run(signed, "--keys", "keys.json")
    assert said.returncode == 1
    assert "JWK set" in said.stderr
    assert "Traceback" not in said.stderr


def test_pieces_of_a_signed_export_fit_together(signed: Path, client: FlaskClient, api_key: str) -> None:
    lines = (signed / "export.jsonl").read_bytes().splitlines(keepends=True)
    after = json.loads(lines[4])["id"]
    rest = ApiClient(client, api_key).get(f"/exports/events.jsonl?signed=true&after={after}").data
    assert rest.count(b"\n") == 8
    (signed / "export.jsonl").write_bytes(b"".join(lines[:5]) + rest)
    assert kinds_of(signed) == []


def test_a_service_with_a_new_key_still_tells_the_old_ones(services: Services) -> None:
    old = Signer.of(services.settings)
    (public,) = old.keys()["keys"]
    settings = dataclasses.replace(services.settings, signing_key="ab" * 32, retired_signing_keys=f" {public['x']} ")
    new = Signer.of(settings)
    assert new.kid != old.kid
    assert [key["kid"] for key in new.keys()["keys"]] == [new.kid, old.kid]
    signature = old.sign({"a": 1})
    assert [is_signed_by(key, {"a": 1}, signature) for key in new.keys()["keys"]] == [False, True]


@pytest.mark.parametrize("wrong", [{"signing_key": "ab"}, {"signing_key": "xy" * 32}, {"retired_signing_keys": "a,b"}])
def test_a_key_that_is_none_stops_the_service(services: Services, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SIGNING_KEY"):
        dataclasses.replace(services.settings, **wrong)


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


SIGNER = Signer(b"\2" * 32)
KNOWN = verifying.read_keys(json.dumps(SIGNER.keys()))


def signed_lines() -> list[bytes]:
    seal = Seal()
    rows = [json.dumps({**row(), "id": str(number)}) + "\n" for number in range(4)]
    for line in rows:
        seal.add(line)
    return [line.encode() for line in (*rows, seal.line(SIGNER, {"changes": 4}))]


@st.composite
def alterations(draw: st.DrawFn, export: bytes = b"".join(signed_lines())) -> bytes:
    """The export with some bytes changed, taken out or put in, lines moved, or its end cut off."""
    lines = export.splitlines(keepends=True)
    match draw(st.sampled_from(["bytes", "lines", "end"])):
        case "bytes":
            start = draw(st.integers(0, len(export)))
            end = draw(st.integers(start, min(len(export), start + 5)))
            return export[:start] + draw(st.binary(max_size=5)) + export[end:]
        case "lines":
            return b"".join(draw(st.lists(st.sampled_from(lines), max_size=6)))
        case _:
            return export[: draw(st.integers(0, len(export)))]


def means_the_same(altered: bytes) -> bool:
    """Of the last line only what it says counts, not how it is written."""
    rows, last = b"".join(signed_lines()[:-1]), signed_lines()[-1]
    if not altered.startswith(rows):
        return False
    try:
        said = json.loads(altered.removeprefix(rows))
    except ValueError:
        return False
    return bool(said == json.loads(last))


@in_one_folder
@given(altered=alterations())
def test_no_alteration_of_a_signed_export_goes_unnoticed(texts: verifying.Texts, altered: bytes) -> None:
    lines = io.BytesIO(altered)
    assume(not means_the_same(altered))
    assert list(verifying.verify(lines, texts, verifying.Proof(), KNOWN))


def test_what_is_signed_and_whole_has_no_finding(texts: verifying.Texts) -> None:
    assert list(verifying.verify(signed_lines(), texts, verifying.Proof(), KNOWN)) == []


def test_every_kind_of_finding_is_documented() -> None:
    told = "".join((REPOSITORY / "docs" / name).read_text() for name in ("record.md", "api.md"))
    assert [kind for kind in verifying.KINDS if f"`{kind}`" not in told] == []
