"""The parser behind its one door, with the carried models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.settings import CARRIED_MODELS
from tests.integration.nlp import texts
from workers.extraction.annotation import Annotation, Sentence, Word
from workers.extraction.source_text import SourceText
from workers.nlp import stanza_pipeline
from workers.nlp.annotator import Annotator, load_annotator
from workers.nlp.errors import ModelsMissingError


def annotate(annotator: Annotator, text: str) -> Annotation:
    return annotator.annotate([SourceText(text)])[0]


def words(annotation: Annotation) -> list[Word]:
    return [word for sentence in annotation.sentences for word in sentence.words]


def written(annotation: Annotation, sentence: Sentence) -> str:
    return annotation.text[sentence.start : sentence.end]


def test_words_have_their_own_exact_offsets(annotator: Annotator) -> None:
    for text in texts.ALL:
        for word in words(annotate(annotator, text)):
            assert text[word.start : word.end] == word.text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Russia's envoy left.", ["Russia", "'s"]),
        ("Russia’s envoy left.", ["Russia", "’s"]),
        ("They don't agree.", ["do", "n't"]),
        ("They can’t agree.", ["ca", "n’t"]),
        ("We cannot wait.", ["can", "not"]),
        ("They're gonna sign it.", ["gon", "na"]),
    ],
)
def test_parts_of_contractions_are_found_in_them(annotator: Annotator, text: str, parts: list[str]) -> None:
    found = [text[word.start : word.end] for word in words(annotate(annotator, text))]
    assert "".join(parts) in "".join(found)
    assert [part for part in found if part in parts] == parts


def test_entities_leave_the_possessive_out(annotator: Annotator) -> None:
    text = "Portugal’s president met Kenya's minister in Lisbon."
    entities = [text[e.start : e.end] for s in annotate(annotator, text).sentences for e in s.entities]
    assert entities == ["Portugal", "Kenya", "Lisbon"]


def test_a_headline_is_a_sentence_of_its_own(annotator: Annotator) -> None:
    annotation = annotate(annotator, texts.VISIT)
    assert written(annotation, annotation.sentences[0]) == "Foreign minister of Ostrava lands in Lisbon"


def test_wrapped_lines_stay_in_one_sentence(annotator: Annotator) -> None:
    annotation = annotate(annotator, texts.VISIT)
    assert written(annotation, annotation.sentences[1]).endswith("mission's spokesman\nsaid.")


def test_a_dateline_is_not_parsed(annotator: Annotator) -> None:
    first = annotate(annotator, texts.TREATY).sentences[0]
    assert first.words[0].text == "Kenya"
    assert [w.text for w in first.words if w.deprel == "nsubj" and w.head == first.words[3].id] == ["Kenya"]


def test_many_texts_at_once_read_as_one_at_a_time(annotator: Annotator) -> None:
    together = annotator.annotate([SourceText(text) for text in texts.ALL])
    assert together == [annotate(annotator, text) for text in texts.ALL]


def test_the_order_of_texts_does_not_matter(annotator: Annotator) -> None:
    sources = [SourceText(text) for text in texts.ALL]
    assert annotator.annotate(sources[::-1]) == annotator.annotate(sources)[::-1]


def test_a_long_text_is_parsed_in_batches_with_a_word_after_each(annotator: Annotator) -> None:
    text = f"{texts.SHORT} {'x' * 190}\n\n" * 400
    calls: list[None] = []
    annotation = annotator.annotate([SourceText(text)], after_batch=lambda: calls.append(None))[0]
    assert sum(sentence.words[0].text == "Peace" for sentence in annotation.sentences) == 400
    assert len(calls) >= 2
    assert annotation.sentences[-1].end == len(text.rstrip())


def test_a_list_without_sentence_ends_is_cut_to_a_length_that_can_be_parsed(annotator: Annotator) -> None:
    text = "Russia, China, Iran, " * 150
    annotation = annotate(annotator, text)
    assert max(len(s.words) for s in annotation.sentences) <= stanza_pipeline.LONGEST_SENTENCE
    assert "".join(w.text for w in words(annotation)) == text.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\r\n\u2003",
        "\x00\x01\x1c\x85\u2028\u2029",
        "😀🇺🇦👩‍👩‍👧",
        "\U0001d50a\U00020000 said",
        "e\u0301\u0301\u0301 Se\u0301goule\u0301me",
        "x" * 100_000,
        "“" * 3000,
        ". " * 1200,
        "The minister\r\nleft\tParis.\r\n",
        "Gov\u00adern\u200bment of\u200b Rus\u2060sia’s\ufeff",
        "\ud800 said \udfff",
        "\ufffd" * 250 + " said",
        "https://example.org/" + "a/" * 300,
        "http://example.org/news/1\nThe minister left.",
        "中国外交部发言人。" * 50,
        "(" * 500 + "He left" + ")" * 500,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_no_text_is_refused(annotator: Annotator, text: str) -> None:
    annotation = annotate(annotator, text)
    assert annotation.text == text
    assert all(text[word.start : word.end] == word.text for word in words(annotation))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["The minister", "didn't", "Russia’s", "said", ".", "\n", "\r\n", "(Seoul)", "gonna", "—"]),
            st.text(max_size=8),
        ),
        max_size=12,
    ).map(" ".join)
)
def test_offsets_hold_for_any_text(annotator: Annotator, text: str) -> None:
    found = words(annotate(annotator, text))
    assert all(text[word.start : word.end] == word.text for word in found)
    assert [word.start for word in found] == sorted(word.start for word in found)


def test_an_annotation_can_be_recorded(annotator: Annotator) -> None:
    annotation = annotate(annotator, texts.SANCTIONS)
    recorded = json.loads(json.dumps(annotation.to_json()))
    assert Annotation.from_json(texts.SANCTIONS, recorded) == annotation


def test_the_model_is_named_with_stanzas_version(annotator: Annotator) -> None:
    assert annotator.model == "stanza-1.15.0/newswire"
    assert annotate(annotator, texts.SHORT).model == annotator.model


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissingError, match=r"resources\.json does not exist"):
        load_annotator(tmp_path, "newswire")


def test_an_unknown_package_is_named() -> None:
    with pytest.raises(ModelsMissingError, match=r"no 'gigaword' for tokenize, mwt, pos, lemma, depparse, ner"):
        load_annotator(CARRIED_MODELS, "gigaword")


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    shutil.copy(CARRIED_MODELS / "resources.json", tmp_path)
    (tmp_path / "en" / "tokenize").mkdir(parents=True)
    with pytest.raises(ModelsMissingError, match=r"tokenize/newswire\.pt"):
        load_annotator(tmp_path, "newswire")


def test_models_can_be_named_by_a_package_of_their_directory(annotator: Annotator) -> None:
    """As Stanza's own directories do, where "default" stands for another model of each processor."""
    by_package = load_annotator(CARRIED_MODELS, "default")
    assert annotate(by_package, texts.VISIT).sentences == annotate(annotator, texts.VISIT).sentences
