"""Sketches say how alike two texts are."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.likeness import NUMBERS, bands, likeness
from workers.likeness import IN_A_ROW, sketch

WORDS = [f"word{number}" for number in range(400)]
STORY = " ".join(WORDS)


def jaccard(one: str, other: str) -> float:
    a, b = (
        {tuple(words[i : i + IN_A_ROW]) for i in range(len(words) - IN_A_ROW + 1)}
        for words in (one.split(), other.split())
    )
    return len(a & b) / len(a | b)


@pytest.mark.parametrize("kept", [1.0, 0.9, 0.7, 0.5, 0.2, 0.0])
def test_likeness_is_the_share_of_shingles_in_common(kept: float) -> None:
    cut = int(len(WORDS) * kept)
    other = " ".join(WORDS[:cut] + [f"other{number}" for number in range(len(WORDS) - cut)])
    assert likeness(sketch(STORY), sketch(other)) == pytest.approx(jaccard(STORY, other), abs=0.13)


def test_case_and_what_stands_between_words_do_not_count() -> None:
    assert sketch("The foreign minister of Norvale said.") == sketch("THE FOREIGN\n minister -- of Norvale, said")


@given(st.text())
def test_any_text_has_a_sketch_that_can_be_kept(text: str) -> None:
    made = sketch(text)
    assert len(made) == NUMBERS
    assert all(0 <= number < 2**32 for number in made)
    assert made == sketch(text)
    assert all(-(2**63) <= band < 2**63 for band in bands(made))


def test_texts_that_are_alike_share_a_band_and_others_none() -> None:
    chance = random.Random(1)
    texts = [[f"w{chance.randrange(10_000)}" for _ in range(300)] for _ in range(40)]
    whole = [set(bands(sketch(" ".join(text)))) for text in texts]
    edited = [set(bands(sketch(" ".join(text[:250])))) for text in texts]  # 0.83 of it
    assert all(one & other for one, other in zip(whole, edited, strict=True))
    assert not any(whole[i] & whole[j] for i in range(40) for j in range(i))
