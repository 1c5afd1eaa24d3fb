"""Bytes to text. One format a file; no Flask here, since the command line reads with the same code."""

from workers.readers.plain_text import MEDIA_TYPES, Reading, check_text, read

__all__ = ["MEDIA_TYPES", "Reading", "check_text", "read"]
