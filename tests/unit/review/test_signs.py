"""What is not what it seems is named where it stands, and nothing else is."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.review.signs import HIDDEN, pieces, signs

AMONG = " met the delegation in the capital on Monday."  # makes of a name a text that is mostly Latin


def named(text: str) -> list[tuple[str, str]]:
    return [(text[sign.start : sign.end], sign.name) for sign in signs(text)]


def test_hidden_characters_are_named() -> None:
    assert [(piece.text, piece.hidden) for piece in pieces("a\u202eb\u200b")] == [
        ("a", None),
        ("\u202e", "right-to-left override"),
        ("b", None),
        ("\u200b", "zero width space"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Рutin", [("Р", "cyrillic capital letter er")]),
        ("Putіn", [("і", "cyrillic small letter byelorussian-ukrainian i")]),
        ("Putиn", [("и", "cyrillic small letter i")]),
        ("Gооgle", [("оо", "2 Cyrillic letters")]),
        ("Gοogle", [("ο", "greek small letter omicron")]),
        ("Ёlka", [("Ё", "cyrillic capital letter io")]),
        ("Е\u0301lan", [("Е\u0301", "cyrillic capital letter ie")]),
        ("sսn", [("ս", "armenian small letter seh")]),
        ("𝐏utin", [("𝐏", "mathematical bold capital p")]),
        ("Пyтин", [("y", "latin small letter y")]),
        ("Р\u200butin", [("Р", "cyrillic capital letter er"), ("\u200b", "zero width space")]),
        ("Т-72", [("Т", "cyrillic capital letter te")]),
        ("РОССО", [("РОССО", "5 Cyrillic letters")]),
        ("РОССО and Анна", [("РОССО", "5 Cyrillic letters")]),
    ],
)
def test_letters_that_pass_for_others_are_named(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(text + AMONG) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Zoë Ångström, Łukasz Dvořák, Đặng Văn Lâm, İlham Əliyev, Ħal Għargħur, O’Brien, Hawaiʻi, Þór",
        "Владимир Путин", "Сара Сос-Морозова", "Анна, Сара", "СССР и США", "Союз ССР",
        "Кириакос Мицотакис", "Κυριάκος Μητσοτάκης", "η ΕΕ", "Նիկոլ Փաշինյան", "ნიკა",
        "محمود عباس", "יצחק הרצוג", "习近平", "岸田文雄", "윤석열", "नरेन्द्र मोदी", "สมชาย",
        "5 µm, 5 μm, 10 kΩ, 3 MΩ, 20 °C, Δt, ΛCDM, 2σ, the α particle, π, 5 ℓ, ℹ",
        "東京NATO本部でTシャツ", "AI가", "וNATO", "NATO-ի", "🇺🇦 Ukraine",
    ],
)  # fmt: skip
def test_ordinary_names_and_units_are_not_named(text: str) -> None:
    assert named(text + AMONG) == []


@pytest.mark.parametrize(
    "text",
    [
        "Россия и США подписали договор, а НАТО о нём не знало. Он был у IBM, а она с ним.",
        "Η Ελλάδα και η ΕΕ υπέγραψαν συμφωνία με το NATO, ο υπουργός είπε.",
        "وقّعت مصر اتفاقية مع NATO في القاهرة.",
    ],
)
def test_a_text_in_another_script_is_not_named(text: str) -> None:
    assert named(text) == []


def test_a_value_is_read_among_latin_words() -> None:
    assert named("Роре") == []
    assert [sign.name for sign in signs("Роре", among_latin=True)] == ["4 Cyrillic letters"]


SCRIPTS = {
    "Latin": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéøłßıñàůǖ",
    "Cyrillic": "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩіїєґўјљњћђѓќ",
    "Greek": "αβγδεζηθικλμνξοπρσςτυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩάέήίόύώ",
    "Armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՓՔՕՖ",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئپچژگ",
    "Hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "Han": "中华人民共和国主席习近平外交部长王毅一二三十口日",
}
words_of_one_script = st.sampled_from(sorted(SCRIPTS)).flatmap(
    lambda name: st.text(alphabet=SCRIPTS[name] + " -'’,.0123456789", max_size=60)
)


@given(words_of_one_script)
def test_what_is_written_in_one_script_is_never_named(text: str) -> None:
    assert signs(text) == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.booleans())
def test_whatever_the_text_its_pieces_are_the_text_and_signs_do_not_overlap(text: str, among_latin: bool) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text
    found = signs(text, among_latin=among_latin)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert all(sign.start < sign.end and sign.name for sign in found)
    assert {text[sign.start : sign.end] for sign in found if sign.is_hidden} == set(HIDDEN.findall(text))


mixed = st.text(alphabet="РсаоеРutinab ,.\u200b\u0301ΑοоΔ中", max_size=40)


@given(mixed)
def test_a_word_that_mixes_latin_and_cyrillic_always_has_a_sign(text: str) -> None:
    for word in text.replace(",", " ").replace(".", " ").split():
        letters = {char for char in word if char.isalpha()}
        if letters & set("utinab") and letters & set("Рсаоео"):
            assert named(word), word
