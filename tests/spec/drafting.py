"""Drafts of recorded sentences, and short ways to read them."""

from __future__ import annotations

import datetime as dt

from tests.recorded.annotations import recorded
from workers.extraction.pipeline import extract
from workers.extraction.records import EventRecord
from workers.extraction.source_text import SourceText

WEDNESDAY = dt.date(2024, 6, 19)


def drafts(text: str, family: str, published: dt.date = WEDNESDAY) -> list[EventRecord]:
    """The records of one family that the core drafts from a recorded text."""
    extraction = extract(recorded(text), SourceText(text, published=published))
    assert extraction.notes == ()
    return [record for record in extraction.records if record.type == family]


def only(text: str, family: str) -> EventRecord:
    (record,) = drafts(text, family)
    return record


def names(record: EventRecord, role: str) -> list[str]:
    return [participant.name for participant in record.participants if participant.role == role]


def countries(record: EventRecord, role: str) -> list[str | None]:
    return [participant.country for participant in record.participants if participant.role == role]


def rules(record: EventRecord, field: str) -> list[str | None]:
    return [item.rule for item in record.evidence if item.field == field]


def quotes(record: EventRecord, field: str) -> list[str]:
    return [item.quote for item in record.evidence if item.field == field]
