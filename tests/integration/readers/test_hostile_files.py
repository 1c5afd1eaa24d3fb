"""Files that were made to do harm end as a text or as a typed refusal, soon and within bounds."""

from __future__ import annotations

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
    EncryptedError,
    ReadingTimeoutError,
    UnreadableDocumentError,
)
from tests.compound import compound, outlook
from tests.conftest import MEASURED, REPOSITORY
from tests.hostile import MB, PDF, REFUSED, zipped
from workers.readers import sandbox
from workers.readers.sandbox import Limits


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
from tests.hostile import REFUSED
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
    record_property(MEASURED, f"a child that reads what is refused takes {peak / MB:,.0f} MB at most")
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
    try:
        read = sandbox.read(bytes(changed))
        told = read.text or read.children
    except UnreadableDocumentError as refused:
        told = str(refused)
    assert told
