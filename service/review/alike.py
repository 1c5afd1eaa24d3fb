"""The same story elsewhere, on the pages of a document and of a record: other documents, and what was decided there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from service.operations import records, twins
from service.operations.actor import Actor
from service.operations.records import Record
from service.review import words
from service.review.listing import Entry
from service.store.models import Document

MOST_SHOWN = 5
MOST_RECORDS = 20


@dataclass(frozen=True, slots=True)
class Alike:
    """A document that tells the same, how much of it is the same in words, and its records."""

    document: Document
    share: str
    entries: list[Entry]


def alike(session: Session, document_id: UUID, *, by: Actor, family: str | None = None) -> list[Alike]:
    """With the records of one family, or of all."""
    return [
        Alike(
            twin.document,
            words.percent(twin.likeness),
            [
                Entry.of(record)
                for record in records.standing_in(session, twin.document.id, by=by, limit=MOST_RECORDS)
                if _is_told(record, family)
            ],
        )
        for twin in twins.find(session, document_id, by=by)[:MOST_SHOWN]
    ]


def _is_told(record: Record, family: str | None) -> bool:
    return family in (None, record.event.type) and record.event.state != "superseded"
