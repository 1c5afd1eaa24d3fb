"""Stretches of text, as half-open pairs of code point offsets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workers.extraction.annotation import Word


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`text[start:end]`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


def span_of(words: Iterable[Word]) -> Span:
    """The smallest span over the words; raises ValueError when there are none."""
    found = list(words)
    return Span(min(w.start for w in found), max(w.end for w in found))
