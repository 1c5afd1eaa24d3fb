"""Which files of a folder are documents, and what is told about them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from service import files
from service.errors import InvalidInputError, NotFoundError
from service.files import DocumentFile


def write(folder: Path, **contents: str) -> None:
    for name, content in contents.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_documents_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, b_txt="b", a_txt="a", a_json='{"title": "A"}', c_json='{"text": "c"}', d_json='{"events": []}')
    write(tmp_path, h_pdf="%PDF", h_json='{"title": "H"}', i_HTML="<p>")
    write(tmp_path, e_csv="no", f_json="no JSON", deeper__g_TXT="g", _hidden_txt="no", _git__h_txt="no")
    found = [str(path.relative_to(tmp_path)) for path in files.find([tmp_path])]
    assert found == ["a.txt", "b.txt", "c.json", "deeper/g.TXT", "h.pdf", "i.HTML"]


def test_files_that_are_named_are_taken_once_and_whatever_they_are(tmp_path: Path) -> None:
    write(tmp_path, a_txt="a", b_csv="b")
    named = [tmp_path / "b.csv", tmp_path]
    assert files.find([*named, tmp_path / "b.csv"]) == [tmp_path / "b.csv", tmp_path / "a.txt"]


def test_what_tells_of_a_text_is_no_document_though_a_pattern_names_it(tmp_path: Path) -> None:
    write(tmp_path, a_txt="a", a_json='{"title": "A"}', b_json='{"title": "B"}')
    assert files.find(sorted(tmp_path.iterdir())) == [tmp_path / "a.txt", tmp_path / "b.json"]


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.txt"):
        files.find([tmp_path / "none.txt"])


def test_a_text_with_what_lies_beside_it(tmp_path: Path) -> None:
    write(tmp_path, a_txt="Text.\r\n", a_json='{"title": "A", "published": "2024-06-19"}')
    path = tmp_path / "a.txt"
    assert files.load(path) == DocumentFile(path, b"Text.\r\n", "A", None, dt.date(2024, 6, 19))


def test_json_beside_a_text_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, a_txt="Text.", a_json='{"document": "a", "events": []}')
    assert files.load(tmp_path / "a.txt") == DocumentFile(tmp_path / "a.txt", b"Text.")


def test_json_that_is_a_document(tmp_path: Path) -> None:
    write(tmp_path, a_json='{"text": "Ä.", "source": "S"}')
    path = tmp_path / "a.json"
    assert files.load(path) == DocumentFile(path, "Ä.".encode(), None, "S")


@pytest.mark.parametrize(
    "content", ['{"title": "no text"}', '{"text": 1}', "[]", "{", '{"text": "", "published": "June"}']
)
def test_json_that_is_no_document(tmp_path: Path, content: str) -> None:
    write(tmp_path, a_json=content)
    with pytest.raises(InvalidInputError, match=r"a\.json"):
        files.load(tmp_path / "a.json")


@pytest.mark.parametrize("content", ['{"text": "\\ud800"}', '{"text": "a", "title": 5}', "[" * 100_000])
def test_a_bad_json_document_is_refused_by_name(tmp_path: Path, content: str) -> None:
    write(tmp_path, a_json=content)
    with pytest.raises(InvalidInputError, match=r"a\.json"):
        files.load(tmp_path / "a.json")
