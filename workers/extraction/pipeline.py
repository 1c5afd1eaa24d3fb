"""A document's annotation goes in, its event records come out. The only entry to the core.

annotation -> reading -> per family: triggers -> findings -> drafts -> events -> records
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.extraction.annotation import Annotation, Sentence
from workers.extraction.drafts import Draft, draft
from workers.extraction.evidence import record_of
from workers.extraction.families import FAMILIES
from workers.extraction.family import Family
from workers.extraction.findings import Finding, apply_rules, inherit
from workers.extraction.lexicons import load_lexicon
from workers.extraction.merging import merge
from workers.extraction.modality import is_habit
from workers.extraction.reading import Reading, read
from workers.extraction.records import EventRecord
from workers.extraction.source_text import SourceText
from workers.extraction.triggers import find_triggers

VERSION = "0.1.0"


@dataclass(frozen=True)
class Extraction:
    """The records of one document in text order, and notes on families that failed on it. `failed`: all of them did,
    which is not the same as a document without events.
    """

    records: tuple[EventRecord, ...]
    notes: tuple[str, ...] = ()
    failed: bool = False


def extract(annotation: Annotation, source: SourceText, families: tuple[Family, ...] = FAMILIES) -> Extraction:
    """Draft the events of one document. A family that fails becomes a note; the others' records stay."""
    records: list[EventRecord] = []
    notes: list[str] = []
    try:
        reading = read(annotation, source)
    except Exception as error:  # noqa: BLE001 - the document must not be lost; the shell logs the note
        return Extraction((), (f"reading failed: {type(error).__name__}",), failed=True)
    for family in families:
        try:
            records += records_of(family, reading)
        except Exception as error:  # noqa: BLE001 - one family must not cost the others; the shell logs the note
            notes.append(f"{family.name} failed: {type(error).__name__}")
    in_order = sorted(records, key=lambda r: (r.trigger.start, r.type))
    return Extraction(tuple(in_order), tuple(notes), failed=len(notes) == len(families) > 0)


def records_of(family: Family, reading: Reading) -> list[EventRecord]:
    return [record_of(event, reading, family.role_names) for event in merge(drafts_of(family, reading))]


def drafts_of(family: Family, reading: Reading) -> Iterator[Draft]:
    """Every mention of an event of the family, in text order, before merging."""
    found = [finding for sentence in reading.sentences for finding in _found_in(family, sentence, reading)]
    told = [finding for finding in found if not is_habit(finding.trigger.sentence, finding.trigger.word)]
    for finding in inherit(told, family.inherits, reading):
        settled = family.settle(finding, reading) if family.settle else finding
        if settled is not None:
            yield draft(family, settled, reading)


def _found_in(family: Family, sentence: Sentence, reading: Reading) -> Iterator[Finding]:
    for trigger in find_triggers(sentence, load_lexicon(family.name)):
        yield from apply_rules(family.rules, trigger, reading)
