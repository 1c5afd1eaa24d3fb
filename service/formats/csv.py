"""CSV (RFC 4180) for spreadsheets: a record a row, in columns that are the same for all families.

A text that a spreadsheet would take for a formula gets an apostrophe before it. Programs take it off again: an
apostrophe is ours where the rest of the cell begins like a formula. Numbers are left as they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from service.formats import words
from service.formats.words import Row

# What spreadsheets take for the beginning of a formula, behind blanks and quotes too (OWASP, "CSV Injection").
FORMULA = re.compile(r"[\s\"']*[=+\-@\t\r\n＝＋－＠]")

# The header is a promise: new columns come last, and none changes its name or meaning.
COLUMNS: dict[str, Callable[[Row], Any]] = {
    "id": lambda row: row["id"],
    "type": lambda row: row["type"],
    "schema_version": lambda row: row["schema_version"],
    "revision": lambda row: row["revision"],
    "action": lambda row: row["details"]["action"],
    "modality": lambda row: row["modality"],
    "background": lambda row: json.dumps(row["background"]),
    "date": lambda row: _part(row, "date", "edtf"),
    "date_text": lambda row: _part(row, "date", "text"),
    "place": lambda row: _part(row, "place", "name"),
    "place_country": lambda row: _part(row, "place", "country"),
    "geonames_id": lambda row: _part(row, "place", "geonames_id"),
    "lat": lambda row: _part(row, "place", "lat"),
    "lon": lambda row: _part(row, "place", "lon"),
    "who": lambda row: "; ".join(words.names(row)),
    "participants": lambda row: _json(row["participants"]),
    "details": lambda row: _json(row["details"]),
    "attributed_to": lambda row: _json(row["attributed_to"]),
    "quote": lambda row: next(words.triggers(row), None),
    "approved_at": lambda row: _part(row, "review", "at"),
    "document_id": lambda row: row["document"]["id"],
    "document_title": lambda row: row["document"]["title"],
    "document_source": lambda row: row["document"]["source"],
    "document_published": lambda row: row["document"]["published"],
    "text_sha256": lambda row: row["document"]["text_sha256"],
    "page": lambda row: words.original(row).get("page"),
    "place_in_original": lambda row: words.original(row).get("place"),
    "boxes": lambda row: _json(words.original(row).get("boxes", [])),
}


def write(rows: Iterable[Row]) -> Iterator[str]:
    yield _line(COLUMNS)
    for row in rows:
        yield _line(_safe(of(row)) for of in COLUMNS.values())


def _line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def _part(row: Row, field: str, part: str) -> Any:
    return row[field][part] if row[field] else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
