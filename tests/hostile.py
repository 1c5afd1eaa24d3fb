"""Files that nobody should have sent: those that are refused, each with its type, and those that end one way or the
other.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

from service.errors import BombError, CorruptError, EncryptedError, NoReaderError, RefusedError, TooMuchInsideError
from tests.compound import compound, outlook
from tests.pdf import pdf_of
from workers.readers import archives

MB = 1_000_000


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def word(document: bytes, **more: bytes) -> bytes:
    kind = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zipped({"[Content_Types].xml": kind, "word/document.xml": document, **more})


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><w>&d;</w>"""
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'
IN_UTF16 = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE w [<!ENTITY x "y">]><w>&x;</w>'.encode("utf-16")
ODT = {"mimetype": b"application/vnd.oasis.opendocument.text"}
EPUB = {"mimetype": b"application/epub+zip"}


LOCKED_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
LOCKED_ODT = {"META-INF/manifest.xml": b"<m><manifest:encryption-data/></m>", "content.xml": b"\x01\x02"}


def lying() -> bytes:
    """An archive whose list says that its member is small."""
    true = zipped({"a.txt": b"0" * (300 * MB)})
    return true.replace((300 * MB).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


REFUSED: dict[str, tuple[Callable[[], bytes], type[RefusedError]]] = {
    "a bomb": (lambda: zipped({"a.txt": b"0" * (300 * MB)}), BombError),
    "a bomb in Word": (lambda: word(b"<w>" + b"0" * (150 * MB) + b"</w>"), BombError),
    "many small bombs": (lambda: zipped({f"{i}.txt": b"0" * (9 * MB) for i in range(30)}), BombError),
    "a list that lies": (lying, CorruptError),
    "too many members": (
        lambda: zipped({f"{i}.txt": b"x" for i in range(archives.MOST_ENTRIES + 1)}),
        TooMuchInsideError,
    ),
    "a billion laughs": (lambda: word(LAUGHS), BombError),
    "a file from outside": (lambda: word(OUTSIDE), BombError),
    "entities in UTF-16": (lambda: word(IN_UTF16), BombError),
    "laughs in ODT": (lambda: zipped({**ODT, "content.xml": LAUGHS}), BombError),
    "laughs in EPUB": (lambda: zipped({**EPUB, "META-INF/container.xml": LAUGHS}), BombError),
    "no Word at all": (lambda: word(b"<w/>"), CorruptError),
    "an empty archive": (lambda: zipped({}), CorruptError),
    "a cut archive": (lambda: zipped({"a.txt": b"some text"})[:-30], CorruptError),
    "a PDF that is none": (lambda: b"%PDF-1.7\n" + b"\xff" * 1000, CorruptError),
    "old Word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), NoReaderError),
    "Outlook without anything": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "__properties_version1.0".encode("utf-16-le"),
        CorruptError,
    ),
    "Word with a password": (lambda: LOCKED_OFFICE, EncryptedError),
    "ODT with a password": (lambda: zipped({**ODT, **LOCKED_ODT}), EncryptedError),
    "gzip": (lambda: b"\x1f\x8b\x08" + bytes(100), NoReaderError),
    "a spreadsheet": (lambda: zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}), NoReaderError),
    "RTF that never closes": (lambda: b"{\\rtf1" + b"{" * 100_000, CorruptError),
    "a picture that is none": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), CorruptError),
}


PDF = pdf_of("A visit to Sudmark.")
IN_WORD = (
    b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
    b"<w:body><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:body></w:document>"
)
SCRIPT = "<script>fetch('//evil.example')</script>"
OTHER_WAY = "\u202efdp.exe"


def nested(depth: int) -> bytes:
    made = b"Some text at the bottom of it all."
    for level in range(depth):
        made = zipped({f"{level}.zip" if level else "a.txt": made})
    return made


def pages(number: int) -> bytes:
    """A PDF of so many pages, all with the same words."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    kids = b" ".join(b"%d 0 R" % (5 + page) for page in range(number))
    tree = b"2 0 obj<</Type/Pages/Kids[%s]/Count %d>>endobj\n" % (kids, number)
    shown = b"3 0 obj<</Length 44>>stream\nBT /F 12 Tf 20 200 Td (She came by day.) Tj ET\nendstream endobj\n"
    font = b"4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    each = b"".join(b"%d 0 obj%sendobj\n" % (5 + at, page) for at in range(number))
    return head + tree + shown + font + each + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def long_word() -> bytes:
    """A megabyte of letters, no two alike for long: what repeats itself a thousand times is a bomb."""
    return bytes(random.Random(1).choices(b"abcdefghijklmnopqrstuvwxyz", k=MB))


def scripted_page() -> bytes:
    names = "".join(f"<meta property='og:{name}' content=\"{SCRIPT}\">" for name in ("title", "site_name"))
    head, body = f"<head><title>{SCRIPT}</title>{names}</head>", f"<body><p>{SCRIPT} She came.</p></body>"
    return f"<!doctype html><html lang='{SCRIPT}'>{head}{body}</html>".encode()


def scripted_mail() -> bytes:
    head = f"From: {SCRIPT}\r\nSubject: =?utf-8?q?=0d=0aX-Evil:_1?= {SCRIPT}\r\nDate: {SCRIPT}\r\nMIME-Version: 1.0\r\n"
    disposition = f'Content-Disposition: attachment; filename="{SCRIPT}"\r\n'
    part = f'--b\r\nContent-Type: text/plain; name="../{OTHER_WAY}"\r\n{disposition}\r\nShe came.\r\n'
    return f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n{part}--b--\r\n'.encode()


ODD: dict[str, Callable[[], bytes]] = {
    "a page and a PDF in one": lambda: b"<!doctype html><p>A page.</p><!--" + PDF + b"-->",
    "a PDF and an archive in one": lambda: PDF + zipped({"a.txt": b"Some text."}),
    "an archive behind a script": lambda: b"#!/bin/sh\nrm -rf /\n" + zipped({"a.txt": b"Some text."}),
    "a picture and a page in one": lambda: b"GIF89a/*<html><script>alert(1)</script>*/=1;",
    "a PDF cut in half": lambda: PDF[: len(PDF) // 2],
    "10,000 pages": lambda: pages(10_000),
    "a page of one word of a megabyte": lambda: b"<!doctype html><p>" + b"x" * MB + b"</p>",
    "one word of a megabyte": lambda: b"x" * MB,
    "Word of one word of a megabyte": lambda: word(IN_WORD % long_word()),
    "archives in archives": lambda: nested(6),
    "names that lead elsewhere": lambda: zipped({"../../etc/passwd": b"A.", "a\r\nb.txt": b"B.", OTHER_WAY: b"C."}),
    "scripts in every field of a page": scripted_page,
    "scripts in every field of a message": scripted_mail,
    "a message of Outlook in itself": lambda: compound(outlook("A", "B", attached={"C": outlook("A", "B")}))[:-600],
}
"""What each becomes is open: drafted, unpacked, or refused with a type."""
