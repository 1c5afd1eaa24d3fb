"""Paragraphs in capitals."""

from __future__ import annotations

import pytest

from workers.nlp.casing import recased


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("CHILE IMPOSES SANCTIONS ON BOLIVIA OVER RAID", "Chile imposes sanctions on Bolivia over raid"),
        ("ON MONDAY PRESIDENT RUIZ FLEW TO LIMA. HE LEFT.", "On Monday president Ruiz flew to Lima. He left."),
        ("NORTH KOREAN SOLDIERS MET U.S. AND EU ENVOYS", "North Korean soldiers met U.S. and EU envoys"),
        ("CHILE'S MINISTER ARRIVES IN BUENOS AIRES", "Chile's minister arrives in Buenos Aires"),
    ],
)
def test_names_keep_their_capital(written: str, read: str) -> None:
    assert recased(written) == read


@pytest.mark.parametrize("text", ["NATO SUMMIT", "A line with SOME CAPITALS in it, and no more", "", "12 + 30 = 42"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert recased(text) == text


def test_the_length_stays_the_same_whatever_the_letters() -> None:
    text = "İSTANBUL’DA ΣΟΦΟΣ STRASSE ẞ GROẞE KARTE UND NOCH MEHR"
    assert len(recased(text)) == len(text)
