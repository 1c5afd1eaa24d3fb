"""The gold records that drafting is measured and calibrated with, and what the core drafts from their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service import evaluating, files
from service.settings import CARRIED_MODELS
from workers import evaluate
from workers.evaluate import Document, DraftedEvent, Judged, Pair
from workers.extraction.confidence import Signals, target_of
from workers.extraction.evidence import record_and_signals
from workers.extraction.families import FAMILIES
from workers.extraction.merging import merge
from workers.extraction.pipeline import drafts_of
from workers.extraction.reading import Reading, read
from workers.extraction.records import EventRecord
from workers.extraction.source_text import SourceText
from workers.nlp.annotator import Annotator, load_annotator

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
PACKAGE = "newswire"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of gold records and the folder of their texts."""

    name: str
    gold: Path
    texts: Path


CORPORA = (
    Corpus("real articles", SHARED / "gold/dev", SHARED / "newswire"),
    Corpus("composed", SHARED / "gold/composed", SHARED / "gold/composed-texts"),
    Corpus("own", REPOSITORY / "seeds/gold", REPOSITORY / "seeds/documents"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """One estimate that gold judges: what it is of (see confidence.TARGETS), from what, and whether that was right."""

    document: str
    target: str
    signals: Signals
    is_right: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """One corpus: its documents with their drafts judged, and the examples that these make."""

    corpus: Corpus
    judged: tuple[Judged, ...]
    examples: tuple[Example, ...]


Drafted = Sequence[tuple[EventRecord, Mapping[str, Signals]]]


def measure(corpora: Sequence[Corpus]) -> list[Measured]:
    annotator = load_annotator(CARRIED_MODELS, PACKAGE)
    return [_measure(annotator, corpus) for corpus in corpora]


def _measure(annotator: Annotator, corpus: Corpus) -> Measured:
    annotated = evaluating.read_gold(corpus.gold, corpus.texts)
    sources = [_source(one) for one in annotated]
    judged: list[Judged] = []
    examples: list[Example] = []
    for one, source, annotation in zip(annotated, sources, annotator.annotate(sources), strict=True):
        drafted = _drafted(read(annotation, source))
        drafts = tuple(DraftedEvent.from_json(record.to_json()) for record, _ in drafted)
        judged.append(evaluate.judge(Document(one.name, one.text, one.events, drafts)))
        examples += _examples(judged[-1], drafted)
    return Measured(corpus, tuple(judged), tuple(examples))


def _source(one: evaluating.Annotated) -> SourceText:
    file = files.load(one.path)
    return SourceText(one.text, file.title, file.source, file.published)


def _drafted(reading: Reading) -> Drafted:
    """As pipeline.extract drafts, in its order, with the signals that it makes confidence of."""
    drafted = [
        record_and_signals(event, reading, family.role_names)
        for family in FAMILIES
        for event in merge(drafts_of(family, reading))
    ]
    return sorted(drafted, key=lambda one: (one[0].trigger.start, one[0].type))


def _examples(judged: Judged, drafted: Drafted) -> Iterator[Example]:
    for draft, (_, signals) in zip(judged.document.drafts, drafted, strict=True):
        pair = judged.pair_of(draft)
        for path, told in signals.items():
            is_right = _is_right(pair, path)
            if is_right is not None:
                yield Example(judged.document.name, target_of(path), told, is_right)


def _is_right(pair: Pair | None, path: str) -> bool | None:
    """Whether gold says the same: of "record", whether it matches; of a field, None where nothing can be said. A date
    or place where gold has none is wrong; a place of no country is not judged, nor is any field of what is no event.
    """
    if path == "record" or pair is None:
        return pair is not None if path == "record" else None
    if path.startswith("participants/"):
        return pair.draft.parties[int(path.partition("/")[2])] not in pair.extra
    if path == "date":
        return pair.fields.get("date text", False)
    if path == "place":
        return pair.fields.get("place", None if pair.gold.has_place else False)
    return pair.fields[path.removeprefix("details/")]
