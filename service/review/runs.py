"""A document's text as paragraphs of runs: stretches that the same evidence covers. All offsets are code points.

The text is cut, never changed: the runs' texts joined are the paragraph's text, so that what is marked on the page is
what the evidence quotes. Templates put each run into a text node.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from service.review.direction import direction
from service.review.signs import Piece, Sign, cut, signs, within

# In the order in which they win where several cover the same words.
KINDS = ("trigger", "participant", "date", "place", "detail", "source", "modality")
# Plain text may be broken into lines by hand or by a mail program: no line is long, and most end within a sentence.
WRAPPED_AT_MOST = 100
WRAPPED_FROM = 0.6  # of the longest line: a shorter line ended because its author wanted it to

_ENDS = ".!?:;\"”’')"
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})[.!?][\"”’')\]]*\s+(?=[\"“‘(\[]?[A-Z0-9])"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to be seen at text[start:end]: `number` is the field or record that it belongs to."""

    start: int
    end: int
    number: int
    kind: str
    family: str = ""
    to_check: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """`numbers` cover it; of those, `begun` have a stretch that begins with it, `ended` one that ends with it."""

    text: str
    numbers: tuple[int, ...] = ()
    begun: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    kind: str = ""
    family: str = ""
    to_check: bool = False
    is_said: bool = False
    signs: tuple[Sign, ...] = ()

    @property
    def pieces(self) -> list[Piece]:
        return list(cut(self.text, self.signs))


@dataclass(frozen=True, slots=True)
class Paragraph:
    start: int
    end: int
    runs: tuple[Run, ...]

    @property
    def direction(self) -> str:
        return direction("".join(run.text for run in self.runs))

    def holds(self, position: int) -> bool:
        return self.start <= position < self.end


def paragraphs(text: str, marks: Sequence[Mark], said: tuple[int, int] | None = None) -> list[Paragraph]:
    """The text's paragraphs in runs; `said` is the stretch that is shaded, the sentence that reports the event."""
    return [
        Paragraph(start, end, tuple(_runs(text, (start, end), marks, said))) for start, end in paragraph_spans(text)
    ]


def passages(text: str, spans: Iterable[tuple[int, int]], marks: Sequence[Mark]) -> list[Paragraph]:
    """These stretches of the text alone, in runs, joined where they overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [Paragraph(start, end, tuple(_runs(text, (start, end), marks, None))) for start, end in joined]


def paragraph_spans(text: str) -> list[tuple[int, int]]:
    """Where paragraphs are: a blank line ends one, and so does every line's end in a text that is not wrapped."""
    lines = list(_lines(text))
    shortest = _wrapped_from(text, lines)
    spans: list[tuple[int, int]] = []
    goes_on = False
    for start, end in lines:
        if start == end:
            goes_on = False
            continue
        if goes_on:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        goes_on = end - start >= shortest
    return spans


def _wrapped_from(text: str, lines: Sequence[tuple[int, int]]) -> float:
    """The length from which on a line goes on in the next one; infinite in a text that is not wrapped."""
    longest = max((end - start for start, end in lines), default=0)
    inner = [end for (start, end), after in itertools.pairwise(lines) if start < end and after[0] < after[1]]
    within = sum(text[end - 1] not in _ENDS for end in inner)
    is_wrapped = longest <= WRAPPED_AT_MOST and within > len(inner) / 2
    return WRAPPED_FROM * longest if is_wrapped else math.inf


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """The lines without the blanks around them."""
    for found in re.finditer(r"[^\r\n\u2028\u2029]*(?:\r\n|[\r\n\u2028\u2029]|\Z)", text):
        line = found[0]
        start = found.start() + len(line) - len(line.lstrip())
        yield start, max(start, found.start() + len(line.rstrip()))


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a stretch, as far as punctuation tells: good enough to shade it, for nothing else."""
    first, last = next(((a, b) for a, b in paragraph_spans(text) if a <= start < b), (start, end))
    ends = [found.end() for found in _SENTENCE_END.finditer(text, first, last)]
    begin = max((place for place in ends if place <= start), default=first)
    stop = min((place for place in ends if place >= end), default=last)
    return begin, begin + len(text[begin:stop].rstrip())


def _runs(text: str, span: tuple[int, int], marks: Sequence[Mark], said: tuple[int, int] | None) -> Iterator[Run]:
    here = [mark for mark in marks if mark.start < span[1] and mark.end > span[0]]
    named = signs(text[slice(*span)])
    cuts = {*span, *(said or ())} | {place for mark in here for place in (mark.start, mark.end)}
    places = sorted(place for place in cuts if span[0] <= place <= span[1])
    for start, end in itertools.pairwise(places):
        cover = [mark for mark in here if mark.start <= start and end <= mark.end]
        inside = within(named, start - span[0], end - span[0])
        yield _run(text, (start, end), cover, bool(said and said[0] <= start and end <= said[1]), inside)


def _run(text: str, span: tuple[int, int], cover: Sequence[Mark], is_said: bool, named: tuple[Sign, ...]) -> Run:
    start, end = span
    if not cover:
        return Run(text[start:end], is_said=is_said, signs=named)
    first = min(cover, key=lambda mark: KINDS.index(mark.kind))
    return Run(
        text[start:end],
        numbers=_numbers(cover),
        begun=_numbers(mark for mark in cover if mark.start == start),
        ended=_numbers(mark for mark in cover if mark.end == end),
        kind=first.kind,
        family=first.family,
        to_check=any(mark.to_check for mark in cover if mark.end == end),
        is_said=is_said,
        signs=named,
    )


def _numbers(marks: Iterable[Mark]) -> tuple[int, ...]:
    return tuple(sorted({mark.number for mark in marks}))
