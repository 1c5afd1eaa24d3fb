"""What a text tells of itself: the language that it is in, and the day that its dateline has."""

from __future__ import annotations

from workers.extraction.dates import date_phrases
from workers.extraction.spans import Span
from workers.nlp.datelines import find_datelines
from workers.readers import language
from workers.readers.reading import DATELINE, DETECTED, Told


def told_by(text: str) -> dict[str, Told]:
    """Its `language`, and the day of its first dateline as `published`, where that has its year."""
    found = {"language": (language.detect(text), DETECTED), "published": (_day_of_dateline(text), DATELINE)}
    return {name: Told(value, origin) for name, (value, origin) in found.items() if value}


def _day_of_dateline(text: str) -> str | None:
    dateline = next(iter(find_datelines(text)), None)
    if dateline is None or dateline.date is None:
        return None
    days = [phrase.edtf for phrase in date_phrases(text, Span(*dateline.date), None)]
    return next((day for day in days if day and len(day) == len("2024-07-05")), None)
