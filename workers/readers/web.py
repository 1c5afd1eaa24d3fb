"""Web pages: the main text without navigation and advertisements, by trafilatura; and Markdown, EPUB's chapters."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from itertools import takewhile
from urllib.parse import unquote

import trafilatura
from htmldate import find_date
from lxml import html
from lxml.etree import _Element as Element
from lxml.html import HtmlElement
from markdown_it import MarkdownIt

from service.errors import CorruptError
from workers.readers import markup, plain_text
from workers.readers.archives import Archive
from workers.readers.kinds import EPUB, HTML, MARKDOWN
from workers.readers.markup import Block
from workers.readers.reading import Reading, Told
from workers.readers.writing import Writer

_CONTAINER = "META-INF/container.xml"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OCF = "{urn:oasis:names:tc:opendocument:xmlns:container}"


def read_html(original: bytes) -> Reading:
    """The main text block by block, all of it where no main text can be told. Raises RefusedError."""
    root = markup.page(_unicode(original))
    told = _told_by_page(root)
    writer = Writer()
    for block in _main_text(root):
        writer.add(block.text, block.kind)
    return Reading(writer.text, media_type=HTML, places=tuple(writer.places), told=told)


def _main_text(root: HtmlElement) -> list[Block]:
    everything = markup.blocks(root)
    main = trafilatura.extract(
        root, output_format="html", include_comments=False, include_tables=True, favor_recall=True
    )
    return with_repeats(markup.blocks(markup.page(main)), everything) if main else everything


def with_repeats(chosen: Sequence[Block], everything: Sequence[Block]) -> list[Block]:
    """The chosen blocks of a page, and within them those that say the same again, which trafilatura leaves out; the
    chosen alone where it has changed them or their order.
    """
    places: list[int] = []
    at = len(everything)
    for block in reversed(chosen):
        at = next((before for before in range(at - 1, -1, -1) if everything[before].text == block.text), -1)
        if at < 0:
            return list(chosen)
        places.append(at)
    told = {block.text for block in chosen}
    before = takewhile(lambda block: block.text in told, reversed(everything[: places[-1]]))
    within = (block for block in everything[places[-1] : places[0] + 1] if block.text in told)
    behind = takewhile(lambda block: block.text in told, everything[places[0] + 1 :])
    return [*reversed(list(before)), *within, *behind]


def _unicode(original: bytes) -> bytes | str:
    """Text where its encoding can be told by the bytes alone; a page in another one declares it within."""
    try:
        return original.decode("utf-8-sig")
    except UnicodeDecodeError:
        return original


def _told_by_page(root: HtmlElement) -> dict[str, Told]:
    told = {}
    for name, origins in _META.items():
        found = next(((value, origin) for origin, path in origins if (value := _first(root, path))), None)
        if found:
            told[name] = Told(found[0], found[1])
    if day := find_date(html.tostring(root, encoding="unicode"), original_date=True, extensive_search=False):
        told["published"] = Told(day, "html:date")
    return told


_META = {
    "title": (
        ("html:og:title", "//meta[@property='og:title']/@content"),
        ("html:h1", "string(//h1[1])"),
        ("html:title", "string(//title)"),
    ),
    "source": (
        ("html:og:site_name", "//meta[@property='og:site_name']/@content"),
        ("html:publisher", "//meta[@name='publisher']/@content"),
    ),
    "language": (("html:lang", "/html/@lang"),),
}


def _first(root: Element, path: str) -> str:
    found = root.xpath(path)
    return " ".join(str(found[0] if isinstance(found, list) and found else found or "").split())


def read_markdown(original: bytes) -> Reading:
    """What it says, without marks (CommonMark, with tables). Raises UnreadableDocumentError."""
    source = plain_text.read(original)
    rendered = MarkdownIt("commonmark", {"html": False}).enable("table").render(source.text)
    writer = Writer()
    markup.write_blocks(markup.page(f"<body>{rendered}</body>"), writer)
    title = next((writer.text[one.start : one.end] for one in writer.places if one.kind == "heading"), None)
    told = {"title": Told(title, "markdown:heading")} if title else {}
    return Reading(writer.text, source.encoding, MARKDOWN, tuple(writer.places), told=told)


def read_epub(original: bytes) -> Reading:
    """Its chapters in the order of the spine. Raises RefusedError."""
    archive = Archive.open(original)
    rootfile = markup.xml(archive.read(_CONTAINER)).find(f".//{_OCF}rootfile")
    package_name = rootfile.get("full-path", "") if rootfile is not None else ""
    package = markup.xml(archive.read(package_name))
    files = {item.get("id"): item.get("href", "") for item in package.iter(f"{_OPF}item")}
    writer = Writer()
    for itemref in package.iter(f"{_OPF}itemref"):
        name = files.get(itemref.get("idref"))
        if name is None:
            raise CorruptError("Its spine names a chapter that it does not have.")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(package_name), unquote(name)))
        markup.write_blocks(markup.page(archive.read(path)), writer)
    return Reading(writer.text, media_type=EPUB, places=tuple(writer.places), told=_told_by_book(package))


def _told_by_book(package: Element) -> dict[str, Told]:
    told = {}
    for name, element in (("title", "title"), ("language", "language"), ("source", "publisher")):
        if value := " ".join((package.findtext(f".//{_DC}{element}") or "").split()):
            told[name] = Told(value, f"epub:{element}")
    return told
