"""Bytes to text. One format a file; no Flask here, since the command line reads with the same code."""

from workers.readers.plain_text import MEDIA_TYPES, check_text, read
from workers.readers.reading import Reading

__all__ = ["MEDIA_TYPES", "Reading", "check_text", "read"]
