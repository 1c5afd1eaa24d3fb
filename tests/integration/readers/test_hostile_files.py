"""Files that were made to do harm end as a text or as a typed refusal, soon and within bounds."""

from __future__ import annotations

import contextlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import (
    BombError,
    CorruptError,
    EncryptedError,
    NoReaderError,
    ReadingTimeoutError,
    RefusedError,
    TooMuchInsideError,
    UnreadableDocumentError,
)
from tests.compound import compound, outlook
from tests.conftest import REPOSITORY
from workers.readers import archives, sandbox
from workers.readers.sandbox import Limits

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


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_type(name: str) -> None:
    make, error = REFUSED[name]
    with pytest.raises(error) as refused:
        sandbox.read(make())
    assert type(refused.value) is error
    assert "passwd" not in str(refused.value)


# In a process of its own, whose children are all readers.
READ_ALL = """
import resource
from service.errors import UnreadableDocumentError
from tests.integration.readers.test_hostile_files import REFUSED
from workers.readers import sandbox
for make, _ in REFUSED.values():
    try:
        sandbox.read(make())
    except UnreadableDocumentError:
        continue
    raise SystemExit("it was read")
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def test_no_child_takes_much_memory(record_property: Callable[[str, object], None]) -> None:
    done = subprocess.run([sys.executable, "-c", READ_ALL], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    peak = int(done.stdout)
    record_property("peak_bytes", peak)
    assert peak < 600 * MB  # 420 measured


LOCKED = (("EncryptFile", "boolean", "true"), ("DocumentOpenPassword", "string", "secret"))


def test_a_password_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.integration.readers.producers import by_office, by_pandoc

    folder = tmp_path_factory.mktemp("locked")
    password = {name: {"type": kind, "value": value} for name, kind, value in LOCKED}
    locked = f"pdf:writer_pdf_Export:{json.dumps(password)}"
    with pytest.raises(EncryptedError):
        sandbox.read(by_office(folder, by_pandoc(folder, "odt"), "odt", locked))


def test_memory_is_bounded() -> None:
    stored = zipped({"a.bin": random.Random(1).randbytes(60 * MB)})
    with pytest.raises(BombError, match="memory"):
        sandbox.read(stored, limits=Limits(memory=200 * MB))


def test_the_answer_is_bounded() -> None:
    with pytest.raises(BombError, match="unpacks"):
        sandbox.read(zipped({"a.bin": random.Random(1).randbytes(3 * MB)}), limits=Limits(answer=2 * MB))


def test_time_is_bounded() -> None:
    page = b"<!doctype html><title>x</title>" + b"<div><p>word word word " * 200_000
    with pytest.raises(ReadingTimeoutError):
        sandbox.read(page, limits=Limits(processor=1))
    with pytest.raises(ReadingTimeoutError):
        sandbox.read(page, limits=Limits(seconds=0.2))


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\r\nb.txt", "\u202efdp.exe", "x" * 300, "ö/ü.txt"])
def test_names_are_kept_as_names(name: str) -> None:
    (child,) = sandbox.read(zipped({name: b"Some text."})).children
    assert child.original == b"Some text."


def test_members_of_one_name_are_two() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "The first.")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", "The second.")
    assert [child.original for child in sandbox.read(made.getvalue()).children] == [b"The first.", b"The second."]


def test_an_archive_in_itself_is_a_child_like_any_other() -> None:
    inner = zipped({"a.txt": b"Some text."})
    outer = zipped({"inner.zip": inner})
    (child,) = sandbox.read(outer).children
    assert child.original == inner


def test_a_word_of_a_megabyte_and_scripts_are_text() -> None:
    page = b"<!doctype html><p>" + b"x" * MB + b"</p><script>alert(1)</script><p onclick='alert(2)'>Two.</p>"
    text = sandbox.read(page).text
    assert "x" * MB in text
    assert "alert" not in text


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 52>>stream\nBT /F 12 Tf 20 200 Td (A visit to Sudmark.) Tj ET     \nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


MESSAGE = compound(outlook("A visit", "She will come.", attached={"it": outlook("Re: A visit", "On Tuesday.")}))
SHARES = st.floats(0, 1, exclude_max=True)


def test_a_pdf_without_a_list_of_its_objects_is_read() -> None:
    assert sandbox.read(PDF).text == "A visit to Sudmark."


@settings(max_examples=25, deadline=None)
@given(
    original=st.sampled_from([PDF, MESSAGE]),
    cuts=st.lists(st.tuples(SHARES, st.binary(max_size=4)), min_size=1, max_size=6),
)
def test_a_file_that_was_changed_anywhere_is_read_or_refused(original: bytes, cuts: list[tuple[float, bytes]]) -> None:
    changed = bytearray(original)
    for share, piece in cuts:
        at = int(share * len(changed))
        changed[at : at + len(piece)] = piece
    with contextlib.suppress(UnreadableDocumentError):
        read = sandbox.read(bytes(changed))
        assert read.text or read.children
