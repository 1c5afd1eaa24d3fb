"""Values as people read them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from service.review import words
from service.review.listing import excerpt
from service.review.own_paths import is_own_path
from service.review.reasons import reasons
from service.store.models import EvidenceItem, Revision
from tests.factories import border_incident, visit

NOON = dt.datetime(2024, 6, 19, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("edtf", "long", "short"),
    [
        ("2024-06-18", "18 June 2024", "18 Jun 2024"),
        ("2024-06", "June 2024", "Jun 2024"),
        ("2024", "2024", "2024"),
        ("2024-06-19/2024-06-20", "19 June 2024 to 20 June 2024", "19–20 Jun 2024"),
        ("2024-06-19/2024-07-02", "19 June 2024 to 2 July 2024", "19 Jun – 2 Jul 2024"),
        ("../2024", "until 2024", "until 2024"),
        ("2024-06/..", "from June 2024", "from June 2024"),
        ("2024-06-XX", "2024-06-XX", "2024-06-XX"),
        ("2024-21", "2024-21", "2024-21"),
        (None, "no date", "no date"),
    ],
)
def test_dates(edtf: str | None, long: str, short: str) -> None:
    assert (words.date(edtf), words.short_date(edtf)) == (long, short)


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, "now"), (59, "59 min"), (60, "1 h"), (47 * 60, "47 h"), (48 * 60, "2 d")]
)
def test_ages(minutes: int, told: str) -> None:
    assert words.age(NOON - dt.timedelta(minutes=minutes), NOON) == told


def participants(*names: tuple[str, str]) -> dict[str, Any]:
    return {"participants": [{"role": role, "name": name} for role, name in names], "place": None}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"type": "visit", **participants(("visitor", "Ada"), ("host", "Theo"))}, "Ada to Theo"),
        ({"type": "visit", **participants(("visitor", "Ada")), "place": {"name": "Sudmark"}}, "Ada to Sudmark"),
        ({"type": "visit", **participants()}, "No visitor named to no host named"),
        ({"type": "treaty", **participants(("party", "A"), ("party", "B"))}, "A, B"),
        ({"type": "treaty", **participants(*[("party", name) for name in "ABCDE"])}, "A, B, C and 2 more"),
    ],
)
def test_headlines(body: dict[str, Any], told: str) -> None:
    assert str(words.headline(body)) == told


def test_the_least_certain_comes_first_and_then_what_is_missing() -> None:
    record = border_incident()
    assert [str(reason) for reason in reasons(record.to_json(), record.evidence)] == [
        "Target uncertain, 50%",
        "Modality uncertain, 54%",
        "No date",
    ]
    assert [str(reason) for reason in reasons(visit().to_json())] == ["Date uncertain, 55%", "No host named"]


def test_an_excerpt_has_no_half_words() -> None:
    item = EvidenceItem(field="trigger", quote="arrived", prefix="sident Ada\nLarsen ", suffix=" in Sudmark on Tue")
    shown = excerpt(Revision(evidence=[item]))
    assert shown is not None
    assert (shown.before, shown.quote, shown.after) == ("Ada Larsen ", "arrived", " in Sudmark on")


@pytest.mark.parametrize("target", ["/", "/documents?state=drafted", "/review/7#said"])
def test_own_paths_are_followed_after_a_sign_in(target: str) -> None:
    assert is_own_path(target)


@pytest.mark.parametrize(
    "target", ["", "documents", "//other.example", "/\\other.example", "https://other.example", "/\t/other.example"]
)
def test_other_sites_are_not(target: str) -> None:
    assert not is_own_path(target)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sender", "the sender"),
        ("text:dateline", "the dateline"),
        ("mail:Subject", "Subject of the message"),
        ("pdf:CreationDate", "CreationDate of the PDF"),
        ("docx:title", "title of the file"),
    ],
)
def test_origins_in_words(code: str, told: str) -> None:
    assert words.origin(code) == told
