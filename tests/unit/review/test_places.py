"""Words are found in a text as somebody types them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.review.places import places_of

TEXT = "\U0001f30d Ada  Larsen met\nADA LARSEN in Sud\u200bmark (sudmark)."


@pytest.mark.parametrize(
    ("words", "quotes"),
    [
        ("ada larsen", ["Ada  Larsen", "ADA LARSEN"]),
        ("met ada", ["met\nADA"]),
        ("Sudmark", ["Sud\u200bmark", "sudmark"]),
        ("(sudmark).", ["(sudmark)."]),
        ("Norvale", []),
        (" ", []),
    ],
)
def test_words_are_found_in_any_case_and_with_any_blanks(words: str, quotes: list[str]) -> None:
    assert [TEXT[start:end] for start, end in places_of(words, TEXT)] == quotes


@given(st.text(max_size=30), st.text(alphabet="a.*\\[( \n\u200b\u00e9", max_size=60))
def test_any_words_are_answered(words: str, text: str) -> None:
    assert all(start < end for start, end in places_of(words, text))
