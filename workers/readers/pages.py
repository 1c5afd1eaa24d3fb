"""Puts the text of pages together: paragraphs that run on, without what stands above and below each page, words that
were broken at the ends of lines whole; and where each word stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workers.readers.layout import Box, Line, goes_on, is_broken, paragraphs
from workers.readers.reading import Page, Place, Word
from workers.readers.writing import BETWEEN, clean

MARGIN = 0.12
"""Of a page's height, above and below, where running heads and feet stand."""
SET_OFF = 1.8
"""Of the height of a line: from middle to middle, how far running heads and feet stand from the text."""
LEAST_PAGES = 2
MOST_OF_PAGES = 0.5
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it was found: its size as it is shown, and its words as they are read: on a page whose lines run down,
    upside down or up, as if it were turned so many quarters to the left.
    """

    width: float
    height: float
    boxes: Sequence[Box]
    turned: int = 0

    @property
    def read_height(self) -> float:
        return self.width if self.turned % 2 else self.height

    def shown(self, box: Box) -> tuple[float, float, float, float]:
        """Where a word stands on the page as it is shown."""
        corners = [turn(x, y, -self.turned, self.width, self.height) for x, y in ((box.x0, box.y0), (box.x1, box.y1))]
        (x0, y0), (x1, y1) = corners
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def turn(x: float, y: float, quarters: int, width: float, height: float) -> tuple[float, float]:
    """A point of a page of this size as it is shown, when the page is turned to the left so many quarters; back from
    there where they are negative.
    """
    return {
        0: (x, y),
        1: (y, width - x),
        2: (width - x, height - y),
        3: (height - y, x),
        -1: (width - y, x),
        -2: (width - x, height - y),
        -3: (y, height - x),
    }[quarters]


Paragraph = list[tuple[int, Line]]
"""Its lines, each with the number of its page."""


def put_together(sheets: Sequence[Sheet]) -> tuple[str, tuple[Page, ...], tuple[Place, ...]]:
    """The text, its pages with their words, and its paragraphs, each counted on the page on which it begins."""
    parts: list[str] = []
    words: list[list[Word]] = [[] for _ in sheets]
    places: list[Place] = []
    on_page: Counter[int] = Counter()
    length = 0
    known = {box.text for sheet in sheets for box in sheet.boxes if "-" in box.text[:-1]}
    for paragraph in _running_on(_found(sheets)):
        first, start = paragraph[0][0] + 1, length
        for number, box, text, following in _words(paragraph, known):
            words[number].append(Word(length, length + len(text), *sheets[number].shown(box)))
            parts.append(text + following)
            length += len(text) + len(following)
        on_page[first] += 1
        label = f"page {first}, paragraph {on_page[first]}"
        places.append(Place(start, length - len(BETWEEN), "paragraph", len(places) + 1, label))
    text = "".join(parts).removesuffix(BETWEEN)
    pages: list[Page] = []
    for number, sheet in enumerate(sheets):
        here = words[number]
        start, end = (here[0].start, here[-1].end) if here else (pages[-1].end if pages else 0,) * 2
        pages.append(Page(number + 1, sheet.width, sheet.height, start, end, tuple(here)))
    return text, tuple(pages), tuple(places)


def _found(sheets: Sequence[Sheet]) -> Iterator[Paragraph]:
    running = _running(sheets)
    for number, sheet in enumerate(sheets):
        for paragraph in paragraphs(_without(running, sheet)):
            yield [(number, line) for line in paragraph]


def _running_on(found: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """With what stands on the next column or page when the sentence goes on there."""
    current: Paragraph = []
    for paragraph in found:
        if current and not goes_on([line for _, line in current], [line for _, line in paragraph]):
            yield current
            current = []
        current = current + paragraph
    if current:
        yield current


def _words(paragraph: Paragraph, known: Collection[str]) -> Iterator[tuple[int, Box, str, str]]:
    """Each word with its page, its text, and what stands between it and the next one. Of those that are broken at the
    end of a line, compounds keep their hyphens: what goes on with a capital, or stands elsewhere with its hyphen.
    """
    words = [(number, box, at == len(line) - 1) for number, line in paragraph for at, box in enumerate(line)]
    for at, (number, box, is_last) in enumerate(words):
        following = words[at + 1][1].text if at + 1 < len(words) else None
        if following is None:
            yield number, box, box.text, BETWEEN
        elif is_last and is_broken(box.text, following):
            is_compound = box.text + following in known or not following[0].islower()
            yield number, box, box.text if is_compound else box.text[:-1], ""
        else:
            yield number, box, box.text, " "


def _without(running: set[str], sheet: Sheet) -> list[Box]:
    """The words of a page but those of its running heads and feet."""
    out = {id(box) for line in _edges(sheet) if _shape(line) in running for box in line}
    return [box for box in sheet.boxes if id(box) not in out]


def _running(sheets: Sequence[Sheet]) -> set[str]:
    """Lines in the margins that come back on other pages, their numbers aside."""
    seen = Counter(shape for sheet in sheets for shape in {_shape(line) for line in _edges(sheet)})
    least = max(LEAST_PAGES, MOST_OF_PAGES * len(sheets))
    return {shape for shape, times in seen.items() if times >= least}


def _edges(sheet: Sheet) -> list[Line]:
    """The lines in the margins that stand apart from the rest of the page, from the outside in."""
    lines = [line for paragraph in paragraphs(sheet.boxes) for line in paragraph]
    from_above = sorted(lines, key=lambda line: line[0].middle)
    margin = MARGIN * sheet.read_height
    above = _apart([line for line in from_above if line[0].y1 < 2 * margin], margin, lambda line: line[0].middle)
    foot = sheet.read_height
    below = _apart(
        [line for line in reversed(from_above) if line[0].y0 > foot - 2 * margin],
        margin,
        lambda line: foot - line[0].middle,
    )
    return above + below


def _apart(lines: Sequence[Line], margin: float, depth: Callable[[Line], float]) -> list[Line]:
    """Lines of a margin, from the outside in, up to white space that sets them off; none where there is no such."""
    for at, (outer, inner) in enumerate(pairwise(lines), 1):
        if depth(outer) > margin:
            break
        if depth(inner) - depth(outer) > SET_OFF * outer[0].height:
            return list(lines[:at])
    return []


def _shape(line: Line) -> str:
    return _DIGITS.sub("0", " ".join(box.text for box in line))


def words_of(text: str) -> str:
    """A word as it is kept: without what no text has, and without blanks."""
    return "".join(clean(text).split())
