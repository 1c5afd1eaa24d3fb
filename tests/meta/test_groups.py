"""Tests that share a costly installation run on one process, or they would start it twice."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("probe")
def test_grouped_tests_stay_together(request: pytest.FixtureRequest) -> None:
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("one process runs all tests, or they are not distributed by groups")
    assert request.node.nodeid.endswith("@probe")
