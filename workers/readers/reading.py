"""What a reader makes of a document's bytes: its text, and where each stretch of it stands in the original."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TEXT = "text/plain"
DETECTED = "text:detected"
"""The origin of what was found out from the text alone."""
DATELINE = "text:dateline"


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the text, in code points, and where it stands in the original: the `number`-th of its `kind` (page,
    paragraph, cell, item, heading, footnote, chapter, header), from 1, and `label` as people would cite it.
    """

    start: int
    end: int
    kind: str
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page, and the box around it, in points (1/72 inch) from the upper left corner of the page as it is
    shown.
    """

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is shown (`width` and `height` in points), and the stretch of the text that stands on it."""

    number: int
    width: float
    height: float
    start: int
    end: int
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the document tells of itself, and where: as in "pdf:Title" or "html:og:site_name"."""

    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Child:
    """A document inside of a document: an attachment, a member of an archive."""

    name: str
    original: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """A document's text, and the name of the codec that made it from the bytes where one did. `told` has some of title,
    published (a day in ISO 8601), language (BCP 47) and source. The text is empty where all is in `children`.
    """

    text: str
    encoding: str | None = None
    media_type: str = TEXT
    places: tuple[Place, ...] = ()
    pages: tuple[Page, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)
    children: tuple[Child, ...] = ()
