"""A document and its drafts as they are shown: the text cut at its evidence, and each record field by field.

The text is cut and the fields are worded by the same code as on the reviewers' pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.review import rows, words
from service.review.rows import EVIDENCE_KINDS, Row, Sources
from service.review.runs import Mark, Paragraph, Run, paragraphs
from service.review.words import Headline
from workers.extraction.families import FAMILY_OF
from workers.extraction.family import Family
from workers.extraction.records import EventRecord, Evidence
from workers.extraction.source_text import SourceText

MOST_QUOTES = 5  # of one field are listed; all are marked in the text


@dataclass(frozen=True, slots=True)
class Backing:
    """A field's words in the text: which stretch of `Explanation.stretches` they are, and the rule that chose them."""

    evidence: Evidence
    stretch: int


@dataclass(frozen=True, slots=True)
class Field:
    """`value` in words; without `backings`, it is what the text says without a word for it. `more` are not listed."""

    label: str
    value: str
    confidence: float | None
    note: str
    backings: tuple[Backing, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Explained:
    """A record, by its number in the document."""

    number: int
    family: Family
    headline: Headline
    modality: str
    confidence: float | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that back something: `told_by` the records whose trigger they are, `backs` those that they are else for."""

    start: int
    end: int
    told_by: tuple[int, ...]
    backs: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One document. The runs of its `paragraphs` are numbered by the `stretches` that cover them."""

    name: str
    source: SourceText
    paragraphs: list[Paragraph]
    stretches: tuple[Stretch, ...]
    records: tuple[Explained, ...]

    def labels(self, run: Run) -> dict[int, str]:
        """The records that the words ending here back, each by its number, with a star where they tell its event."""
        ended = [self.stretches[number] for number in run.ended]
        told_by = {record for stretch in ended for record in stretch.told_by}
        records = sorted(told_by.union(*(stretch.backs for stretch in ended)))
        return {record: f"{record}*" if record in told_by else str(record) for record in records}

    @property
    def summary(self) -> str:
        """ "Example wire, published 19 June 2024, 2 records"."""
        day = self.source.published
        published = f"published {words.date(day.isoformat())}" if day else ""
        found = words.count(len(self.records), "record") if self.records else "no event found"
        return ", ".join(filter(None, (self.source.source, published, found)))


Span = tuple[int, int]


def explanation_of(name: str, source: SourceText, records: Sequence[EventRecord]) -> Explanation:
    backed: dict[Span, list[tuple[int, EventRecord, Evidence]]] = {}
    for number, record in enumerate(records, 1):
        for item in record.evidence:
            backed.setdefault((item.start, item.end), []).append((number, record, item))
    places = {span: place for place, span in enumerate(sorted(backed))}
    marks = [
        Mark(*span, places[span], _kind(item), record.type) for span, here in backed.items() for _, record, item in here
    ]
    return Explanation(
        name,
        source,
        paragraphs(source.text, marks),
        tuple(_stretch(span, backed[span]) for span in places),
        tuple(_explained(number, record, places) for number, record in enumerate(records, 1)),
    )


def _kind(item: Evidence) -> str:
    return EVIDENCE_KINDS.get(item.field.partition("/")[0], "detail")


def _stretch(span: Span, here: Sequence[tuple[int, EventRecord, Evidence]]) -> Stretch:
    told_by = {number for number, _, item in here if item.field == "trigger"}
    backs = {number for number, _, item in here if item.field != "trigger"}
    reasons = [f"record {number}, {_label(record, item)}: {item.rule}" for number, record, item in here]
    return Stretch(*span, tuple(sorted(told_by)), tuple(sorted(backs)), tuple(dict.fromkeys(reasons)))


def _label(record: EventRecord, item: Evidence) -> str:
    body = {"participants": [{"role": participant.role} for participant in record.participants]}
    return words.field_label(FAMILY_OF[record.type], item.field, body).lower()


def _explained(number: int, record: EventRecord, places: Mapping[Span, int]) -> Explained:
    body = record.to_json()
    shown = rows.rows_of(rows.groups(Sources.of(body, record.evidence, waits=False)))
    return Explained(
        number,
        FAMILY_OF[record.type],
        words.headline(body),
        words.word(record.modality),
        record.confidence.get("record"),
        tuple(_field(row, places) for row in shown if row.draft_in_words),
    )


def _field(row: Row, places: Mapping[Span, int]) -> Field:
    backings = tuple(Backing(item, places[item.start, item.end]) for item in row.evidence)
    more = len(backings[MOST_QUOTES:])
    return Field(row.label, row.draft_in_words, row.confidence, row.note, backings[:MOST_QUOTES], more)
