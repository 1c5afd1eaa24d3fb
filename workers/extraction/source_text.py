"""The immutable text of one document, with what its sender told about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceText:
    """One document's text. Offsets everywhere else are code points into `text`, which is never edited.

    `published` is the day that relative dates ("last Tuesday") are counted from; None when nobody told it.
    """

    text: str
    title: str | None = None
    source: str | None = None
    published: dt.date | None = None
