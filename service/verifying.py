"""Proves an export offline: that each quote stands at its offsets in a text with the hash that its record names.

It needs the rows and the texts alone: no database, no network, and nothing that the service says of itself. Texts are
files as `GET /api/v1/documents/{document_id}/text` gives them; their names do not matter, since a text is known by its
SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = {
    "no-json": "the line is no JSON object, as where an export broke off",
    "no-record": "the row lacks what every record has, or has another type there",
    "no-evidence": "the record points at no words that report its event",
    "repeated": "the record was there before",
    "text-missing": "no file has the SHA-256 that the record names",
    "text-unreadable": "the file with this SHA-256 is no UTF-8",
    "outside": "the offsets are no stretch of the text",
    "quote-differs": "other words than the quote stand there",
    "context-differs": "other words than these stand before or behind it",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the row says: of one of KINDS, in this line of the export (from 1), at this path of its
    record.
    """

    kind: str
    line: int
    record: str
    at: str
    detail: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.record, self.at) if part)
        return ": ".join(part for part in (f"line {self.line}", self.kind, where, self.detail) if part)


@dataclass(slots=True)
class Proof:
    """What was looked at."""

    records: int = 0
    quotes: int = 0


class Texts:
    """The files of a folder by their SHA-256. The text that was read last is kept: rows of a document come together."""

    def __init__(self, folder: Path) -> None:
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        self._files = {_sha256(path): path for path in files}
        self._last: tuple[str, str] | None = None

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._files

    def read(self, sha256: str) -> str:
        """Line ends as they are. Raises UnicodeDecodeError."""
        if self._last is None or self._last[0] != sha256:
            self._last = sha256, self._files[sha256].read_bytes().decode("utf-8")
        return self._last[1]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(lines: Iterable[bytes], texts: Texts, proof: Proof) -> Iterator[Finding]:
    """What is wrong with the rows of an export in JSON Lines, as it is found; `proof` counts on."""
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        row = _object(line)
        if row is None:
            yield Finding("no-json", number, "", "", KINDS["no-json"])
            continue
        proof.records += 1
        id = _shown(row.get("id"))
        if id in seen:
            yield Finding("repeated", number, id, "", KINDS["repeated"])
        seen.add(id)
        for kind, at, detail in _of_record(row, texts, proof):
            yield Finding(kind, number, id, at, detail)


def _shown(value: Any) -> str:
    """Nothing that a row has may rule the terminal."""
    return value if isinstance(value, str) and value.isprintable() else repr(value)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


Wrong = tuple[str, str, str]


def _of_record(row: Mapping[str, Any], texts: Texts, proof: Proof) -> Iterator[Wrong]:
    document, draft = row.get("document"), row.get("draft")
    sha256 = document.get("text_sha256") if isinstance(document, dict) else None
    if not isinstance(sha256, str) or not isinstance(row.get("id"), str) or not isinstance(draft, dict | None):
        yield "no-record", "", KINDS["no-record"]
    elif sha256 not in texts:
        yield "text-missing", "document/text_sha256", f"no file has the SHA-256 {sha256}"
    else:
        try:
            text = texts.read(sha256)
        except UnicodeDecodeError as error:
            yield "text-unreadable", "document/text_sha256", f"the file is no UTF-8 at byte {error.start}"
            return
        yield from _of_list(row.get("evidence"), "evidence", text, proof)
        if draft:
            yield from _of_list(draft.get("evidence"), "draft/evidence", text, proof)


def _of_list(evidence: Any, at: str, text: str, proof: Proof) -> Iterator[Wrong]:
    """A record without evidence for its trigger proves nothing, so that a row cannot be emptied unnoticed."""
    if not isinstance(evidence, list) or not all(map(_is_evidence, evidence)):
        yield "no-record", at, KINDS["no-record"]
        return
    if not any(item["field"] == "trigger" for item in evidence):
        yield "no-evidence", at, KINDS["no-evidence"]
    for number, item in enumerate(evidence):
        proof.quotes += 1
        if wrong := _of_item(item, text):
            yield wrong[0], f"{at}/{number} ({_shown(item['field'])})", wrong[1]


def _is_evidence(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    are_numbers = all(type(item.get(name)) is int for name in ("start", "end"))
    return are_numbers and all(isinstance(item.get(name), str) for name in ("field", "quote", "prefix", "suffix"))


def _of_item(item: Mapping[str, Any], text: str) -> tuple[str, str] | None:
    start, end, quote = item["start"], item["end"], item["quote"]
    if not 0 <= start < end <= len(text):
        return "outside", f"{start} to {end} is no stretch of {len(text)} characters"
    if text[start:end] != quote:
        return "quote-differs", f"{text[start:end]!r} stands at {start} to {end}, not {quote!r}"
    before, behind = item["prefix"], item["suffix"]
    if not text.endswith(before, 0, start) or not text.startswith(behind, end):
        return "context-differs", f"{before!r} and {behind!r} do not stand around {start} to {end}"
    return None
