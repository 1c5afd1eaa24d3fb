"""What a decision changed, as the page tells it."""

from __future__ import annotations

from typing import Any

import pytest

from service.review.fixes import fixes
from tests.factories import STORY, border_incident
from workers.extraction.families import FAMILY_OF

BODY = border_incident().to_json()
NORVALE, SUDMARK = STORY.index("Norvale"), STORY.index("Sudmark")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("modality", "occurred", "alleged"), [("Modality", "occurred", "alleged")]),
        (("background", False, True), [("Background", "no", "yes")]),
        (("details/killed", None, 2), [("Killed", "nothing", "2")]),
        (("place", {"name": "Grey Line", "country": None}, None), [("Place", "Grey Line", "nothing")]),
        (("participants", [{"name": "A"}, {"name": "B"}], [{"name": "B"}]), [("Participant", "A, B", "B")]),
        (
            (
                "evidence",
                [["date", 0, 3], ["place", SUDMARK, SUDMARK + 7]],
                [["date", 0, 3], ["place", NORVALE, NORVALE + 7], ["participants/1", SUDMARK, SUDMARK + 7]],
            ),
            [("Words of place", "“Sudmark”", "“Norvale”"), ("Words of target", "nothing", "“Sudmark”")],
        ),
    ],
)
def test_a_change_is_told_in_words(change: tuple[str, Any, Any], told: list[tuple[str, str, str]]) -> None:
    made = [dict(zip(("field", "from", "to"), change, strict=True))]
    assert [(fix.label, fix.was, fix.now) for fix in fixes(made, FAMILY_OF["border_incident"], BODY, STORY)] == told
