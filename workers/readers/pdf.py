"""PDF, by PDFium (pypdfium2), which Chromium reads it with."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
from PIL.Image import Image

from service.errors import CorruptError, EncryptedError, NoTextLayerError, TooMuchInsideError
from workers.readers import ocr
from workers.readers.kinds import PDF
from workers.readers.layout import Box
from workers.readers.pages import Sheet, put_together, turn, words_of
from workers.readers.reading import Reading, Told

MOST_PAGES = 1_000
FINE = 100  # pixels a point
FAR = 10_000
SCAN_DPI = 300
NOT_INSTALLED = "Its pages are pictures, and Tesseract, which reads such, is not installed here."
QUARTER = math.pi / 2
SAMPLED = 200
_DAY = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


def read(original: bytes) -> Reading:
    """Its text page by page; of pages without text, what Tesseract reads of their pictures where it is installed.

    Raises RefusedError.
    """
    with _opened(original) as document:
        if len(document) > MOST_PAGES:
            raise TooMuchInsideError(f"It has {len(document):,} pages; {MOST_PAGES:,} are read.")
        sheets = [_sheet(document, number) for number in range(len(document))]
        sheets = [sheet if sheet.boxes else _scanned(document[at], sheet) for at, sheet in enumerate(sheets)]
        told = _told(document)
    text, pages, places = put_together(sheets)
    if not text:
        raise NoTextLayerError("" if ocr.is_installed() else NOT_INSTALLED)
    return Reading(text, media_type=PDF, places=places, pages=pages, told=told)


def picture(original: bytes, number: int, scale: float) -> Image:
    """The page of this number, from 1, at so many pixels a point. Raises RefusedError."""
    with _opened(original) as document:
        if not 1 <= number <= len(document):
            raise CorruptError(f"It has no page {number}.")
        made: Image = document[number - 1].render(scale=scale).to_pil()
    return made


def _opened(original: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(original)
    except pypdfium2.PdfiumError as error:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise EncryptedError() from error
        raise CorruptError("It is no PDF that can be read.") from error


def _sheet(document: pypdfium2.PdfDocument, number: int) -> Sheet:
    try:
        page = document[number]
        text_page = page.get_textpage()
        turned = _turned(page, text_page)
        return Sheet(page.get_width(), page.get_height(), list(_words(page, text_page, turned)), turned)
    except pypdfium2.PdfiumError as error:
        raise CorruptError(f"Its page {number + 1} is damaged.") from error


def _turned(page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage) -> int:
    """How many quarters to the right most lines of the page run as it is shown."""
    count = text_page.count_chars()
    angles = Counter(
        round(pdfium.FPDFText_GetCharAngle(text_page, at) / QUARTER) % 4 for at in range(0, count, count // SAMPLED + 1)
    )
    ((angle, _),) = angles.most_common(1) or [(0, 0)]
    return int(page.get_rotation() // 90 - angle) % 4


def _words(page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, turned: int) -> Iterator[Box]:
    """Runs of characters without blanks between them, as PDFium puts them in order."""
    frame = Frame.of(page, turned)
    word: list[tuple[str, tuple[float, float, float, float]]] = []
    for at in range(text_page.count_chars()):
        char = chr(pdfium.FPDFText_GetUnicode(text_page, at))
        char = "-" if char == "\x02" else char  # how PDFium tells a hyphen at the end of a line
        box = None if char.isspace() else _box(frame, text_page, at)
        if word and (box is None or not _goes_on(word[-1][1], box)):
            yield from _word(word)
            word = []
        if box is not None:
            word.append((char, box))
    yield from _word(word)


def _word(chars: list[tuple[str, tuple[float, float, float, float]]]) -> Iterator[Box]:
    text = words_of("".join(char for char, _ in chars))
    if text:
        x0, y0, x1, y1 = zip(*(box for _, box in chars), strict=True)
        yield Box(text, min(x0), min(y0), max(x1), max(y1))


def _goes_on(before: tuple[float, float, float, float], box: tuple[float, float, float, float]) -> bool:
    """Whether a character stands beside the one before it, on the same line."""
    height = max(before[3] - before[1], box[3] - box[1], 1.0)
    is_same_line = min(before[3], box[3]) > max(before[1], box[1]) - 0.3 * height
    return is_same_line and max(box[0] - before[2], before[0] - box[2]) < 0.5 * height  # to either side


@dataclass(frozen=True, slots=True)
class Frame:
    """How a point of a PDF's page comes onto the page as it is read: as it is shown, cropped and turned, and then with
    its lines to the right. PDFium tells whole pixels, so it is asked for far points, once for a page.
    """

    across: tuple[float, float, float]
    down: tuple[float, float, float]

    @classmethod
    def of(cls, page: pypdfium2.PdfPage, turned: int) -> Frame:
        x0, y0 = _read(page, 0, 0, turned)
        x1, y1 = _read(page, FAR, 0, turned)
        x2, y2 = _read(page, 0, FAR, turned)
        return cls(((x1 - x0) / FAR, (x2 - x0) / FAR, x0), ((y1 - y0) / FAR, (y2 - y0) / FAR, y0))

    def place(self, x: float, y: float) -> tuple[float, float]:
        (xx, xy, x0), (yx, yy, y0) = self.across, self.down
        return xx * x + xy * y + x0, yx * x + yy * y + y0


def _box(frame: Frame, text_page: pypdfium2.PdfTextPage, at: int) -> tuple[float, float, float, float]:
    """Around a character with its line's height, on the page as it is read."""
    rectangle = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text_page, at, rectangle)
    x0, y0 = frame.place(rectangle.left, rectangle.top)
    x1, y1 = frame.place(rectangle.right, rectangle.bottom)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _read(page: pypdfium2.PdfPage, x: float, y: float, turned: int) -> tuple[float, float]:
    size = int(page.get_width() * FINE), int(page.get_height() * FINE)
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
    return turn(across.value / FINE, down.value / FINE, turned, page.get_width(), page.get_height())


def _scanned(page: pypdfium2.PdfPage, sheet: Sheet) -> Sheet:
    """A page without text: what Tesseract reads of its pictures, where it has some and that is installed."""
    has_picture = next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])), None) is not None
    if not has_picture or not ocr.is_installed():
        return sheet
    scale = SCAN_DPI / 72
    return ocr.read_picture(page.render(scale=scale).to_pil(), scale)


def _told(document: pypdfium2.PdfDocument) -> dict[str, Told]:
    found = document.get_metadata_dict(skip_empty=True)
    told = {}
    if title := " ".join(found.get("Title", "").split()):
        told["title"] = Told(title, "pdf:Title")
    if day := _DAY.match(found.get("CreationDate", "")):
        told["published"] = Told("-".join(day.groups()), "pdf:CreationDate")
    return told
