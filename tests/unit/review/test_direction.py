"""A paragraph runs as most of its letters do, whatever it begins with."""

from __future__ import annotations

import pytest

from service.review.direction import direction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Larsen arrived.", "ltr"),
        ("محمود عبّاس arrived in Sudmark on Tuesday.", "ltr"),
        ("NATO: وصل الرئيس إلى العاصمة يوم الثلاثاء.", "rtl"),
        ("יצחק הרצוג", "rtl"),
        ("Владимир Путин прибыл.", "ltr"),
        ("习近平", "ltr"),
        ("19 – 2024", "ltr"),
        ("", "ltr"),
    ],
)
def test_direction(text: str, expected: str) -> None:
    assert direction(text) == expected
