"""Where words of one text stand in its next version: the same words in the same sentence, or nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.operations.rebasing import Rebasing
from workers.extraction.records import Evidence

OLD = "Ada Larsen arrived in Sudmark. She did not stay.\nSoldiers crossed the Grey Line."
sentences = st.lists(
    st.sampled_from(
        ["Ada arrived. ", "She left. ", "Ada arrived! ", "\n", "A line\n", "é𝄞 “No.” ", "…", " ", "Ada arrived. "]
    ),
    min_size=1,
    max_size=12,
)


def words(text: str, quote: str) -> Evidence:
    start = text.index(quote)
    return Evidence.at("trigger", text, start, start + len(quote), "rule")


@pytest.mark.parametrize(
    ("new", "quote", "is_there"),
    [
        (f"Corrected.\n{OLD}", "arrived", True),
        (f"Corrected.\n{OLD}", "Grey Line", True),
        (OLD.replace("crossed", "did not cross"), "Grey Line", False),
        (OLD.replace("crossed", "did not cross"), "arrived", True),
        (OLD.replace("not stay", "stay"), "stay", False),
        (OLD.replace("She did not stay.\n", ""), "stay", False),
        (OLD.replace("She did not stay.\n", ""), "Soldiers", True),
        (OLD.replace("Sudmark. She", "Sudmark, and she"), "arrived", False),
        ("Something else.", "arrived", False),
    ],
)
def test_words_move_with_their_sentence_alone(new: str, quote: str, is_there: bool) -> None:
    moved = Rebasing(OLD, new).moved(words(OLD, quote))
    assert (moved is not None) == is_there
    if moved:
        assert moved == words(new, quote)


def test_words_over_two_sentences_move_where_both_stand_together() -> None:
    both = words(OLD, "Sudmark. She")
    assert Rebasing(OLD, f"Now: {OLD}").moved(both) is None
    assert Rebasing(OLD, f"Now.\n{OLD}").moved(both) is not None
    assert Rebasing(OLD, OLD.replace(". She", ".\nThen. She")).moved(both) is None


@given(old=sentences, new=sentences, data=st.data())
def test_whatever_was_changed_the_quote_stands_where_it_has_gone(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    before, after = "".join(old), "".join(new)
    start = data.draw(st.integers(0, len(before) - 1))
    end = data.draw(st.integers(start + 1, len(before)))
    evidence = Evidence.at("trigger", before, start, end)
    rebasing = Rebasing(before, after)
    for moved in (rebasing.moved(evidence), *(rebasing.found_all([evidence]) or ())):
        if moved:
            assert after[moved.start : moved.end] == moved.quote == evidence.quote
    if before == after:
        assert rebasing.moved(evidence) == evidence
