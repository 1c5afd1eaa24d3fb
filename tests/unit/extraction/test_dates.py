"""Phrases of time and their EDTF values, counted from Wednesday, 19 June 2024."""

from __future__ import annotations

import datetime as dt

import pytest

from workers.extraction.dates import anchor_day, date_phrases, gone_by, still_to_come
from workers.extraction.spans import Span

WEDNESDAY = dt.date(2024, 6, 19)


def only(text: str, anchor: dt.date | None = WEDNESDAY) -> tuple[str, str | None]:
    (phrase,) = date_phrases(text, Span(0, len(text)), anchor)
    assert phrase.span.of(text) == phrase.text
    return phrase.text, phrase.edtf


@pytest.mark.parametrize(
    ("text", "phrase", "edtf"),
    [
        ("arrived early Wednesday for", "early Wednesday", "2024-06-19"),
        ("said Thursday it was", "Thursday", "2024-06-13"),
        ("met last Wednesday in", "last Wednesday", "2024-06-12"),
        ("due next Monday", "next Monday", "2024-06-24"),
        ("landed yesterday evening", "yesterday evening", "2024-06-18"),
        ("flies tomorrow", "tomorrow", "2024-06-20"),
        ("visited last month", "last month", "2024-05"),
        ("begins next week", "next week", "2024-06-24/2024-06-30"),
        ("signed last year", "last year", "2023"),
        ("began last summer", "last summer", "2023-22"),
        ("In March, it", "In March", "2024-03"),
        ("In December it", "In December", "2024-12"),
        ("fought last November", "last November", "2023-11"),
        ("on March 3, 2021, they", "March 3, 2021", "2021-03-03"),
        ("on 3 March 2021 they", "3 March 2021", "2021-03-03"),
        ("on Jan. 12 it", "Jan. 12", "2024-01-12"),
        ("on July 15 and 16", "July 15 and 16", "2024-07-15/2024-07-16"),
        ("on 27 February last year they", "27 February last year", "2023-02-27"),
        ("on March 3 of this year they", "March 3 of this year", "2024-03-03"),
        ("in November last year they", "in November last year", "2023-11"),
        ("signed on Monday, 4 March 2024", "Monday, 4 March 2024", "2024-03-04"),
        ("signed on 2024-03-04 in", "2024-03-04", "2024-03-04"),
        ("on 2024-13-45 nothing", "2024-13-45", None),
        ("began 2,500 years ago", "2,500 years ago", None),
        ("began 1,500 years ago", "1,500 years ago", "0524~"),
        ("began 30000 months ago", "30000 months ago", None),
        ("acceded on the same day of 1963", "the same day of 1963", "1963"),
        ("met again the next day", "the next day", None),
        ("due in January next year", "in January next year", "2025-01"),
        ("signed in 1960", "in 1960", "1960"),
        ("the 1995-96 crisis", "1995-96", "1995/1996"),
        ("left two years ago", "two years ago", "2022~"),
        ("left three months ago", "three months ago", "2024-03"),
        ("fell ten days ago", "ten days ago", "2024-06-09"),
        ("ruled from 2010 to 2012", "from 2010 to 2012", "2010/2012"),
        ("fought between March and May 2020", "between March and May 2020", "2020-03/2020-05"),
        ("signed in the early 1990s", "in the early 1990s", "1990/1999"),
        ("fell in the last days of January", "in the last days of January", "2024-01"),
        ("left the day before yesterday", "the day before yesterday", "2024-06-17"),
        ("met over the weekend", "over the weekend", "2024-06-15/2024-06-16"),
        ("met in the summer of 2019", "in the summer of 2019", "2019-22"),
    ],
)
def test_phrases_that_can_be_resolved(text: str, phrase: str, edtf: str) -> None:
    assert only(text) == (phrase, edtf)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("comes nine months after the", "nine months after"),
        ("A few hours before the", "A few hours before"),
        ("the second in less than two weeks was", "in less than two weeks"),
        ("visited nearly a quarter of a century ago,", "nearly a quarter of a century ago"),
        ("met the next day", "the next day"),
        ("lifted in October of that year", "in October of that year"),
        ("signed that October", "that October"),
        ("comes in the autumn", "in the autumn"),
        ("will soon visit", "soon"),
    ],
)
def test_vague_phrases_stay_vague(text: str, phrase: str) -> None:
    assert only(text) == (phrase, None)


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("will arrive on Friday", "2024-06-21"),
        ("will arrive early Monday morning", "2024-06-24"),
        ("will arrive on Wednesday", "2024-06-19"),
        ("will arrive this Friday", "2024-06-21"),
        ("will arrive next Friday", "2024-06-21"),
        ("will arrive on July 2", "2024-07-02"),
        ("will arrive in March", "2025-03"),
        ("will arrive in March 2024", "2024-03"),
    ],
)
def test_days_of_a_plan_are_to_come(text: str, edtf: str) -> None:
    (phrase,) = date_phrases(text, Span(0, len(text)), WEDNESDAY)
    assert still_to_come(phrase, WEDNESDAY).edtf == edtf


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("signed in July", "2023-07"),
        ("signed on Sept. 3", "2023-09-03"),
        ("signed on June 3", "2024-06-03"),
        ("signed in July 2024", "2024-07"),
        ("signed on July 2 this year", "2024-07-02"),
    ],
)
def test_months_of_what_happened_have_gone_by(text: str, edtf: str) -> None:
    (phrase,) = date_phrases(text, Span(0, len(text)), WEDNESDAY)
    assert gone_by(phrase, WEDNESDAY).edtf == edtf


def test_without_a_day_to_count_from_only_full_dates_are_resolved() -> None:
    assert only("early Wednesday", anchor=None)[1] is None
    assert only("March 3, 2021", anchor=None)[1] == "2021-03-03"


def test_a_day_that_no_calendar_has_stays_vague() -> None:
    assert only("on February 30, 2021")[1] is None


def test_text_without_time_has_no_phrases() -> None:
    text = "The two may march on the capital."
    assert date_phrases(text, Span(0, len(text)), WEDNESDAY) == ()


def test_a_document_tells_its_own_day_in_its_address_or_first_lines() -> None:
    assert anchor_day("https://example.org/2022/07/06/parade/\n\nA parade.") == dt.date(2022, 7, 6)
    assert anchor_day("CAIRO, 26 July 2022: The minister spoke.") == dt.date(2022, 7, 26)
    assert anchor_day("The minister spoke.") is None
