"""The pages of the original beside the text: those that a record's evidence stands on, with boxes around its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from service.operations import reading
from service.review.rows import Row
from workers.readers.citing import Box, boxes_of
from workers.readers.reading import Page


@dataclass(frozen=True, slots=True)
class Mark:
    """A box on a page, in points from its upper left corner, and the field that its words back."""

    number: int
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of the original."""

    sheet: Page
    marks: list[Mark]


def leaves(session: Session, document_id: UUID, rows: Sequence[Row]) -> list[Leaf]:
    """The pages that the evidence of these rows stands on; none of a document without pages."""
    cited = [(row, item.start, item.end) for row in rows for item in row.evidence]
    with session.begin():
        pages = reading.pages_with(session, document_id, [(start, end) for _, start, end in cited])
    found = [
        Leaf(
            page,
            [_mark(row, box) for row, start, end in cited for box in boxes_of(page.number, page.words, start, end)],
        )
        for page in pages
    ]
    return [leaf for leaf in found if leaf.marks]


def _mark(row: Row, box: Box) -> Mark:
    return Mark(row.number, row.kind, box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
