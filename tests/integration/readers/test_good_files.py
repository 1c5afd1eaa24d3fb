"""Documents that other programs made come back as text in reading order, with the places and words where they stand."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest

from tests.integration.readers.producers import (
    FOOTNOTE,
    ITEMS,
    MARKDOWN,
    PARAGRAPHS,
    ROWS,
    TITLE,
    by_chromium,
    by_office,
    by_pandoc,
    in_columns,
    needed,
)
from workers.readers import kinds, sandbox
from workers.readers.reading import Reading

IN_ORDER = [PARAGRAPHS[0], PARAGRAPHS[1], *ITEMS, ROWS[1][0], ROWS[2][1], PARAGRAPHS[2]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("producers")


def assert_told(reading: Reading, expected: list[str]) -> None:
    """In this order, whatever stands between: footnote marks, bullets, the ways to write quotes."""
    at = 0
    for piece in expected:
        found = reading.text.find(piece, at)
        assert found >= 0, f"{piece!r} does not follow in {reading.text!r}"
        at = found + len(piece)


def assert_placed(reading: Reading) -> None:
    """Places are in order, do not overlap, and leave nothing out but blanks."""
    covered = " ".join(reading.text[place.start : place.end] for place in reading.places)
    assert covered.split() == reading.text.split()
    assert all(place.start < place.end for place in reading.places)
    assert all(one.end <= other.start for one, other in zip(reading.places, reading.places[1:], strict=False))


@pytest.mark.parametrize(
    ("ending", "media_type"),
    [("docx", kinds.OFFICE), ("odt", kinds.ODT), ("rtf", kinds.RTF), ("epub", kinds.EPUB), ("html", kinds.HTML)],
)
def test_what_pandoc_wrote(folder: Path, ending: str, media_type: str) -> None:
    reading = sandbox.read(by_pandoc(folder, ending))
    assert reading.media_type == media_type
    assert_told(reading, IN_ORDER)
    assert (FOOTNOTE in reading.text) == (ending != "rtf")  # striprtf leaves notes out
    assert_placed(reading)
    assert reading.told["language"].value == "en"
    if ending != "rtf":
        assert reading.told["title"].value == TITLE


@pytest.mark.parametrize(("source", "kind"), [("docx", "odt"), ("odt", "docx"), ("odt", "rtf")])
def test_what_libreoffice_wrote(folder: Path, source: str, kind: str) -> None:
    reading = sandbox.read(by_office(folder, by_pandoc(folder, source), source, kind))
    assert_told(reading, IN_ORDER)
    assert (FOOTNOTE in reading.text) == (kind != "rtf")
    assert_placed(reading)


def test_markdown_is_read_without_its_marks() -> None:
    reading = sandbox.read(MARKDOWN.partition("---\n\n")[2].encode(), kinds.MARKDOWN)
    assert_told(reading, IN_ORDER)
    assert "|" not in reading.text
    assert reading.told["title"].value == TITLE


def test_a_pdf_of_libreoffice(folder: Path) -> None:
    reading = sandbox.read(by_office(folder, by_pandoc(folder, "odt"), "odt", "pdf"))
    assert_told(reading, [TITLE, *IN_ORDER])
    assert_boxes(reading, by_office(folder, by_pandoc(folder, "odt"), "odt", "pdf"), folder)


def test_columns_and_running_heads_of_a_printed_page(folder: Path) -> None:
    original = by_chromium(folder, in_columns(40))
    reading = sandbox.read(original)
    assert len(reading.pages) > 1
    assert_told(reading, [TITLE, *(f"({number}) {PARAGRAPHS[number % 3]}" for number in range(40))])
    assert "Daily Courier" not in reading.text
    assert reading.told["title"].value == TITLE
    assert_boxes(reading, original, folder)


def assert_boxes(reading: Reading, original: bytes, folder: Path) -> None:
    """Each word's box is where another program (pdftotext of Poppler) finds the same word."""
    source, listed = folder / "boxes.pdf", folder / "boxes.html"
    source.write_bytes(original)
    subprocess.run([needed("pdftotext"), "-bbox", source, listed], check=True, capture_output=True)
    pages = [node for node in ElementTree.parse(listed).iter() if node.tag.endswith("page")]
    assert len(pages) == len(reading.pages)
    compared = 0
    for page, node in zip(reading.pages, pages, strict=True):
        there: dict[str, list[tuple[float, float]]] = {}
        for word in node:
            middle = [(float(word.get(f"{side}Min", 0)) + float(word.get(f"{side}Max", 0))) / 2 for side in "xy"]
            there.setdefault(word.text or "", []).append((middle[0], middle[1]))
        for word in page.words:
            text = reading.text[word.start : word.end]
            if text in there:
                compared += 1
                assert any(word.x0 - 2 < x < word.x1 + 2 and word.y0 - 3 < y < word.y1 + 3 for x, y in there[text]), (
                    text
                )
    assert compared > 0.9 * sum(len(page.words) for page in reading.pages)


@pytest.mark.parametrize("turned", [0, 90, 270])
def test_boxes_are_where_words_are_shown_on_turned_pages(folder: Path, turned: int) -> None:
    document = pypdfium2.PdfDocument(by_chromium(folder, in_columns(2)))
    document[0].set_rotation(turned)
    path = folder / f"turned-{turned}.pdf"
    document.save(path)
    document.close()
    reading = sandbox.read(path.read_bytes())
    (page,) = reading.pages
    assert (page.width > page.height) == (turned in (90, 270))
    assert all(0 <= word.x0 < word.x1 <= page.width and 0 <= word.y0 < word.y1 <= page.height for word in page.words)
    assert {reading.text[word.start : word.end] for word in page.words} >= set(TITLE.split())


def test_a_scan_is_read_where_tesseract_is(folder: Path) -> None:
    made = pypdfium2.PdfDocument(by_chromium(folder, in_columns(2)))
    picture = made[0].render(scale=3).to_pil().convert("RGB")
    scan, image = io.BytesIO(), io.BytesIO()
    picture.save(scan, "PDF", resolution=216)
    picture.save(image, "PNG")
    for original in (scan.getvalue(), image.getvalue()):
        reading = sandbox.read(original)
        assert_told(reading, ["Norvale", "Sudmark", "arrived"])
        assert reading.pages[0].words


def test_a_scan_among_pages_of_text_is_read_too(folder: Path) -> None:
    text = pypdfium2.PdfDocument(by_chromium(folder, in_columns(2)))
    scan = io.BytesIO()
    text[0].render(scale=3).to_pil().convert("RGB").save(scan, "PDF", resolution=216)
    both = pypdfium2.PdfDocument.new()
    both.import_pages(text)
    both.import_pages(pypdfium2.PdfDocument(scan.getvalue()))
    saved = io.BytesIO()
    both.save(saved)
    pages = sandbox.read(saved.getvalue()).pages
    assert len(pages) == 2
    assert all(page.words for page in pages)


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def run(text: str, tag: str = "t") -> str:
    return f'<w:r><w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'


def cell(content: str) -> str:
    return f"<w:tc>{content}</w:tc>"


INNER = f"<w:tbl><w:tr>{cell('<w:p>' + run('b') + '</w:p>')}</w:tr></w:tbl>"
CHANGED = f"""<w:document {W}><w:body>
<w:p>{run("On ")}<w:sdt><w:sdtContent>{run("19 June")}</w:sdtContent></w:sdt>
<w:ins>{run(" they met")}</w:ins><w:del>{run(" not", "delText")}</w:del></w:p>
<w:sdt><w:sdtContent><w:p>{run("A second one.")}</w:p></w:sdtContent></w:sdt>
<w:tbl><w:tr>{cell("<w:p>" + run("a") + "</w:p>" + INNER)}{cell("<w:p>" + run("c") + "</w:p>")}</w:tr></w:tbl>
</w:body></w:document>"""
NOTES = f'<w:endnotes {W}><w:endnote w:id="1"><w:p>{run("Note.")}</w:p></w:endnote></w:endnotes>'


def test_word_is_read_with_its_changes_and_what_its_fields_hold() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", CHANGED)
        archive.writestr("word/endnotes.xml", NOTES)
    reading = sandbox.read(made.getvalue())
    assert reading.text == "On 19 June they met\n\nA second one.\n\na b; c\n\nNote."
    assert [place.label for place in reading.places][2:] == ["table 1, row 1", "endnote 1"]


def test_a_picture_of_a_page_is_drawn(folder: Path) -> None:
    made = sandbox.picture(by_chromium(folder, in_columns(2)), 1, 1.0)
    assert made.startswith(b"\x89PNG")


def test_a_word_that_is_no_broken_one_keeps_its_hyphen(folder: Path) -> None:
    page = "<p style='width:9cm;font:11pt serif'>" + "The so-called well-known North-South talks went on. " * 12
    text = sandbox.read(by_chromium(folder, page)).text
    assert set(re.findall(r"\S*North\S*", text)) == {"North-South"}
