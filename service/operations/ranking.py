"""How much work an item is expected to be, and where that puts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

# Among the uncertain, an item goes before those that came up to this much earlier for each of its fields that is likely
# to be wrong. What waits longer than that goes first: nothing starves.
AHEAD_PER_EDIT = dt.timedelta(hours=8)


def expected_edits(confidence: Mapping[str, float]) -> float:
    """The number of a record's fields that are likely to be wrong."""
    return sum(1 - sure for path, sure in confidence.items() if path != "record")


def place_among_uncertain(since: dt.datetime, edits: float) -> dt.datetime:
    """What has waited since then, put forward by what it is expected to need."""
    return since - edits * AHEAD_PER_EDIT
