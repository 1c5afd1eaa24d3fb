"""docs/quality.md: its tables and drawing are those of the carried weights, and how they are counted."""

from __future__ import annotations

import json

import pytest

from bench import quality
from bench.quality import Bin, put, reliability, section_of, together
from tests.conftest import REPOSITORY

FITTED = json.loads((REPOSITORY / "seeds/confidence.json").read_text("utf-8"))
PAGE = (REPOSITORY / "docs/quality.md").read_text("utf-8")


def test_the_page_tells_of_the_weights_that_are_carried() -> None:
    """Where this fails, `make calibrate` was run and not all that it wrote was kept."""
    assert section_of(PAGE, "confidence") == quality.confidence(FITTED)
    assert (REPOSITORY / "docs/calibration.svg").read_text("utf-8") == quality.drawing(FITTED)


def test_the_page_has_figures_of_drafting() -> None:
    assert "events: F1" in section_of(PAGE, "drafting")


def test_estimates_of_nine_in_ten_are_right_nine_times_in_ten() -> None:
    measured = {name: quality.Reliability.from_json(told["measured"]) for name, told in FITTED["targets"].items()}
    fields = together(told for name, told in measured.items() if name != "record")
    for bins in (measured["record"].bins, fields):
        high = [one for one in bins if one.low >= 0.9]
        assert sum(one.right for one in high) / sum(one.judged for one in high) >= 0.9


def test_reliability() -> None:
    told = reliability([(0.96, True), (0.96, False), (0.6, True)])
    assert (told.judged, told.right) == (3, 2)
    assert told.bins == (Bin(0.5, 0.7, 1, 1, 0.6), Bin(0.95, 1.0, 2, 1, 0.96))
    assert told.brier == pytest.approx((0.04**2 + 0.96**2 + 0.4**2) / 3, abs=1e-4)
    assert told.brier_of_mean == pytest.approx(2 / 9, abs=1e-4)
    assert told.ece == pytest.approx((0.4 + 2 * 0.46) / 3, abs=1e-4)
    assert quality.Reliability.from_json(json.loads(json.dumps(told.to_json()))) == told


def test_bins_of_several_targets_are_pooled() -> None:
    one, other = reliability([(0.96, True), (0.6, True)]), reliability([(0.98, False)])
    assert [(pooled.judged, pooled.right, round(pooled.said, 2)) for pooled in together([one, other])] == [
        (1, 1, 0.6),
        (2, 1, 0.97),
    ]


def test_a_section_is_put_between_its_marks() -> None:
    page = "# A\n\n<!-- x: written by make calibrate -->\n\nold\n\n<!-- end -->\n\nrest\n"
    assert put(page, "x", "new") == page.replace("old", "new")
    assert section_of(put(page, "x", "new"), "x") == "new"
    with pytest.raises(ValueError, match="no section 'y'"):
        put(page, "y", "new")
