"""Proves an export offline: that each quote stands at its offsets in a text with the hash that its record names, and,
where the export is signed, that it is whole and whose it is.

It needs the rows and the texts alone: no database, no network, and nothing that the service says of itself. Texts are
files as `GET /api/v1/documents/{document_id}/text` gives them; their names do not matter, since a text is known by its
SHA-256. What signed the export is its last line (`signed=true`), and public keys are a file as
`GET /api/v1/signing-keys` gives it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.errors import InvalidInputError
from service.signing import is_signed_by

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
    "unsigned": "the export ends without a signature, as where it broke off",
    "signature-wrong": "the key that it names did not sign this",
    "key-unknown": "none of the public keys is the one that it names",
    "rows-missing": "fewer rows are here than were signed",
    "rows-added": "more rows are here than were signed",
    "out-of-order": "the row does not follow the one before by its id, as all rows did that were signed",
    "altered": "as many rows are here as were signed, but not the same",
    "behind-signature": "the line stands behind the signature",
}
SIGNATURE = {"signed", "signature"}


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
    statement: Mapping[str, Any] | None = None
    """What the last line says of the export, where there is one."""


@dataclass(slots=True)
class Received:
    """The rows up to a signature."""

    hash: Any = field(default_factory=hashlib.sha256)
    rows: int = 0
    last: str = ""
    disorder: int | None = None
    """The first line whose id is not greater than that of the one before."""

    def add(self, number: int, line: bytes, id: str) -> None:
        self.hash.update(line)
        self.rows += 1
        if self.disorder is None and id <= self.last:
            self.disorder = number
        self.last = id


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


Keys = Mapping[str, Mapping[str, Any]]
"""Public keys by their ids."""


def read_keys(text: str) -> Keys:
    """Of a JWK set. Raises InvalidInputError."""
    told = _object(text.encode())
    keys = told.get("keys") if told else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) and isinstance(key.get("kid"), str) for key in keys):
        raise InvalidInputError({"keys": ["Must be a JWK set, as GET /api/v1/signing-keys gives it."]})
    return {key["kid"]: key for key in keys}


def verify(lines: Iterable[bytes], texts: Texts, proof: Proof, keys: Keys | None = None) -> Iterator[Finding]:
    """What is wrong with an export in JSON Lines, as it is found; `proof` counts on. One of the keys, if any, must have
    signed it.
    """
    seen: set[str] = set()
    received, number = Received(), 0
    for number, line in enumerate(lines, 1):
        row = _object(line)
        if proof.statement is not None:
            yield Finding("behind-signature", number, "", "", KINDS["behind-signature"])
        elif row is not None and set(row) == SIGNATURE:
            proof.statement = row["signed"] if isinstance(row["signed"], dict) else {}
            yield from _of_signature(number, proof.statement, row["signature"], received, keys)
            continue
        id = _shown(row.get("id")) if row is not None else ""
        received.add(number, line, id)
        if row is None:
            yield Finding("no-json", number, "", "", KINDS["no-json"])
            continue
        proof.records += 1
        if id in seen:
            yield Finding("repeated", number, id, "", KINDS["repeated"])
        seen.add(id)
        for kind, at, detail in _of_record(row, texts, proof):
            yield Finding(kind, number, id, at, detail)
    if keys is not None and proof.statement is None:
        yield Finding("unsigned", number, "", "", KINDS["unsigned"])


def _of_signature(
    number: int, statement: Mapping[str, Any], signature: Any, received: Received, keys: Keys | None
) -> Iterator[Finding]:
    for kind, detail in (*_of_key(statement, signature, keys), *_of_rows(statement, received)):
        yield Finding(kind, number, "", "", detail)


def _of_key(statement: Mapping[str, Any], signature: Any, keys: Keys | None) -> Iterator[tuple[str, str]]:
    if keys is None:
        return
    key = keys.get(str(statement.get("kid")))
    if key is None:
        yield "key-unknown", f"{KINDS['key-unknown']}: {_shown(statement.get('kid'))}"
    elif not isinstance(signature, str) or not is_signed_by(key, statement, signature):
        yield "signature-wrong", KINDS["signature-wrong"]


def _of_rows(statement: Mapping[str, Any], received: Received) -> Iterator[tuple[str, str]]:
    """Why the rows are not those that were signed, if they are not."""
    if statement.get("sha256") == received.hash.hexdigest() and statement.get("rows") == received.rows:
        return
    signed = statement.get("rows")
    found = False
    if type(signed) is int and signed != received.rows:
        found = True
        yield "rows-missing" if received.rows < signed else "rows-added", f"{received.rows} rows, {signed} were signed"
    if received.disorder is not None:
        found = True
        yield "out-of-order", f"line {received.disorder} does not follow the one before by its id"
    if not found:
        yield "altered", KINDS["altered"]


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
