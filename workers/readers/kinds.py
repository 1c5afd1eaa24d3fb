"""What a document is, told by its bytes and never by its name. What the sender says of it chooses only between kinds of
text, which bytes do not tell apart.
"""

from __future__ import annotations

import io
import re
import zipfile
from zipfile import ZipFile

from service.errors import EncryptedError, NoReaderError
from workers.readers.reading import TEXT

PDF, HTML, RTF, MARKDOWN, MAIL = "application/pdf", "text/html", "application/rtf", "text/markdown", "message/rfc822"
OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT, EPUB, ZIP = "application/vnd.oasis.opendocument.text", "application/epub+zip", "application/zip"
OUTLOOK = "application/vnd.ms-outlook"
PNG, JPEG, TIFF = "image/png", "image/jpeg", "image/tiff"
IMAGES = (PNG, JPEG, TIFF)
UNKNOWN = "application/octet-stream"
KINDS = (TEXT, PDF, HTML, RTF, MARKDOWN, MAIL, OFFICE, ODT, EPUB, ZIP, OUTLOOK, *IMAGES)

SNIFFED = 4096
_MAGIC = (
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
)
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of old Office and of Outlook's messages
_OUTLOOK = "__properties_version1.0".encode("utf-16-le")
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # an office document with a password
_HTML = re.compile(
    rb"\s*(<!doctype html|<html|<head|<body|<!--.{0,1000}?-->\s*<html|<\?xml[^>]*>\s*<(!doctype )?html)", re.I | re.S
)
_MAIL = re.compile(rb"(From [^\n]*\n)?([A-Za-z][A-Za-z0-9-]*:[^\n]*\n([ \t][^\n]*\n)*)+", re.A)
_MAIL_FIELD = re.compile(rb"^(received|from|message-id|mime-version|return-path|subject):", re.I | re.M)
# Binary data of kinds that nobody reads here, so that they are not taken for damaged text.
_OTHERS = (
    b"\x1f\x8b",
    b"BZh",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\xfd7zXZ",
    b"GIF8",
    b"RIFF",
    b"\x7fELF",
    b"MZ",
    b"OggS",
    b"ID3",
)


def looks_like(original: bytes, declared: str | None = None) -> str:
    """What it is by its first bytes alone, for who may not open it: plain text, or what a reader has to look at."""
    start = original[:SNIFFED].removeprefix(b"\xef\xbb\xbf")
    if kind := next((kind for magic, kind in _MAGIC if start.startswith(magic)), None):
        return kind
    return UNKNOWN if start.startswith((*_ARCHIVE, _COMPOUND, *_OTHERS)) else _kind_of_text(start, declared)


def tell(original: bytes, declared: str | None = None) -> str:
    """One of KINDS. Raises NoReaderError."""
    start = original[:SNIFFED].removeprefix(b"\xef\xbb\xbf")
    kind = next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)
    if kind:
        return kind
    if start.startswith(_ARCHIVE):
        return _kind_of_archive(original)
    if start.startswith(_COMPOUND):
        return _kind_of_compound(original)
    if start.startswith(_OTHERS):
        raise NoReaderError("It is binary data of a kind that is not read.")
    return _kind_of_text(start, declared)


def _kind_of_archive(original: bytes) -> str:
    try:
        with ZipFile(io.BytesIO(original)) as archive:
            names = set(archive.namelist())
            told = archive.read("mimetype")[:100].strip() if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return ZIP  # whose reader tells what is wrong with it
    if "word/document.xml" in names:
        return OFFICE
    if told in (ODT.encode(), EPUB.encode()):
        return told.decode()
    if "[Content_Types].xml" in names or told.startswith(b"application/vnd.oasis"):
        raise NoReaderError("It is an office document of a kind that is not read: no text document.")
    return ZIP


def _kind_of_compound(original: bytes) -> str:
    if _OUTLOOK in original:
        return OUTLOOK
    if _LOCKED in original:
        raise EncryptedError()
    raise NoReaderError("It is a document of an old Office program. Save it as .docx or PDF.")


def _kind_of_text(start: bytes, declared: str | None) -> str:
    if _HTML.match(start):
        return HTML
    head = _MAIL.match(start)
    fields = set(_MAIL_FIELD.findall(head[0].lower())) if head else set()
    if len(fields) >= (2 if b"mime-version" in fields else 3):
        return MAIL
    return declared if declared in (MARKDOWN, HTML) else TEXT
