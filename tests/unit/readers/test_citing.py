"""Where stretches of a text stand in what it was read from."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.readers.citing import Box, Citation, Original, Span
from workers.readers.layout import Box as Found
from workers.readers.pages import Sheet, put_together
from workers.readers.reading import Page, Word

ENCODINGS = ("utf-8", "utf-16-le", "utf-32-be", "cp1252", "shift_jis", "gb18030", "iso2022_jp")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"), min_size=1, max_size=60)


def plain(original: bytes | str, encoding: str = "utf-8") -> Original:
    sent = original.encode(encoding) if isinstance(original, str) else original
    return Original.of_plain_text(sent.decode(encoding), encoding, hashlib.sha256(sent).hexdigest())


@given(text=texts, encoding=st.sampled_from(ENCODINGS), data=st.data())
def test_bytes_of_plain_text_are_those_of_the_original(text: str, encoding: str, data: st.DataObject) -> None:
    original = text.encode(encoding, errors="ignore")
    decoded = original.decode(encoding)
    start = data.draw(st.integers(0, len(decoded)))
    end = data.draw(st.integers(start, len(decoded)))
    (cited,) = plain(original, encoding).cite([(start, end)])
    if cited.bytes is None:
        is_one_to_one = decoded.encode(encoding) == original
        assert encoding == "iso2022_jp" or not is_one_to_one, "alphabets are switched in no other of these"
    else:
        assert original[cited.bytes.start : cited.bytes.end].decode(encoding) == decoded[start:end]


def test_bytes_of_another_original_are_not_made_up() -> None:
    other = Original.of_plain_text("Ada arrived.", "utf-8", "0" * 64)
    assert other.cite([(0, 3)]) == [Citation(None, "paragraph 1", (), None)]


@given(text=texts)
def test_every_word_of_plain_text_stands_in_a_paragraph(text: str) -> None:
    places = plain(text).places
    assert "".join("".join(text[place.start : place.end].split()) for place in places) == "".join(text.split())
    assert [place.number for place in places] == list(range(1, len(places) + 1))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_blank_lines_part_paragraphs(line_end: str) -> None:
    text = line_end.join(["", "Ada arrived", "on Tuesday.", " ", "", "She left.", ""])
    found = [text[place.start : place.end] for place in plain(text).places]
    assert found == [f"Ada arrived{line_end}on Tuesday.", "She left."]


def word(start: int, text: str, x0: float, y0: float) -> Word:
    return Word(start, start + len(text), x0, y0, x0 + 10 * len(text), y0 + 10)


def test_a_stretch_over_lines_and_pages_has_a_box_for_each_line() -> None:
    first = Page(1, 600, 800, 0, 15, (word(0, "Ada", 50, 60), word(4, "arrived", 90, 60), word(12, "at", 50, 75)))
    second = Page(2, 600, 800, 15, 22, (word(15, "Sudmark", 50, 60),))
    (cited,) = Original(pages=(first, second)).cite([(0, 22)])
    boxes = (Box(1, 50, 60, 160, 70), Box(1, 50, 75, 70, 85), Box(2, 50, 60, 120, 70))
    assert cited == Citation(1, None, boxes, None)


def test_paragraphs_are_counted_on_the_page_on_which_they_begin() -> None:
    def lines(*told: str) -> list[Found]:
        words = [(at, left, word) for at, line in enumerate(told) for left, word in enumerate(line.split())]
        return [Found(word, 50 + 90 * left, 100 + 60 * at, 136 + 90 * left, 110 + 60 * at) for at, left, word in words]

    sheets = [Sheet(600, 800, lines("Ada arrived.", "She left.")), Sheet(600, 800, []), Sheet(600, 800, lines("End."))]
    text, pages, places = put_together(sheets)
    assert [(text[one.start : one.end], one.label) for one in places] == [
        ("Ada arrived.", "page 1, paragraph 1"),
        ("She left.", "page 1, paragraph 2"),
        ("End.", "page 3, paragraph 1"),
    ]
    assert Original(places, pages).cite([(text.index("End"), len(text))])[0].page == 3


def test_the_bytes_of_a_place_are_its_own() -> None:
    assert plain("“Ada”\n\nleft").bytes_of_places() == [Span(0, 9), Span(11, 15)]
