"""Reading plain text: the encoding is told, marked or found, and the text is what the bytes say, unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BinaryContentError, EmptyDocumentError, UnknownEncodingError, UnreadableDocumentError
from workers.readers import MEDIA_TYPES, Reading, check_text, read

FRENCH = "Le président français a rencontré son homologue à Genève, où l’accord a été signé. Cela a duré trois jours."
RUSSIAN = "Президент прибыл в Москву с официальным визитом в среду, сообщило агентство."
CHINESE = "外交部发言人星期三在北京表示，双方签署了协议。"


def test_plain_text_is_read() -> None:
    assert MEDIA_TYPES == ("text/plain",)


def test_utf8_is_taken_at_its_word() -> None:
    text = "ZÜRICH –\r\n“talks”\n\ttab\x0cpage 🏔"
    assert read(text.encode()) == Reading(text, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_tells_the_encoding_and_stays_in_the_text(encoding: str) -> None:
    text = "\ufeff" + RUSSIAN
    assert read(text.encode(encoding)) == Reading(text, encoding)


def test_a_byte_order_mark_beats_what_was_declared() -> None:
    assert read(("\ufeff" + FRENCH).encode(), "latin-1").encoding == "utf-8"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("ISO-8859-1", "latin_1"), ("windows-1251", "cp1251"), ("UTF-8", "utf_8"), ("gb2312", "gb2312")],
)
def test_a_declared_character_set_is_used(declared: str, codec: str) -> None:
    text = {"windows-1251": RUSSIAN, "gb2312": "北京"}.get(declared, "Genève")
    assert read(text.encode(codec), declared) == Reading(text, codec)


@pytest.mark.parametrize(
    ("original", "declared"),
    [
        (b"caf\xe9", "utf-8"),
        (b"caf\xe9", "ascii"),
        (b"text", "klingon"),
        (b"+AGE-", "utf-7"),
        (b"\\u0041", "unicode_escape"),
        (b"abc", "rot13"),
        (b"abc", "zlib"),
        (b"abc", "utf\0-8"),
        (b"\xff\xfe\x00", None),  # half a character after the mark
        (b"\xff\xfe\x00\xd8", None),  # half a surrogate pair
        (b"Z\xc3\xbcrich, Gen\xc3\xa8ve, M\xc3", None),  # cut in a character
        (bytes(range(0x80, 0x100)) * 3, None),
    ],
)
def test_an_encoding_that_is_unknown_or_wrong_is_refused(original: bytes, declared: str | None) -> None:
    with pytest.raises(UnknownEncodingError) as refused:
        read(original, declared)
    assert refused.value.detail


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        (FRENCH, "cp1252", "cp1252"),
        (RUSSIAN, "cp1251", "cp1251"),
        (CHINESE, "gb18030", "gb18030"),
        ("The “talks” in Bogotá – over by now – failed.", "cp1252", "cp1252"),
    ],
)
def test_an_encoding_that_nobody_told_is_found(text: str, codec: str, found: str) -> None:
    assert read(text.encode(codec)) == Reading(text, found)


def test_a_guess_must_hold_for_the_whole_text() -> None:
    """Bytes that Windows-1252 does not have, far behind the sample that the guess is made from."""
    original = (FRENCH * 2000).encode("cp1252") + b"\x81\x8d"
    try:
        reading = read(original)
    except UnknownEncodingError:
        return
    assert reading.encoding != "cp1252"
    assert reading.text.encode(reading.encoding) == original


@pytest.mark.parametrize("original", [b"", b" \t\r\n\x0c", "\ufeff".encode(), "\ufeff \u3000\n".encode("utf-16-le")])
def test_nothing_but_blanks_is_empty(original: bytes) -> None:
    with pytest.raises(EmptyDocumentError):
        read(original)


@pytest.mark.parametrize(
    "original",
    [
        b"a\0b",
        b"a\x1bb",
        b"a\x01b",
        b"\x7fELF\x02\x01\x01\x00",
        b"\x89PNG\r\n\x1a\n\xff\x00",
        b"PK\x03\x04\x14\x00\xff",
        "hello".encode("utf-16-le"),  # without a mark it is full of NULs
        b"caf\xe9 \x1a",
    ],
)
def test_binary_data_is_refused_with_its_place(original: bytes) -> None:
    with pytest.raises(BinaryContentError, match="offset"):
        read(original)


@given(st.text(min_size=1))
def test_utf8_text_is_read_back_or_refused(text: str) -> None:
    try:
        check_text(text)
    except UnreadableDocumentError:
        with pytest.raises(UnreadableDocumentError):
            read(text.encode())
    else:
        assert read(text.encode()).text == text


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "latin-1", "shift_jis", "utf-16", "hz", "x"]))
def test_any_bytes_are_read_or_refused(original: bytes, declared: str | None) -> None:
    try:
        reading = read(original, declared)
    except UnreadableDocumentError:
        return
    assert reading.text.strip()
    reading.text.encode()  # can be stored: no half of a surrogate pair
