"""An excerpt shows the stored text, character by character, and the words that were found in it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from service.operations.excerpts import END, FOUND, LENGTH, _width, excerpt

odd = st.text(st.sampled_from("ab é\u0301\u200b\ue000\nŁ한字"), max_size=400)


def marked(text: str, *words: str) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda found: f"{FOUND}{found[0]}{END}", text)


def test_a_short_text_is_shown_whole() -> None:
    shown = excerpt("A visit to Sudmark.", marked("A visit to Sudmark.", "Sudmark"))
    assert [(piece.text, piece.is_found) for piece in shown.pieces] == [
        ("A visit to ", False), ("Sudmark", True), (".", False)
    ]  # fmt: skip
    assert (shown.start, shown.end) == (0, 19)


def test_of_a_long_text_the_stretch_with_most_different_words_is_shown() -> None:
    text = "treaty " * 30 + "- " * 400 + "a treaty signed in Tartu" + " -" * 400
    shown = excerpt(text, marked(text, "treaty", "signed", "Tartu"), start=1000)
    assert [piece.text for piece in shown.pieces if piece.is_found] == ["treaty", "signed", "Tartu"]
    assert "".join(piece.text for piece in shown.pieces) == text[shown.start - 1000 : shown.end - 1000]
    assert shown.end - shown.start <= LENGTH


def test_no_word_is_cut_at_the_ends() -> None:
    text = "abcdefghi " * 100
    shown = excerpt(text, text[:505] + marked(text[505:515], "fghi abcde") + text[515:])
    assert set("".join(piece.text for piece in shown.pieces).split()) == {"abcdefghi"}


def test_words_are_found_where_characters_are_composed_or_hidden() -> None:
    text = "Erdoğan, Erdog\u0306an, Er\u200bdoğan and Halé, Hale\u0301"
    shown = excerpt(text, marked("Erdogan, Erdogan, Erdogan and Hale, Hale", "Erdogan", "Hale"))
    found = [piece.text for piece in shown.pieces if piece.is_found]
    assert found == ["Erdoğan", "Erdog\u0306an", "Er\u200bdoğan", "Halé", "Hale\u0301"]


@given(text=odd, start=st.integers(0, 400), length=st.integers(1, 20))
def test_whatever_is_marked_the_pieces_are_the_text(text: str, start: int, length: int) -> None:
    searchable = "x" * sum(map(_width, text))
    found = searchable[start : start + length]
    shown = excerpt(text, f"{searchable[:start]}{FOUND}{found}{END}" if found else searchable)
    assert "".join(piece.text for piece in shown.pieces) == text[shown.start : shown.end]
