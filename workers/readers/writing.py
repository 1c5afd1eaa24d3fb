"""Puts a text together block by block, and keeps where each block stands in the original."""

from __future__ import annotations

import re
from collections import Counter

from workers.readers.reading import Place

BETWEEN = "\n\n"
# Characters that no text has: what PostgreSQL refuses, what is no character, and controls other than breaks.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """Without characters that no text has, on lines without blanks around them, blanks as one."""
    lines = (_BLANKS.sub(" ", line).strip() for line in _NO_TEXT.sub("", text).split("\n"))
    return "\n".join(lines).strip()


class Writer:
    """Blocks of text one after the other, a blank line between them; each is a place of its own."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._counts: Counter[str] = Counter()
        self.places: list[Place] = []
        self.length = 0

    def add(self, text: str, kind: str = "paragraph", label: str | None = None) -> None:
        """Adds a block, unless it is blank. Its label counts its kind where none is given."""
        text = clean(text)
        if not text:
            return
        self._counts[kind] += 1
        number = self._counts[kind]
        if self.places:
            self._put(BETWEEN)
        start = self.length
        self._put(text)
        self.places.append(Place(start, self.length, kind, number, label or f"{kind} {number}"))

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)

    @property
    def text(self) -> str:
        return "".join(self._parts)
