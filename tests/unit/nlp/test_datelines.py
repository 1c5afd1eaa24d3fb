from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.nlp.datelines import find_datelines


def read(text: str) -> list[tuple[str, str | None, str | None]]:
    """Each dateline with its place and date, as written."""
    return [
        (
            text[found.start : found.end],
            text[slice(*found.place)] if found.place else None,
            text[slice(*found.date)] if found.date else None,
        )
        for found in find_datelines(text)
    ]


@pytest.mark.parametrize(
    ("text", "dateline", "place", "date"),
    [
        ("(Seoul) President Ahn arrived.", "(Seoul) ", "Seoul", None),
        ("[Khartoum] The army said", "[Khartoum] ", "Khartoum", None),
        ("(Geneva) - The parties met", "(Geneva) - ", "Geneva", None),
        ("(The Hague) Judges ruled", "(The Hague) ", "The Hague", None),
        ("(Geneva, 3 March) The parties met", "(Geneva, 3 March) ", "Geneva", "3 March"),
        ("(Rio de Janeiro, 18 Nov 2024) Leaders", "(Rio de Janeiro, 18 Nov 2024) ", "Rio de Janeiro", "18 Nov 2024"),
        ("(Reuters) - The bank said", "(Reuters) - ", None, None),
        ("SEOUL (Reuters) - South Korea said", "SEOUL (Reuters) - ", "SEOUL", None),
        ("Washington (AP) The president", "Washington (AP) ", "Washington", None),
        ("Moscow (Interfax) – Officials said", "Moscow (Interfax) – ", "Moscow", None),
        ("KYIV, June 3 (Agency) — The president", "KYIV, June 3 (Agency) — ", "KYIV", "June 3"),
        ("HEFEI, July 18 (Xinhua) -- East", "HEFEI, July 18 (Xinhua) -- ", "HEFEI", "July 18"),
        ("Nairobi, Jun 16 2022 (IPS) - Clad", "Nairobi, Jun 16 2022 (IPS) - ", "Nairobi", "Jun 16 2022"),
        ("SEOUL, South Korea (AP) — North", "SEOUL, South Korea (AP) — ", "SEOUL, South Korea", None),
        ("CAIRO – 25 July 2022: The minister", "CAIRO – 25 July 2022: ", "CAIRO", "25 July 2022"),
        ("Geneva, 12 March 2024 – The parties", "Geneva, 12 March 2024 – ", "Geneva", "12 March 2024"),
        ("KUWAIT CITY, July 25: The state", "KUWAIT CITY, July 25: ", "KUWAIT CITY", "July 25"),
        ("WASHINGTON — “We won’t go,” he said", "WASHINGTON — ", "WASHINGTON", None),
        ("HIROSHIMA--Survivors met", "HIROSHIMA--", "HIROSHIMA", None),
        ("ISLAMABAD: Foreign Office officials", "ISLAMABAD: ", "ISLAMABAD", None),
        ("SEOUL, Sept 20 (2018) - The minister", "SEOUL, Sept 20 (2018) - ", "SEOUL", "Sept 20 (2018)"),
        (
            "BULAWAYO, Zimbabwe , Jun 21 2022 (IPS) - Trade",
            "BULAWAYO, Zimbabwe , Jun 21 2022 (IPS) - ",
            "BULAWAYO, Zimbabwe",
            "Jun 21 2022",
        ),
        ("Doha: The forum opens", "Doha: ", "Doha", None),
        ("DAILY WORLD (Voz de Lima) The ministry", "DAILY WORLD (Voz de Lima) ", None, None),
        ("Mumbai, India – In February", "Mumbai, India – ", "Mumbai, India", None),
        ("ALGIERS- President of the Republic", "ALGIERS- ", "ALGIERS", None),
    ],
)
def test_a_dateline_is_found_with_its_place_and_date(text: str, dateline: str, place: str, date: str) -> None:
    assert read(text) == [(dateline, place, date)]


@pytest.mark.parametrize(
    "text",
    [
        "(He was not there) The minister said so.",
        "(Laughter) And so we went on.",
        "(Photo: Ministry) The two men",
        "(AP Photo/Ann Example) The two men",
        "(Ahn) told reporters",
        "WASHINGTON has said that it will not go.",
        "Restaurants: The city has many.",
        "UNITED NATIONS (UN) Secretary General Ann Example spoke.",
        "NATO (North Atlantic Treaty Organization) The members met.",
        "Doha-based firms: The minister met them.",
        "BREAKING: The army has taken the bridge.",
        "WATCH — The minister lands in Lisbon",
        "UN – The council met.",
        "Q: What did the minister say?",
        "Ilse Brandt – The minister of Ostrava – left.",
        "President Brandt (D) said",
        "Paris: the mayor resigns",
        "RUSSIA – USA TALKS",
        "The minister (Seoul) arrived.",
        "In Seoul, June 3 was a holiday.",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert find_datelines(text) == ()


def test_a_dateline_can_open_any_paragraph() -> None:
    text = "Two visits\n\n(Seoul) Ahn left.\n\nHe flew.\n\nTOKYO, June 3 — Ito came."
    assert [place for _, place, _ in read(text)] == ["Seoul", "TOKYO"]


def test_a_wrapped_line_does_not_begin_a_paragraph() -> None:
    text = "The minister flew to the capital of the neighbouring country\n(Seoul) President Ahn had left it long ago.\n"
    assert find_datelines(text) == ()


@given(st.text(alphabet=st.sampled_from("(Seoul), JUNE3—-:[]. \nMa"), max_size=60))
def test_the_parts_lie_within_the_dateline(text: str) -> None:
    for found in find_datelines(text):
        for part in filter(None, (found.place, found.date)):
            assert found.start <= part[0] < part[1] <= found.end
