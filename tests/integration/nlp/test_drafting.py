"""Drafting as workers and `legation extract` do it, from texts to records, with the carried models."""

from __future__ import annotations

import random
import sys

import pytest

from service.bootstrap import SEEDS
from tests.property.extraction.odd import ODD_TEXTS, REPEATED
from workers import runtime
from workers.extraction.annotation import Annotation
from workers.extraction.pipeline import extract
from workers.extraction.source_text import SourceText
from workers.nlp.annotator import Annotator

SOURCES = [SourceText(path.read_text("utf-8")) for path in sorted(SEEDS.glob("*.txt"))]


def test_the_order_of_documents_changes_nothing(annotator: Annotator) -> None:
    drafted = dict(zip(SOURCES, runtime.draft_texts(annotator, SOURCES), strict=True))
    assert any(extraction.records for extraction in drafted.values())
    shuffled = random.Random(0).sample(SOURCES, len(SOURCES))
    for order in (SOURCES[::-1], shuffled, SOURCES[2:4]):
        again = runtime.draft_texts(annotator, order)
        assert again == [drafted[source] for source in order]


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_no_text_makes_a_family_fail(annotator: Annotator, name: str) -> None:
    (extraction,) = runtime.draft_texts(annotator, [SourceText(ODD_TEXTS[name])])
    assert (extraction.notes, extraction.failed) == ((), False)


def steps(annotation: Annotation) -> int:
    """How often the core calls a function while it reads the annotation."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    source = SourceText(annotation.text)
    sys.setprofile(count)
    try:
        extract(annotation, source)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("name", REPEATED)
def test_four_times_the_text_takes_about_four_times_the_steps(annotator: Annotator, name: str) -> None:
    before, phrase = REPEATED[name]
    short, long = annotator.annotate([SourceText(before + phrase * times) for times in (50, 200)])
    extract(short, SourceText(short.text))  # loads the gazetteers
    assert steps(long) < 4.75 * steps(short)
