"""The same story twice: documents whose texts are for the most part the same, as papers print what an agency sent.

They stay documents of their own, with records of their own: which of them counts is for people to say, who are shown
the others and what was decided there. Versions of one document are not told here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from service.errors import NotFoundError
from service.likeness import bands, likeness
from service.operations.actor import Actor
from service.store.models import Document, Sketch

ALIKE = 0.5
"""From here on two texts are told to be the same story."""
MOST = 20
MOST_COMPARED = 500


@dataclass(frozen=True, slots=True)
class Twin:
    """A document that tells the same, and how much of both is the same, from ALIKE to 1."""

    document: Document
    likeness: float


def note(session: Session, document_id: UUID, sketch: Sequence[int]) -> None:
    """Keeps the sketch of a document's text, in the caller's transaction."""
    row = insert(Sketch).values(document_id=document_id, numbers=list(sketch), bands=bands(sketch))
    kept = {"numbers": row.excluded.numbers, "bands": row.excluded.bands}
    session.execute(row.on_conflict_do_update(index_elements=["document_id"], set_=kept))


def find(session: Session, document_id: UUID, *, by: Actor) -> list[Twin]:
    """The most alike first, MOST at most; none before the document is drafted. Raises NotFoundError."""
    by.require("read")
    with session.begin():
        document = session.get(Document, document_id)
        if document is None:
            raise NotFoundError("document", document_id)
        own = session.get(Sketch, document_id)
        if own is None:
            return []
        others = (
            select(Sketch)
            .join(Sketch.document)
            .where(Sketch.bands.overlap(own.bands), Document.series != document.series)
            .options(joinedload(Sketch.document, innerjoin=True))
            .order_by(Sketch.document_id.desc())
            .limit(MOST_COMPARED)
        )
        found = [Twin(other.document, likeness(own.numbers, other.numbers)) for other in session.scalars(others)]
    alike = sorted((twin for twin in found if twin.likeness >= ALIKE), key=lambda twin: -twin.likeness)
    return alike[:MOST]
