"""The main text of a page, with what comes again in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.readers.markup import Block
from workers.readers.web import read_html, with_repeats

RULING = "The resolution was adopted without a vote."


def paragraphs(*texts: str) -> list[Block]:
    return [Block(text, "paragraph") for text in texts]


def test_what_comes_again_is_put_back_and_what_is_around_is_not() -> None:
    page = paragraphs("Talks", "Home", "Talks", "One.", RULING, "Buy!", "Two.", RULING, "More talks", "Talks")
    assert with_repeats(paragraphs("Talks", "One.", RULING, "Two."), page) == paragraphs(
        "Talks", "One.", RULING, "Two.", RULING
    )


def test_what_was_changed_is_left_as_it_was_chosen() -> None:
    chosen = paragraphs("One. Two.", "Three.")
    assert with_repeats(chosen, paragraphs("One.", "Two.", "Three.", "Three.")) == chosen


@given(texts=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12), around=st.lists(st.sampled_from("xyz")))
def test_a_text_of_which_each_block_was_taken_once_comes_back(texts: list[str], around: list[str]) -> None:
    text = paragraphs(*texts)
    assert with_repeats(list(dict.fromkeys(text)), [*paragraphs(*around), *text, *paragraphs(*around)]) == text


def test_a_page_keeps_each_of_its_rulings() -> None:
    body = "".join(f"<p>The assembly took up item {i} of its agenda, on Norvale.</p><p>{RULING}</p>" for i in range(20))
    read = read_html(f"<!doctype html><title>T</title><nav>Home</nav><h1>Votes</h1>{body}<footer>Us</footer>".encode())
    assert read.text.count(RULING) == 20
    assert "Home" not in read.text
