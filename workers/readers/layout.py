"""The words of a page in the order in which people read them: columns one after the other, lines, paragraphs.

The page is cut where nothing stands, first across, then down, and each part again (recursive X-Y cut; Nagy and Seth,
1984). Coordinates are points from the upper left corner.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

GUTTER = 1.0
"""Of the height of a line: white space of that width, from top to bottom, parts columns."""
GAP = 0.9
"""Of the height of a line: white space of that height, from side to side, parts what is above from what is below."""
NEW_PARAGRAPH = 1.4
"""Of the usual distance of lines."""
APART = 2.5
"""Of the height of a line: lines that far apart are paragraphs, also where all are."""
INDENT = 0.8
OTHER_SIZE = 1.15
"""How much larger the words of a heading are, at least."""
SHORT = 0.8
"""Of a block's width: where a line ends before that with the end of a sentence, its paragraph ends."""

HYPHENS = ("-", "\u00ad", "\u2010")
_ENDS = re.compile(r"[.!?:][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Box:
    """A word with the box around it."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


Line = list[Box]


def paragraphs(boxes: Sequence[Box]) -> list[list[Line]]:
    """The lines of each paragraph, in reading order; words of a line from left to right."""
    if not boxes:
        return []
    height = statistics.median(box.height for box in boxes)
    return [
        paragraph
        for part in _cut(list(boxes), height, is_across=True, was_cut=True)
        for paragraph in _paragraphs(_lines(part))
    ]


def _cut(boxes: list[Box], height: float, *, is_across: bool, was_cut: bool) -> Iterator[list[Box]]:
    """Parts that no white space cuts any further, neither across nor down."""
    parts = _rejoined(_split(boxes, _across, GAP * height), height) if is_across else _columns(boxes, height)
    if len(parts) > 1:
        for part in parts:
            yield from _cut(part, height, is_across=not is_across, was_cut=True)
    elif was_cut:
        yield from _cut(boxes, height, is_across=not is_across, was_cut=False)
    else:
        yield boxes


def _rejoined(parts: Sequence[list[Box]], height: float) -> list[list[Box]]:
    """Without cuts between what belongs together: paragraphs of one column, or of columns that go on below a gap that
    all of them have.
    """
    joined = [parts[0]]
    for part in parts[1:]:
        if _belongs_to(joined[-1], part, height):
            joined[-1] = joined[-1] + part
        else:
            joined.append(part)
    return joined


def _belongs_to(above: list[Box], below: list[Box], height: float) -> bool:
    columns = len(_columns(above, height))
    if columns != len(_columns(below, height)):
        return columns > 1 and columns == len(_columns(above + below, height))
    return columns == len(_columns(above + below, height)) and (columns > 1 or _is_near(above, below, height))


def _columns(boxes: list[Box], height: float) -> list[list[Box]]:
    return _split(boxes, _down, GUTTER * height)


def _is_near(above: list[Box], below: list[Box], height: float) -> bool:
    return min(box.y0 for box in below) - max(box.y1 for box in above) < 4 * height


def _across(box: Box) -> tuple[float, float]:
    return box.y0, box.y1


def _down(box: Box) -> tuple[float, float]:
    return box.x0, box.x1


def _split(boxes: list[Box], side: Callable[[Box], tuple[float, float]], least: float) -> list[list[Box]]:
    """Where nothing stands for at least so much of one direction."""
    parts: list[list[Box]] = []
    end = float("-inf")
    for box in sorted(boxes, key=side):
        start, stop = side(box)
        if start - end >= least:
            parts.append([])
        parts[-1].append(box)
        end = max(end, stop)
    return parts


def _lines(boxes: Sequence[Box]) -> list[Line]:
    """Words whose middles are within each other's height stand on one line."""
    lines: list[Line] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        line = lines[-1] if lines else None
        if line and box.y0 < statistics.fmean(one.middle for one in line) < box.y1:
            line.append(box)
        else:
            lines.append([box])
    return [sorted(line, key=lambda box: box.x0) for line in lines]


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines of one part, cut at wide distances, indented lines, and short ones that end a sentence."""
    steps = [below[0].middle - above[0].middle for above, below in pairwise(lines)]
    usual = statistics.median(steps) if steps else 0.0
    left, right = min(line[0].x0 for line in lines), max(line[-1].x1 for line in lines)
    current = [lines[0]]
    for above, below in pairwise(lines):
        step = below[0].middle - above[0].middle
        is_far = step > NEW_PARAGRAPH * usual or step > APART * _size(above)
        is_other = not 1 / OTHER_SIZE < _size(above) / _size(below) < OTHER_SIZE
        is_indented = below[0].x0 - left > INDENT * _size(below) and above[0].x0 - left <= INDENT * _size(below)
        is_end = above[-1].x1 - left < SHORT * (right - left) and _ENDS.search(above[-1].text) is not None
        if is_far or is_other or is_indented or is_end:
            yield current
            current = []
        current.append(below)
    yield current


def _size(line: Line) -> float:
    return statistics.median(box.height for box in line)


def goes_on(above: Sequence[Line], below: Sequence[Line]) -> bool:
    """Whether a paragraph goes on in the next column or on the next page: its last line is as long as the others, its
    sentence has not ended, and what follows is of its size.
    """
    last, widest = _width(above[-1]), max(_width(line) for line in above)
    is_full = len(above) > 1 and last >= SHORT * widest
    is_alike = 1 / OTHER_SIZE < _size(above[-1]) / _size(below[0]) < OTHER_SIZE
    return is_full and is_alike and not _ENDS.search(above[-1][-1].text)


def _width(line: Line) -> float:
    return line[-1].x1 - line[0].x0


def is_broken(word: str, following: str) -> bool:
    """Whether a word at the end of a line goes on with the next line's first one."""
    return len(word) > 1 and word.endswith(HYPHENS) and word[-2].isalpha() and following[:1].isalpha()
