"""Plain text: which encoding the bytes are in, and whether they are text at all.

The text is the decoded upload, unchanged: line ends stay as they are, and a byte order mark stays as U+FEFF at offset
0. Where the encoding is a Unicode one, `text.encode(encoding)` gives the uploaded bytes back.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes
from charset_normalizer.constant import IANA_SUPPORTED
from charset_normalizer.utils import iana_name

from service.errors import BinaryContentError, EmptyDocumentError, UnknownEncodingError
from service.storable import is_blank
from workers.readers.reading import Reading

MEDIA_TYPES = ("text/plain",)

# The longer marks first: that of UTF-32-LE begins like that of UTF-16-LE.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# UTF-7 is a way to smuggle characters past checks, and no agency has sent it for twenty years.
DECLARABLE = frozenset(IANA_SUPPORTED) - {"utf_7"}
# Control characters other than tab, line feed, vertical tab, form feed and carriage return.
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # ESC switches alphabets in ISO 2022
WESTERN = "cp1252"
DETECTION_BYTES = 64 * 1024


def read(original: bytes, declared_charset: str | None = None) -> Reading:
    """A byte order mark tells the encoding, else the declaration, else the bytes themselves.

    Raises EmptyDocumentError, BinaryContentError, UnknownEncodingError.
    """
    reading = _decode(original, declared_charset)
    check_text(reading.text)
    return reading


def check_text(text: str) -> None:
    """Raises EmptyDocumentError for blanks, BinaryContentError for control characters."""
    if is_blank(text):
        raise EmptyDocumentError()
    if control := CONTROL.search(text):
        raise BinaryContentError(f"The control character U+{ord(control[0]):04X} stands at offset {control.start()}.")


def _decode(original: bytes, declared: str | None) -> Reading:
    if marked := next((name for mark, name in BYTE_ORDER_MARKS if original.startswith(mark)), None):
        return _decode_as(original, marked, f"begins with the byte order mark of {marked.upper()}")
    if declared:
        return _decode_as(original, _codec(declared), f"was declared as {declared}")
    try:
        return Reading(original.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _detect(original, error)


def _codec(declared: str) -> str:
    try:
        name = iana_name(declared)
    except ValueError:
        name = ""
    if name not in DECLARABLE:
        raise UnknownEncodingError(f"There is no character set {declared!r}.")
    return name


def _decode_as(original: bytes, encoding: str, reason: str) -> Reading:
    try:
        return Reading(original.decode(encoding), encoding)
    except UnicodeError as error:
        where = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise UnknownEncodingError(f"The text {reason}, but is not valid in it{where}.") from error


def _detect(original: bytes, not_utf8: UnicodeDecodeError) -> Reading:
    """Guesses by a sample, as detection takes its time, and proves the guess on the whole."""
    if control := CONTROL_BYTE.search(original):
        raise BinaryContentError(f"The byte 0x{control[0][0]:02X} stands at offset {control.start()}.")
    if _is_broken_utf8(original):
        raise UnknownEncodingError(f"The text is UTF-8 for the most part, but broken at byte {not_utf8.start}.")
    for encoding in _guesses(original[:DETECTION_BYTES]):
        try:
            return Reading(original.decode(encoding), encoding)
        except UnicodeError:
            continue  # the sample is right in this encoding, the rest is not
    raise UnknownEncodingError(
        f"The text is not UTF-8 (byte {not_utf8.start}), and no other encoding could be told from its bytes."
    )


def _is_broken_utf8(original: bytes) -> bool:
    """No fewer characters beyond ASCII are right than wrong. Every other guess would turn the right ones into noise."""
    text = original.decode("utf-8", errors="replace")
    beyond_ascii = len(text) - len(text.encode("ascii", errors="ignore"))
    return 2 * text.count("\ufffd") <= beyond_ascii


def _guesses(sample: bytes) -> list[str]:
    """Best first. Windows-1252 wins a tie: it is what text in western European languages mostly is (WHATWG takes it for
    all undeclared text), and short texts give the detector nothing to choose by.
    """
    matches = list(from_bytes(sample, cp_exclusion=["utf_7"]))
    least = min((match.chaos for match in matches), default=0.0)
    western = [WESTERN for match in matches if match.chaos <= least and WESTERN in match.could_be_from_charset]
    return [*western, *(match.encoding for match in matches)]
