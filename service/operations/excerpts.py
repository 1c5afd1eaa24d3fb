"""Where the words of a search stand in a text, and the stretch of it that shows most of them."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from service.storable import WITHOUT_WIDTH

# Around found words in the text that comes from the database, which has none of its own (see the migration 0005).
FOUND, END = "\ue000", "\ue001"
LENGTH = 280
LEAD = 80  # before the first word that was found
MOST_MARKS = 2000

_MARKS = re.compile(f"{FOUND}([^{END}]*){END}")
_DROPPED = re.compile(rf"[\u0300-\u036f{WITHOUT_WIDTH}]")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a text that begins at `start`, in pieces that are found words and what is between them."""

    start: int
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> int:
        return self.start + sum(len(piece.text) for piece in self.pieces)


def excerpt(text: str, marked: str, start: int = 0, length: int = LENGTH) -> Excerpt:
    """The best stretch of `text`, which begins at `start` of a longer one; `marked` is its searchable form with marks
    around what was found.
    """
    spans = _in_text(text, _spans(marked))
    first, last = _cut(text, _best(text, spans, length), length, is_inner=start > 0)
    within = [span for span in spans if first <= span[0] and span[1] <= last]
    return Excerpt(start + first, _pieces(text, within, first, last))


def _spans(marked: str) -> list[tuple[int, int]]:
    """The places of the marks' insides, counted without the marks."""
    spans = []
    for number, found in enumerate(itertools.islice(_MARKS.finditer(marked), MOST_MARKS)):
        start = found.start() - 2 * number
        spans.append((start, start + len(found[1])))
    return spans


def _in_text(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """From places in the searchable form to places in the text, where characters are composed or cannot be seen."""
    if text.isascii():
        return list(spans)
    ends = list(itertools.accumulate(map(_width, text)))
    return [
        (bisect_right(ends, start), max(bisect_left(ends, end) + 1, bisect_right(ends, end))) for start, end in spans
    ]


@functools.lru_cache(maxsize=4096)
def _width(character: str) -> int:
    """How many characters the searchable form has for this one."""
    return len(_DROPPED.sub("", unicodedata.normalize("NFD", character)))


def _best(text: str, spans: Sequence[tuple[int, int]], length: int) -> int:
    """Where the stretch begins that has most different words of those found; the first of equals."""

    def wealth(number: int) -> int:
        last = spans[number][0] + length - LEAD
        near = itertools.takewhile(lambda span: span[1] <= last, spans[number:])
        return len({text[start:end].lower() for start, end in near})

    return spans[max(range(len(spans)), key=wealth)][0] if spans else 0


def _cut(text: str, found: int, length: int, *, is_inner: bool) -> tuple[int, int]:
    """The stretch around a found place, without half words at its ends where blanks allow that."""
    first = max(0, min(found - LEAD, len(text) - length))
    last = min(len(text), first + length)
    if (first > 0 or is_inner) and (blank := re.search(r"\s", text[first:found])):
        first += blank.end()
    if last < len(text) and (blank := re.search(r"\s\S*\Z", text[found:last])):
        last = max(first, found + blank.start())
    return first, last


def _pieces(text: str, spans: Sequence[tuple[int, int]], first: int, last: int) -> tuple[Piece, ...]:
    pieces, here = [], first
    for start, end in spans:
        pieces += [Piece(text[here:start]), Piece(text[start:end], True)]
        here = end
    pieces.append(Piece(text[here:last]))
    return tuple(piece for piece in pieces if piece.text)
