"""Krippendorff's alpha, as his own paper works it out."""

from __future__ import annotations

import pytest
from nltk.metrics.agreement import AnnotationTask

from service.operations.agreement import alpha

# Krippendorff, K. (2011): Computing Krippendorff's Alpha-Reliability. University of Pennsylvania, sections A and B.
MEG_AND_OWEN = list(zip("0100000010", "1110010000", strict=True))
BEN_AND_GERRY = list(zip("aabbdcccedda", "babbbccceddd", strict=True))


@pytest.mark.parametrize(("pairs", "published"), [(MEG_AND_OWEN, 0.095), (BEN_AND_GERRY, 0.692)])
def test_alpha_is_what_the_paper_says(pairs: list[tuple[str, str]], published: float) -> None:
    measured = alpha(pairs)
    assert measured is not None
    assert round(measured, 3) == published


def test_the_short_way_to_disagreement_is_that_of_the_library() -> None:
    told = [(reader, item, value) for item, pair in enumerate(BEN_AND_GERRY) for reader, value in enumerate(pair)]
    assert alpha(BEN_AND_GERRY) == pytest.approx(AnnotationTask(told).alpha(), abs=1e-12)


@pytest.mark.parametrize("pairs", [[], [("a", "a"), ("a", "a")]])
def test_without_pairs_or_variation_there_is_no_alpha(pairs: list[tuple[str, str]]) -> None:
    assert alpha(pairs) is None
