"""Word processors' documents: Word's (DOCX, ECMA-376), OpenDocument's (ODT) and RTF."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element
from striprtf.striprtf import rtf_to_text

from service.errors import CorruptError, EncryptedError
from workers.readers import markup
from workers.readers.archives import Archive
from workers.readers.kinds import ODT, OFFICE, RTF
from workers.readers.reading import Reading, Told
from workers.readers.writing import Writer

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MANIFEST = "META-INF/manifest.xml"


# Word


def read_docx(original: bytes) -> Reading:
    """Paragraphs, lists and tables in order, a row a block, as they read with all changes accepted; then foot- and
    endnotes. Raises RefusedError.
    """
    archive = Archive.open(original)
    body = markup.xml(archive.read("word/document.xml")).find(f"{_W}body")
    if body is None:
        raise CorruptError("It is no Word document that can be read.")
    styles = _styles(archive)
    writer = Writer()
    for kind, label, text in _word_blocks(body, styles):
        writer.add(text, kind, label)
    for kind in ("footnote", "endnote"):
        for note in _notes(archive, kind):
            writer.add(note, kind)
    return Reading(writer.text, media_type=OFFICE, places=tuple(writer.places), told=_told_by_word(archive))


def _styles(archive: Archive) -> dict[str, str]:
    """The name of each style by its id."""
    if "word/styles.xml" not in archive.names():
        return {}
    root = markup.xml(archive.read("word/styles.xml"))
    named = ((style.get(f"{_W}styleId"), style.find(f"{_W}name")) for style in root.iter(f"{_W}style"))
    return {id: name.get(f"{_W}val", "").lower() for id, name in named if id and name is not None}


def _word_blocks(body: Element, styles: dict[str, str]) -> Iterator[tuple[str, str | None, str]]:
    tables = {table: number for number, table in enumerate(body.iter(f"{_W}tbl"), 1) if not _is_in(table, f"{_W}tbl")}
    rows: dict[Element, int] = {}
    for element in body.iter(f"{_W}p", f"{_W}tr"):
        if _is_in(element, _FALLBACK):  # what is in it, the choice beside it says, too
            continue
        outer = [one for one in element.iterancestors(f"{_W}tbl") if one in tables]
        if not outer:
            yield _kind_of_paragraph(element, styles), None, _word_text(element)
        elif element.tag == f"{_W}tr" and element.getparent() is not None and _nearest(element, f"{_W}tbl") is outer[0]:
            rows[outer[0]] = rows.get(outer[0], 0) + 1
            cells = (_paragraphs(cell) for cell in element.iter(f"{_W}tc") if not _is_in_cell_of(cell, element))
            yield "row", f"table {tables[outer[0]]}, row {rows[outer[0]]}", "; ".join(cell for cell in cells if cell)


def _is_in(element: Element, tag: str) -> bool:
    return _nearest(element, tag) is not None


def _nearest(element: Element, tag: str) -> Element | None:
    return next(element.iterancestors(tag), None)


def _is_in_cell_of(cell: Element, row: Element) -> bool:
    """Whether it is a cell of a table in a cell of the row."""
    return _nearest(cell, f"{_W}tr") is not row


def _paragraphs(within: Element) -> str:
    texts = (_word_text(one) for one in within.iter(f"{_W}p") if not _is_in(one, _FALLBACK))
    return " ".join(" ".join(texts).split())


_WORD_BLANKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def _word_text(paragraph: Element) -> str:
    """Without what stands in text boxes within it, which are paragraphs of their own."""
    said = paragraph.iter(f"{_W}t", *_WORD_BLANKS)
    own = (one for one in said if _nearest(one, f"{_W}p") is paragraph)
    return "".join(_WORD_BLANKS.get(str(one.tag)) or one.text or "" for one in own)


def _kind_of_paragraph(paragraph: Element, styles: dict[str, str]) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    name = styles.get(style.get(f"{_W}val", ""), "") if style is not None else ""
    if name.startswith(("heading", "title")):
        return "heading"
    is_item = name.startswith("list") or paragraph.find(f"{_W}pPr/{_W}numPr") is not None
    return "item" if is_item else "paragraph"


def _notes(archive: Archive, kind: str) -> Iterator[str]:
    if f"word/{kind}s.xml" in archive.names():
        for note in markup.xml(archive.read(f"word/{kind}s.xml")).iter(f"{_W}{kind}"):
            if note.get(f"{_W}type") is None:  # others separate notes from the text
                yield _paragraphs(note)


def _told_by_word(archive: Archive) -> dict[str, Told]:
    if "docProps/core.xml" not in archive.names():
        return {}
    title = " ".join((markup.xml(archive.read("docProps/core.xml")).findtext(f".//{_DC}title") or "").split())
    return {"title": Told(title, "docx:title")} if title else {}


# OpenDocument


def read_odt(original: bytes) -> Reading:
    """Paragraphs, lists and tables in order, footnotes behind them. Raises RefusedError."""
    archive = Archive.open(original)
    if _MANIFEST in archive.names() and b"encryption-data" in archive.read(_MANIFEST):
        raise EncryptedError()
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
