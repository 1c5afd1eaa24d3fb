"""Documents as they lie in folders, and beside them what their sender tells about them.

`NAME.txt`, `NAME.pdf` and the like are documents; `NAME.json` beside one may hold its `title`, `source` and
`published`. A JSON file with the key `text` is a document of its own. The same goes for `legation upload`, `legation
extract` and the examples in seeds/.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import InvalidInputError, NotFoundError

TEXT, JSON, MARKDOWN = ".txt", ".json", ".md"
ENDINGS = (
    *(TEXT, MARKDOWN, ".html", ".htm", ".pdf", ".docx", ".odt", ".rtf", ".epub", ".eml", ".msg", ".zip"),
    *(".png", ".jpg", ".jpeg", ".tif", ".tiff"),
)
"""Of what is taken from a folder; what a file is, its bytes tell."""
METADATA = ("title", "source", "published")


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """One document from disk: its bytes, and what is told about it."""

    path: Path
    original: bytes
    title: str | None = None
    source: str | None = None
    published: dt.date | None = None


def find(paths: Iterable[Path]) -> list[Path]:
    """The document files that are named, and those in the folders that are named, in order and each once.

    A file that is named is taken whatever it is, but for what only tells about another one ("FOLDER/*" names both); in
    folders, hidden files and other endings are left out.
    Raises NotFoundError.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise NotFoundError("file", path)
        found |= dict.fromkeys(_in_folder(path) if path.is_dir() else [path])
    return [path for path in found if not _tells_of_another(path, found)]


def load(path: Path) -> DocumentFile:
    """Raises InvalidInputError for JSON that is no document, OSError."""
    original = path.read_bytes()
    if path.suffix.lower() != JSON:
        return _document(path, original, _beside(path))
    body = _json_object(path)
    if not isinstance(body.get("text"), str):
        raise InvalidInputError({"text": ["Is missing."]}, f"{path.name} has no text.")
    try:
        original = body["text"].encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            {"text": ["Has half of a surrogate pair."]}, f"{path.name} has no valid text."
        ) from error
    return _document(path, original, body)


def _in_folder(folder: Path) -> Sequence[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path, folder))
    return [path for path in files if path.suffix.lower() in ENDINGS or _is_json_document(path)]


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _is_json_document(path: Path) -> bool:
    try:
        return path.suffix.lower() == JSON and "text" in _json_object(path)
    except InvalidInputError:
        return False


def _tells_of_another(path: Path, found: Container[Path]) -> bool:
    beside = any(path.with_suffix(ending) in found for ending in ENDINGS)
    return path.suffix.lower() == JSON and beside and not _is_json_document(path)


def _beside(path: Path) -> dict[str, Any]:
    """What is told about a text in the JSON file of its name, if that is what the file is for."""
    beside = path.with_suffix(JSON)
    told = _json_object(beside) if beside.is_file() else {}
    return told if set(told) <= set(METADATA) else {}


def _document(path: Path, original: bytes, told: dict[str, Any]) -> DocumentFile:
    published = told.get("published")
    try:
        day = dt.date.fromisoformat(published) if published else None
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            {"published": ["Must be a day, as in 2024-06-19."]}, f"{path.name}: bad date."
        ) from error
    for name in ("title", "source"):
        if not isinstance(told.get(name), str | None):
            raise InvalidInputError({name: ["Must be a text."]}, f"{path.name}: bad {name}.")
    return DocumentFile(path, original, told.get("title"), told.get("source"), day)


def _json_object(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InvalidInputError({}, f"{path.name} is no JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInputError({}, f"{path.name} is no JSON object.")
    return body
