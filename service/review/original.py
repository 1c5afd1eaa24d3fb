"""The pages of the original beside the text: those that a record's evidence stands on, with boxes around its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from service.operations import reading
from service.operations.reading import Sheet
from service.review.rows import Row


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

    sheet: Sheet
    marks: list[Mark]


def leaves(session: Session, document_id: UUID, rows: Sequence[Row]) -> list[Leaf]:
    """The pages that the evidence of these rows stands on; none of a document without pages."""
    cited = [(row, item.start, item.end) for row in rows for item in row.evidence]
    found = reading.boxes_of(session, document_id, [(start, end) for _, start, end in cited])
    return [Leaf(sheet, [_mark(cited[box.span][0], box) for box in boxes]) for sheet, boxes in found if boxes]


def _mark(row: Row, box: reading.Box) -> Mark:
    return Mark(row.number, row.kind, box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
