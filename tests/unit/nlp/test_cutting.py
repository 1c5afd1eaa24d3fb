from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.nlp.cutting import LONGEST_BLOCK, LONGEST_WORD, cut, mask, pieces

TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            ["Seoul", "(Seoul) ", "gov\u00adern", "\u200b", "\n", "\n\n", ". ", "’s", "x" * 250, "\ud800", " "]
        )
    ).map("".join),
)


def read(text: str) -> list[str]:
    return [block.text for block in cut(text)]


def test_each_paragraph_is_a_block_without_line_breaks() -> None:
    assert read("The minister\nleft.\n\nHe came\tback.") == ["The minister left.", "He came back."]


def test_a_dateline_is_blanked() -> None:
    assert read("(Seoul) Ahn left.") == ["Ahn left."]


def test_a_web_address_as_first_line_is_blanked() -> None:
    assert read("https://example.org/a?b=1\nAhn left.") == ["Ahn left."]
    assert read("See https://example.org/a for more.") == ["See https://example.org/a for more."]


def test_a_word_too_long_to_be_one_is_blanked() -> None:
    assert read(f"Ahn {'x' * LONGEST_WORD} left.")[0].split() == ["Ahn", "x" * LONGEST_WORD, "left."]
    assert read(f"Ahn {'x' * (LONGEST_WORD + 1)} left.")[0].split() == ["Ahn", "left."]


def test_characters_without_width_are_left_out_and_counted() -> None:
    text = "The gov\u00adern\u200bment left."
    (block,) = cut(text)
    assert block.text == "The government left."
    assert text[slice(*block.span(4, 14))] == "gov\u00adern\u200bment"


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert read("\ud800 left.") == ["\ufffd left."]


def test_a_long_paragraph_is_cut_after_a_sentence() -> None:
    text = "The minister left. " * 900
    blocks = read(text)
    assert len(blocks) > 1
    assert all(len(block) <= LONGEST_BLOCK and block.strip().endswith("left.") for block in blocks)
    assert all(block.startswith("The") for block in blocks)


def test_a_paragraph_without_sentences_is_cut_at_a_blank_and_one_without_blanks_anywhere() -> None:
    assert [("aa bb cc"[s:e]) for s, e in pieces("aa bb cc", 7)] == ["aa bb ", "cc"]
    assert [("aaaabbbb"[s:e]) for s, e in pieces("aaaabbbb", 4)] == ["aaaa", "bbbb"]


@given(TEXTS)
def test_masking_keeps_the_length(text: str) -> None:
    assert len(mask(text)) == len(text)


@given(TEXTS)
def test_every_character_of_a_block_is_the_texts_or_a_blank(text: str) -> None:
    for block in cut(text):
        assert len(block.text) == len(block.origins)
        assert "\n" not in block.text
        for character, origin in zip(block.text, block.origins, strict=True):
            assert character in (text[origin], " ", "\ufffd")


@given(TEXTS)
def test_blocks_are_in_order_and_do_not_overlap(text: str) -> None:
    origins = [origin for block in cut(text) for origin in block.origins]
    assert origins == sorted(set(origins))


@given(st.text(alphabet="ab. \nC", max_size=60), st.integers(min_value=1, max_value=9))
def test_pieces_cover_the_text_and_are_no_longer_than_asked(text: str, longest: int) -> None:
    found = list(pieces(text, longest))
    assert "".join(text[start:end] for start, end in found) == text
    assert all(end - start <= longest for start, end in found)


def test_a_word_that_a_line_end_breaks_is_one() -> None:
    text = "Soldiers cross-\ned the border."
    (block,) = cut(text)
    assert block.text == "Soldiers crossed the border."
    start = block.text.index("crossed")
    assert block.span(start, start + len("crossed")) == (9, 18)


def test_capitals_are_written_small() -> None:
    (block,) = cut("CHILE IMPOSES SANCTIONS ON BOLIVIA")
    assert block.text == "Chile imposes sanctions on Bolivia"
