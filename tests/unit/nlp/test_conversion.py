from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.nlp.conversion import part_spans


@pytest.mark.parametrize(
    ("token", "parts", "found"),
    [
        ("Russia's", ["Russia", "'s"], ["Russia", "'s"]),
        ("Russia’s", ["Russia", "'s"], ["Russia", "’s"]),
        ("DON'T", ["do", "n't"], ["DO", "N'T"]),
        ("cannot", ["can", "not"], ["can", "not"]),
        ("gonna", ["gon", "na"], ["gon", "na"]),
        ("won't", ["will", "not"], [None, None]),
        ("isn't", ["is", "not"], ["is", None]),
        ("d'you", ["do", "you"], [None, "you"]),
    ],
)
def test_parts_are_found_where_they_stand(token: str, parts: list[str], found: list[str | None]) -> None:
    assert [token[slice(*span)] if span else None for span in part_spans(token, parts)] == found


@given(st.lists(st.text(alphabet="aB'’İß\u0301", min_size=1, max_size=4), min_size=1, max_size=4))
def test_parts_that_make_up_the_token_are_all_found(parts: list[str]) -> None:
    token = "".join(parts)
    assert [token[slice(*span)] if span else None for span in part_spans(token, parts)] == parts


@given(st.text(max_size=8), st.lists(st.text(max_size=4), max_size=4))
def test_spans_lie_in_the_token_and_do_not_overlap(token: str, parts: list[str]) -> None:
    bounds = [bound for span in part_spans(token, parts) if span for bound in span]
    assert bounds == sorted(bounds)
    assert all(0 <= bound <= len(token) for bound in bounds)
