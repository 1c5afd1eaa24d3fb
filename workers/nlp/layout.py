"""Where a text's paragraphs are: which line breaks end one, and which only wrap a line.

A blank line always ends a paragraph. A single line break does so too when it was made on purpose: in a text that was
wrapped at some width, a line is broken because the next word did not fit; where it would have fitted, the line is a
headline, a list item or a paragraph's end. Texts whose paragraphs are one long line each have no wrapped lines at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Wider lines than this are not wrapped by hand or by a mail program.
WIDEST_WRAP = 120

# One line in so many may stick out (a table's row) and does not count as the width of the others.
_STRAYS = 20

_LINE = re.compile(r"([^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*)(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|\Z)")
_ALWAYS_ENDS = frozenset("\f\x1c\x1d\x1e\u2029")
_OPEN_ENDS = (",", "-", "–", "—", "(", "[", "/", "&")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its break and without blanks around it; `start` and `end` are code points into the text."""

    start: int
    end: int
    text: str
    ends_page: bool


def paragraphs(text: str) -> list[tuple[int, int]]:
    """The spans of the paragraphs, in order, without blanks around them."""
    lines = list(_lines(text))
    width = _wrap_width(lines)
    found: list[tuple[int, int]] = []
    previous: Line | None = None
    for line in lines:
        if line.text and previous is not None and not _is_break(previous, line, width):
            found[-1] = (found[-1][0], line.end)
        elif line.text:
            found.append((line.start, line.end))
        previous = line if line.text else None
    return found


def _lines(text: str) -> Iterator[Line]:
    for match in _LINE.finditer(text):
        written = match[1]
        start = match.start() + len(written) - len(written.lstrip())
        bare = written.strip()
        yield Line(start, start + len(bare), bare, match[2] in _ALWAYS_ENDS)


def _wrap_width(lines: Sequence[Line]) -> int:
    """The width that the text is wrapped at, or 0 where most of it stands in longer lines."""
    lengths = [len(line.text) for line in lines if " " in line.text]  # a web address is as wide as it is
    narrow = sorted((length for length in lengths if length <= WIDEST_WRAP), reverse=True)
    is_wrapped = 2 * sum(narrow) > sum(lengths)
    return narrow[len(narrow) // _STRAYS] if is_wrapped else 0


def _is_break(line: Line, following: Line, width: int) -> bool:
    """Whether the single line break between two lines that are not blank ends a paragraph."""
    if line.ends_page:
        return True
    if following.text[0].islower() or line.text.endswith(_OPEN_ENDS):
        return False
    first_word = following.text.split(maxsplit=1)[0]
    return len(line.text) + 1 + len(first_word) <= width or not width
