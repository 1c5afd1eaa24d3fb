"""A text is cut into paragraphs and runs, and nothing of it is lost or changed by that."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.review.runs import KINDS, Mark, Run, paragraph_spans, paragraphs, sentence_at

TEXT = "Ada Larsen arrived in Sudmark.\n\nShe left on Friday."


def mark(text: str, quote: str, number: int, kind: str = "participant") -> Mark:
    start = text.index(quote)
    return Mark(start, start + len(quote), number, kind)


def covered(text: str, marks: list[Mark]) -> list[tuple[str, tuple[int, ...]]]:
    return [(run.text, run.numbers) for one in paragraphs(text, marks) for run in one.runs if run.numbers]


def test_plain_text_is_one_run_for_each_paragraph() -> None:
    assert [one.runs for one in paragraphs(TEXT, [])] == [
        (Run("Ada Larsen arrived in Sudmark."),),
        (Run("She left on Friday."),),
    ]


def test_overlapping_marks_are_cut_where_each_begins_and_ends() -> None:
    marks = [mark(TEXT, "Ada Larsen arrived", 1), mark(TEXT, "arrived in Sudmark", 2, "trigger")]
    assert covered(TEXT, marks) == [("Ada Larsen ", (1,)), ("arrived", (1, 2)), (" in Sudmark", (2,))]


def test_a_mark_over_the_end_of_a_paragraph_covers_both_sides() -> None:
    assert covered(TEXT, [mark(TEXT, "Sudmark.\n\nShe", 1)]) == [("Sudmark.", (1,)), ("She", (1,))]


def test_the_number_of_a_mark_is_told_once_at_its_end() -> None:
    marks = [mark(TEXT, "Ada Larsen arrived", 1), mark(TEXT, "arrived", 2, "trigger")]
    runs = paragraphs(TEXT, marks)[0].runs
    assert [(run.begun, run.ended) for run in runs if run.numbers] == [((1,), ()), ((2,), (1, 2))]


def test_the_strongest_kind_shows_where_marks_share_words() -> None:
    marks = [mark(TEXT, "arrived", 1, "date"), mark(TEXT, "arrived", 2, "trigger")]
    assert next(run.kind for run in paragraphs(TEXT, marks)[0].runs if run.numbers) == "trigger"


def test_a_name_is_told_whole_though_evidence_begins_within_the_word() -> None:
    text = "They met President Рutin."
    runs = paragraphs(text, [mark(text, "Рuti", 1), mark(text, "utin", 2)])[0].runs
    assert [(piece.text, piece.alike) for run in runs for piece in run.pieces] == [
        ("They met President ", None),
        ("Р", "cyrillic capital letter er"),
        ("uti", None),
        ("n", None),
        (".", None),
    ]


@given(
    st.text(alphabet="ab. \n\r\t\u2028\u202eé😀РсаЖ", max_size=80),
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 20), st.sampled_from(KINDS)), max_size=6),
)
def test_whatever_the_marks_the_text_stays_whole(text: str, spans: list[tuple[int, int, str]]) -> None:
    marks = [
        Mark(start, min(start + length, len(text)), number, kind)
        for number, (start, length, kind) in enumerate(spans, 1)
        if start < len(text)
    ]
    shown = paragraphs(text, marks)
    for one in shown:
        assert "".join(run.text for run in one.runs) == text[one.start : one.end]
        assert "".join(piece.text for run in one.runs for piece in run.pieces) == text[one.start : one.end]
    for item in marks:
        words = "".join(run.text for one in shown for run in one.runs if item.number in run.numbers)
        assert "".join(words.split()) == "".join(text[item.start : item.end].split())
    between = "".join(text[a.end : b.start] for a, b in itertools.pairwise(shown))
    assert between.strip() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("One line.\nAnother line.", ["One line.", "Another line."]),
        ("  Set in.  \r\n\r\n\r\nTwo.", ["Set in.", "Two."]),
        ("A text that was\nbroken into lines\nby its mail program.\n\nEnd.", 2),
        ("A HEADLINE\nA text that was broken into\nlines by its mail program.", 2),
        ("A line of more than a hundred characters, " * 3 + "\nand the next", 2),
        ("", []),
        (" \n \n", []),
    ],
)
def test_paragraphs_follow_blank_lines_and_the_ends_of_lines_that_are_not_wrapped(
    text: str, expected: list[str] | int
) -> None:
    found = [text[start:end] for start, end in paragraph_spans(text)]
    assert (len(found) if isinstance(expected, int) else found) == expected


@pytest.mark.parametrize(
    ("text", "word", "sentence"),
    [
        ("It rained. Ada arrived. She left.", "arrived", "Ada arrived."),
        ("It rained. Mr. Larsen arrived. She left.", "arrived", "Mr. Larsen arrived."),
        ("“It rained.” Ada arrived", "arrived", "Ada arrived"),
        ("Title\n\nAda arrived.\n\nNext", "arrived", "Ada arrived."),
    ],
)
def test_the_sentence_around_a_word(text: str, word: str, sentence: str) -> None:
    start = text.index(word)
    begin, end = sentence_at(text, start, start + len(word))
    assert text[begin:end] == sentence
