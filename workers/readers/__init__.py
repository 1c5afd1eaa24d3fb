"""Bytes to text. One format a file; no Flask here, since the command line reads with the same code."""

from workers.readers import kinds
from workers.readers.plain_text import MEDIA_TYPES, check_text, read
from workers.readers.reading import TEXT, Reading

__all__ = ["MEDIA_TYPES", "Reading", "check_text", "read", "read_at_once"]


def read_at_once(
    original: bytes, declared: str | None = None, charset: str | None = None
) -> tuple[str, Reading | None]:
    """What the bytes look like, and what they say where that is plain text; all else is for a process that may die. The
    sender may have declared a media type and a character set. Raises UnreadableDocumentError.
    """
    kind = kinds.looks_like(original, declared)
    return kind, read(original, charset) if kind == TEXT else None
