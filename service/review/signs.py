"""What in a text is not what it seems: characters that hide or reorder others, letters that pass for others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from service.review.look_alikes import look_alikes
from service.storable import WITHOUT_WIDTH

# Characters that reorder or hide others, or that a terminal would obey: controls, bidirectional controls, and others
# that nobody sees.
HIDDEN = re.compile(f"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f{WITHOUT_WIDTH}]")


@dataclass(frozen=True, slots=True)
class Sign:
    """text[start:end] is named on the page: one hidden character, or letters that look like those of another script."""

    start: int
    end: int
    name: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: plain, or with the name of what is `hidden` in it or only looks `alike`."""

    text: str
    hidden: str | None = None
    alike: str | None = None


def signs(text: str, *, among_latin: bool = False) -> list[Sign]:
    """In their order; none overlaps another."""
    hidden = [Sign(found.start(), found.end(), _name(found[0]), True) for found in HIDDEN.finditer(text)]
    alike = [Sign(one.start, one.end, one.name, False) for one in look_alikes(text, among_latin=among_latin)]
    return sorted([*hidden, *alike], key=lambda sign: sign.start)


def within(found: Iterable[Sign], start: int, end: int) -> tuple[Sign, ...]:
    """The signs of text[start:end], counted from its start."""
    return tuple(
        replace(sign, start=max(sign.start, start) - start, end=min(sign.end, end) - start)
        for sign in found
        if sign.start < end and sign.end > start
    )


def pieces(text: str) -> list[Piece]:
    return list(cut(text, signs(text)))


def cut(text: str, found: Iterable[Sign]) -> Iterator[Piece]:
    place = 0
    for sign in found:
        if sign.start > place:
            yield Piece(text[place : sign.start])
        shown = text[sign.start : sign.end]
        yield Piece(shown, hidden=sign.name) if sign.is_hidden else Piece(shown, alike=sign.name)
        place = sign.end
    if place < len(text):
        yield Piece(text[place:])


def _name(char: str) -> str:
    return unicodedata.name(char, f"U+{ord(char):04X}").lower()
