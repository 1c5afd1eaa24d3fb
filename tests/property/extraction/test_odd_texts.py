"""Whatever a text is, and whatever tree a parser makes of it, the core reads it and keeps within its bounds."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.extraction.odd import NEWS, ODD_TEXTS, TREES, Heads, annotation_of
from workers.extraction import mentions
from workers.extraction.annotation import Annotation, Sentence, Word
from workers.extraction.cast import Cast, Person
from workers.extraction.gazetteers import name_words
from workers.extraction.mentions import Mention
from workers.extraction.pipeline import Extraction, extract
from workers.extraction.reading import Reading
from workers.extraction.source_text import SourceText

FRAGMENTS = st.one_of(st.sampled_from([*NEWS.split(), "\n", "\n\n", " - ", "“", "(", "not"]), st.text(max_size=6))


def extracted(annotation: Annotation) -> Extraction:
    extraction = extract(annotation, SourceText(annotation.text))
    assert (extraction.notes, extraction.failed) == ((), False)
    for record in extraction.records:
        assert all(annotation.text[item.start : item.end] == item.quote for item in record.evidence)
    return extraction


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("text", ODD_TEXTS)
def test_no_text_makes_a_family_fail(text: str, tree: str) -> None:
    for longest in (1, 30, 200):
        extracted(annotation_of(ODD_TEXTS[text], TREES[tree], longest))


@pytest.mark.parametrize("tree", TREES)
def test_nor_does_a_sentence_that_no_parser_was_made_for(tree: str) -> None:
    extracted(annotation_of(f"{NEWS}, " * 100, TREES[tree], 10_000))


@pytest.mark.parametrize("word", ["visited", "peace"])
def test_nor_does_one_word_a_hundred_thousand_times(word: str) -> None:
    assert extracted(annotation_of(f"{word} " * 100_000, TREES["bushy"], 200)).records == ()


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map(" ".join), st.sampled_from(list(TREES.values())), st.integers(1, 60))
def test_nor_does_any_other(text: str, heads: Heads, longest: int) -> None:
    extracted(annotation_of(text, heads, longest))


def test_whom_a_phrase_means_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many triggers have it for an argument: a list of them in one sentence would cost its length squared."""
    asked: Counter[tuple[int, int]] = Counter()
    resolve = mentions._resolve

    def count(reading: Reading, sentence: Sentence, word: Word) -> tuple[Mention, ...]:
        asked[word.start, word.id] += 1
        return resolve(reading, sentence, word)

    monkeypatch.setattr(mentions, "_resolve", count)
    extracted(annotation_of("They signed Kenya , they visited it , " * 30, TREES["flat"], 200))
    assert set(asked.values()) == {1}


def test_a_name_is_sought_among_those_who_bear_its_rarest_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long list of people, many have a first name in common."""
    cast = Cast(tuple(Person(f"Ada Larsen{letter}") for letter in "abcdefghijklmnopqrstuvwxyz"))
    assert cast.named("Ada").name == "Ada Larsena"
    looked_at: list[Person] = []

    def words(person: Person) -> tuple[str, ...]:
        looked_at.append(person)
        return name_words(person.name)

    monkeypatch.setattr(Person, "words", property(words))
    assert cast.named("Ada Larsenm").name == "Ada Larsenm"
    assert set(looked_at) == {Person("Ada Larsenm")}
