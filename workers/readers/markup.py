"""XML and HTML without what reaches outside of a document or grows inside of it: entities, DTDs, the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html
from lxml.etree import _Element as Element
from lxml.html import HtmlElement

from service.errors import BombError, CorruptError
from workers.readers.writing import Writer, clean

DTD = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
BLOCKS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
        ),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
LEFT_OUT = frozenset(
    (
        *("script", "style", "noscript", "template", "head", "svg", "math", "object", "iframe", "audio", "video"),
        "canvas",
    )
)
KINDS = {"li": "item", "td": "cell", "th": "cell", **dict.fromkeys(HEADINGS, "heading")}


def xml(original: bytes) -> Element:
    """Of a format that has no DTD. Raises CorruptError, BombError for one that brings entities of its own."""
    if DTD.search(_ascii(original)):
        raise BombError("It declares a document type or entities, which documents of this kind never do.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(original, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CorruptError("Its XML is damaged.") from error


def _ascii(original: bytes) -> bytes:
    """So that no UTF-16 hides a declaration."""
    return original.replace(b"\0", b"")


def page(original: bytes | str) -> HtmlElement:
    """HTML, however broken. Raises CorruptError where nothing is left of it."""
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(original, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise CorruptError("It is no HTML that can be read.") from error


@dataclass(frozen=True, slots=True)
class Block:
    text: str
    kind: str


def write_blocks(root: Element, writer: Writer) -> None:
    """The text of HTML block by block, in order."""
    for block in blocks(root):
        writer.add(block.text, block.kind)


def blocks(root: Element) -> list[Block]:
    """Those of HTML that are not blank, in order."""
    found = (Block(clean(text), kind) for kind, text in _blocks(root))
    return [block for block in found if block.text]


def _blocks(root: Element) -> Iterator[tuple[str, str]]:
    text: list[str] = []
    kind = "paragraph"
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name, is_start = _name(element), event == "start"
        if name in BLOCKS:
            yield kind, _joined(text)
            text, kind = [], KINDS.get(name, "paragraph") if is_start else "paragraph"
        if is_start and name in LEFT_OUT:
            walk.skip_subtree()
            continue
        text.append(_one_line((element.text if is_start else element.tail) or ""))
        if name == "br" and is_start:
            text.append("\n")
    yield kind, _joined(text)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _joined(text: list[str]) -> str:
    return re.sub(r" *\n *", "\n", "".join(text))
