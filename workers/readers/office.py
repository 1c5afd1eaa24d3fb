"""Word processors' documents: Word's (DOCX), OpenDocument's (ODT) and RTF."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree
from lxml.etree import _Element as Element
from striprtf.striprtf import rtf_to_text

from service.errors import CorruptError
from workers.readers import markup
from workers.readers.archives import Archive
from workers.readers.kinds import ODT, OFFICE, RTF
from workers.readers.reading import Reading, Told
from workers.readers.writing import Writer

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
FOOTNOTES = "word/footnotes.xml"


# Word


def read_docx(original: bytes) -> Reading:
    """Paragraphs, lists and tables in order, a row a block; then the footnotes. Raises RefusedError."""
    archive = Archive.open(original)
    for name in archive.names():
        if name.endswith((".xml", ".rels")):
            markup.xml(archive.read(name))
    try:
        document = docx.Document(io.BytesIO(original))
    except (PackageNotFoundError, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise CorruptError("It is no Word document that can be read.") from error
    writer = Writer()
    _write_blocks(document, writer)
    if FOOTNOTES in archive.names():
        for note in _footnotes(markup.xml(archive.read(FOOTNOTES))):
            writer.add(note, "footnote")
    return Reading(writer.text, media_type=OFFICE, places=tuple(writer.places), told=_told_by_word(document))


def _write_blocks(document: Document, writer: Writer) -> None:
    tables = 0
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            tables += 1
            _write_table(block, tables, writer)
        else:
            writer.add(block.text, _kind_of_paragraph(block))


def _kind_of_paragraph(paragraph: Paragraph) -> str:
    style = (paragraph.style.name or "") if paragraph.style else ""
    is_item = style.startswith("List") or (paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None)
    return "heading" if style.startswith(("Heading", "Title")) else "item" if is_item else "paragraph"


def _write_table(table: Table, number: int, writer: Writer) -> None:
    for at, row in enumerate(table.rows, 1):
        cells = dict.fromkeys(cell._tc for cell in row.cells)  # a merged cell stands in a row more than once
        texts = (" ".join(_cell_text(cell).split()) for cell in cells)
        writer.add("; ".join(text for text in texts if text), "row", f"table {number}, row {at}")


def _cell_text(cell: Element) -> str:
    return " ".join("".join(one.itertext(f"{_W}t")) for one in cell.iter(f"{_W}p"))


def _footnotes(root: Element) -> Iterator[str]:
    for note in root.iter(f"{_W}footnote"):
        if note.get(f"{_W}type") is None:  # others separate notes from the text
            yield " ".join("".join(one.itertext(f"{_W}t")) for one in note.iter(f"{_W}p"))


def _told_by_word(document: Document) -> dict[str, Told]:
    title = " ".join((document.core_properties.title or "").split())
    return {"title": Told(title, "docx:title")} if title else {}


# OpenDocument


def read_odt(original: bytes) -> Reading:
    """Paragraphs, lists and tables in order, footnotes behind them. Raises RefusedError."""
    archive = Archive.open(original)
    root = markup.xml(archive.read("content.xml"))
    writer = Writer()
    notes = [_odt_text(note) for note in root.iter(f"{_TEXT}note-body")]
    for note in list(root.iter(f"{_TEXT}note")):
        _take_out(note)
    for kind, label, text in _odt_blocks(root):
        writer.add(text, kind, label)
    for text in notes:
        writer.add(text, "footnote")
    told = _told_by_odt(markup.xml(archive.read("meta.xml"))) if "meta.xml" in archive.names() else {}
    return Reading(writer.text, media_type=ODT, places=tuple(writer.places), told=told)


def _odt_blocks(root: Element) -> Iterator[tuple[str, str | None, str]]:
    tables = {table: number for number, table in enumerate(root.iter(f"{_TABLE}table"), 1)}
    rows: dict[Element, int] = {}
    for element in root.iter(f"{_TEXT}p", f"{_TEXT}h", f"{_TABLE}table-row"):
        if element.tag == f"{_TABLE}table-row":
            table = next(element.iterancestors(f"{_TABLE}table"))
            rows[table] = rows.get(table, 0) + 1
            cells = (_odt_text(cell) for cell in element.iter(f"{_TABLE}table-cell"))
            yield "row", f"table {tables[table]}, row {rows[table]}", "; ".join(cell for cell in cells if cell)
        elif next(element.iterancestors(f"{_TABLE}table-cell"), None) is None:
            is_item = next(element.iterancestors(f"{_TEXT}list-item"), None) is not None
            kind = "heading" if element.tag == f"{_TEXT}h" else "item" if is_item else "paragraph"
            yield kind, None, _odt_text(element)


def _odt_text(element: Element) -> str:
    pieces = []
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            pieces.append(_SPACES.get(str(one.tag), "") + (one.text or ""))
        elif one is not element:
            pieces.append((" " if one.tag == f"{_TEXT}p" else "") + (one.tail or ""))
    return " ".join("".join(pieces).split(" ")).strip()


_SPACES = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": "\n"}


def _take_out(element: Element) -> None:
    """Without what follows it."""
    parent, before = element.getparent(), element.getprevious()
    assert parent is not None
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _told_by_odt(root: Element) -> dict[str, Told]:
    title = " ".join((root.findtext(f".//{_DC}title") or "").split())
    return {"title": Told(title, "odt:title")} if title else {}


# RTF


def read_rtf(original: bytes) -> Reading:
    """Paragraphs in order. Raises CorruptError."""
    try:
        text = str(rtf_to_text(original.decode("latin-1"), encoding="cp1252", errors="replace"))  # type: ignore[no-untyped-call]
    except (ValueError, IndexError, KeyError, LookupError) as error:
        raise CorruptError("It is no RTF that can be read.") from error
    writer = Writer()
    for line in text.split("\n"):
        writer.add(line)
    return Reading(writer.text, media_type=RTF, places=tuple(writer.places))
