"""What a text tells of itself where nobody else does."""

from __future__ import annotations

import pytest

from workers.telling import told_by

ENGLISH = "The president of Norvale arrived in Sudmark on Tuesday for two days of talks with the prime minister. " * 3


@pytest.mark.parametrize(
    ("opening", "day"),
    [
        ("KYIV, June 3, 2024 (Example Wire) — ", "2024-06-03"),
        ("CAIRO – 25 July 2022: ", "2022-07-25"),
        ("Geneva, 12 March 2024 – ", "2024-03-12"),
        ("KYIV, June 3 (Example Wire) — ", None),  # of which year?
        ("On 3 June 2024, it was said, ", None),  # no dateline
        ("", None),
    ],
)
def test_the_day_of_a_dateline_is_told_with_its_year_alone(opening: str, day: str | None) -> None:
    told = told_by(f"Talks in Sudmark\n\n{opening}{ENGLISH}").get("published")
    assert (told and told.value, told and told.origin) == (day, day and "text:dateline")


def test_the_language_is_told_of_what_is_long_enough() -> None:
    assert told_by(ENGLISH)["language"].value == "en"
    assert told_by("Ada arrived.") == {}
