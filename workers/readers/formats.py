"""The readers, by what they read. Each is loaded when it is needed: what reads a PDF knows nothing of mail."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from service.errors import CorruptError, NoReaderError
from workers.readers import kinds, plain_text
from workers.readers.reading import TEXT, Reading

READERS = {
    kinds.PDF: ("pdf", "read"),
    kinds.HTML: ("web", "read_html"),
    kinds.MARKDOWN: ("web", "read_markdown"),
    kinds.EPUB: ("web", "read_epub"),
    kinds.OFFICE: ("office", "read_docx"),
    kinds.ODT: ("office", "read_odt"),
    kinds.RTF: ("office", "read_rtf"),
    kinds.MAIL: ("mail", "read_eml"),
    kinds.OUTLOOK: ("mail", "read_msg"),
    kinds.ZIP: ("archive", "read"),
    **dict.fromkeys(kinds.IMAGES, ("ocr", "read")),
}


def read(original: bytes, declared: str | None = None) -> Reading:
    """A document of any kind that is read here, by what its bytes are. Not for a process that must not die or grow: see
    sandbox.py. Raises UnreadableDocumentError.
    """
    kind = kinds.tell(original, declared)
    if kind == TEXT:
        return plain_text.read(original)
    reading = _reader(kind)(original)
    if not reading.text and not reading.children:
        raise CorruptError("It holds no text.")
    return reading


def _reader(kind: str) -> Callable[[bytes], Reading]:
    if kind not in READERS:
        raise NoReaderError(f"{kind} is not read.")
    module, function = READERS[kind]
    return getattr(import_module(f"workers.readers.{module}"), function)  # type: ignore[no-any-return]
