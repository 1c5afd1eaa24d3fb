"""Where a stretch of a text stands in the original that it was read from: what the evidence of a record cites."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise
from typing import Any

from workers.readers.reading import Page, Place, Word


@dataclass(frozen=True, slots=True)
class Box:
    """Around words on one line of a page, in points (1/72 inch) from the upper left corner of the page as shown."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Span:
    """From the byte `start` of the original, counted from 0, up to and without the byte `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """The page on which a stretch begins, the label of its place, a box for each line, and its bytes: what there is of
    these in the original.
    """

    page: int | None
    place: str | None
    boxes: tuple[Box, ...]
    bytes: Span | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Original:
    """The map from a text to its original. With an `encoding`, the original is the text's bytes in it."""

    places: Sequence[Place] = ()
    pages: Sequence[Page] = ()
    text: str = ""
    encoding: str | None = None

    @classmethod
    def of_plain_text(cls, text: str, encoding: str | None, sha256: str) -> Original:
        """Of text that was decoded from bytes with this SHA-256, which are known where encoding it gives them back."""
        is_known = encoding is not None and _gives(text, encoding, sha256)
        return cls(tuple(_paragraphs(text)), text=text, encoding=encoding if is_known else None)

    def cite(self, stretches: Sequence[tuple[int, int]]) -> list[Citation]:
        """Where stretches of the text, from the first code point to behind the last one, stand."""
        offsets = self._byte_offsets({offset for stretch in stretches for offset in stretch})
        return [self._cite(start, end, offsets) for start, end in stretches]

    def bytes_of_places(self) -> list[Span | None]:
        return [citation.bytes for citation in self.cite([(place.start, place.end) for place in self.places])]

    def _cite(self, start: int, end: int, offsets: Mapping[int, int]) -> Citation:
        pages = [page for page in self.pages if page.start < end and page.end > start]
        at = bisect.bisect_right(self.places, start, key=lambda place: place.start) - 1
        place = self.places[at].label if at >= 0 and self.places[at].end > start else None
        boxes = tuple(box for page in pages for box in boxes_of(page.number, page.words, start, end))
        number = boxes[0].page if boxes else pages[0].number if pages else None
        return Citation(number, place, boxes, Span(offsets[start], offsets[end]) if offsets else None)

    def _byte_offsets(self, offsets: Collection[int]) -> dict[int, int]:
        """How many bytes stand before each of these code points; none where encoded parts are not the parts of it all,
        as in encodings that switch alphabets.
        """
        if self.encoding is None:
            return {}
        ordered = sorted({0, len(self.text), *offsets})
        parts = (len(self.text[start:end].encode(self.encoding)) for start, end in pairwise(ordered))
        found = dict(zip(ordered, accumulate(parts, initial=0), strict=True))
        return found if found[len(self.text)] == len(self.text.encode(self.encoding)) else {}


def boxes_of(page: int, words: Sequence[Word], start: int, end: int) -> list[Box]:
    """A box for each line of the words of a page that are in this stretch of the text."""
    boxes: list[Box] = []
    for word in words:
        if not (word.start < end and word.end > start):
            continue
        box = Box(page, word.x0, word.y0, word.x1, word.y1)
        if boxes and _is_on_line(boxes[-1], box):
            last = boxes.pop()
            box = Box(page, min(last.x0, box.x0), min(last.y0, box.y0), max(last.x1, box.x1), max(last.y1, box.y1))
        boxes.append(box)
    return boxes


def _is_on_line(one: Box, other: Box) -> bool:
    """Whether a word stands to the right of what came before, at the same height."""
    return one.y0 < (other.y0 + other.y1) / 2 < one.y1 and other.x0 >= one.x0


def _paragraphs(text: str) -> Iterator[Place]:
    """What blank lines part."""
    number, start, end = 0, None, 0
    lines = text.splitlines(keepends=True)
    for line, at in zip([*lines, ""], accumulate(map(len, lines), initial=0), strict=True):
        if line.strip():
            start, end = at if start is None else start, at + len(line.rstrip())
        elif start is not None:
            number += 1
            yield Place(start, end, "paragraph", number, f"paragraph {number}")
            start = None


def _gives(text: str, encoding: str, sha256: str) -> bool:
    try:
        return hashlib.sha256(text.encode(encoding)).hexdigest() == sha256
    except UnicodeError:
        return False
