"""The same drafting as a worker's, without database or broker: files in, drafts out. `legation extract` writes each as
a JSON line, `legation explain` shows it (service/explaining), `legation evaluate` measures it (service/evaluating).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service import files
from service.errors import EmptyDocumentError, LegationError
from workers import readers
from workers.extraction.families import FAMILY_OF
from workers.extraction.pipeline import VERSION, Extraction
from workers.extraction.records import EventRecord
from workers.extraction.source_text import SourceText
from workers.readers import sandbox
from workers.readers.citing import Original

if TYPE_CHECKING:
    from workers.nlp.annotator import Annotator

BATCH_DOCUMENTS, BATCH_CHARACTERS = 16, 60_000

Complain = Callable[[Path, str], None]


@dataclass(frozen=True, slots=True)
class Readable:
    path: Path
    source: SourceText
    original: Original


@dataclass(frozen=True, slots=True)
class Drafted:
    """A file with the records that were drafted of it, in text order."""

    file: Readable
    records: tuple[EventRecord, ...]


def drafted(
    annotator: Annotator, paths: Sequence[Path], published: dt.date | None, *, complain: Complain
) -> Iterator[Drafted]:
    """Each file that can be drafted, as soon as its batch is; `complain` hears of the others."""
    for batch in _batches(_read_all(paths, published, complain)):
        for file, extraction in _draft(annotator, batch, complain):
            for note in extraction.notes:
                complain(file.path, note)
            yield Drafted(file, extraction.records)


def json_line(one: Drafted, model: str) -> str:
    return json.dumps(published(one, model), ensure_ascii=False)


def published(one: Drafted, model: str) -> dict[str, Any]:
    """What a line says: the name of a document, and its events in the published form."""
    return {
        "document": one.file.path.stem,
        "events": [_published(record, one.file.original, model) for record in one.records],
    }


def _published(record: EventRecord, original: Original, model: str) -> dict[str, Any]:
    """The form of docs/record.md, without what only a stored record has: id, revision, document and review."""
    body = record.to_json()
    citations = original.cite([(item.start, item.end) for item in record.evidence])
    body["evidence"] = [
        {**item, "original": citation.to_json()} for item, citation in zip(body["evidence"], citations, strict=True)
    ]
    extractor = {"version": VERSION, "model": model, "rules": body.pop("rules")}
    return {"schema_version": FAMILY_OF[body["type"]].schema_version, "state": "draft", **body, "extractor": extractor}


def _read_all(paths: Sequence[Path], published: dt.date | None, complain: Complain) -> Iterator[Readable]:
    for path in paths:
        try:
            file = files.load(path)
            text, original = _read(file.original)
        except (LegationError, OSError) as error:
            complain(path, str(error))
        else:
            source = SourceText(text, file.title, file.source, published or file.published)
            yield Readable(path, source, original)


def _batches(readable: Iterator[Readable]) -> Iterator[list[Readable]]:
    """Enough at once to keep the networks busy, not so much that the first line comes late."""
    batch: list[Readable] = []
    for file in readable:
        batch.append(file)
        if len(batch) == BATCH_DOCUMENTS or sum(len(one.source.text) for one in batch) >= BATCH_CHARACTERS:
            yield batch
            batch = []
    if batch:
        yield batch


def _draft(
    annotator: Annotator, batch: Sequence[Readable], complain: Complain
) -> Iterator[tuple[Readable, Extraction]]:
    """Where a batch fails, its documents are tried one by one."""
    from workers import runtime

    try:
        extractions = runtime.draft_texts(annotator, [file.source for file in batch])
    except Exception as error:  # noqa: BLE001 - whatever a text does to a parser is that document's failure
        if len(batch) == 1:
            complain(batch[0].path, f"{type(error).__name__} in the parser.")
            return
        for file in batch:
            yield from _draft(annotator, [file], complain)
    else:
        yield from zip(batch, extractions, strict=True)


def _read(original: bytes) -> tuple[str, Original]:
    """The text that a worker would read, and the map to the original. Raises UnreadableDocumentError, which what only
    holds other documents is, too.
    """
    _, plain = readers.read_at_once(original)
    if plain:
        return plain.text, Original.of_plain_text(plain.text, plain.encoding, hashlib.sha256(original).hexdigest())
    reading = sandbox.read(original)
    if not reading.text:
        raise EmptyDocumentError("It holds other documents, and no text of its own.")
    return reading.text, Original(reading.places, reading.pages)
