"""Text in pictures, by the program `tesseract` (https://github.com/tesseract-ocr/tesseract) where it is installed."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

from PIL import Image, UnidentifiedImageError

from service.errors import BombError, CorruptError, NoTextLayerError, TooMuchInsideError
from workers.readers.layout import Box
from workers.readers.pages import Sheet, put_together, words_of
from workers.readers.reading import Reading

LEAST_CERTAIN = 30  # percent, below which a word is more noise than text
DPI = 300
WORD = "5"  # the level of words in Tesseract's table
MOST_PIXELS = 100_000_000
MOST_FRAMES = 50


def is_installed() -> bool:
    return shutil.which("tesseract") is not None


def read(original: bytes) -> Reading:
    """The text of a picture, or of each picture of a TIFF. Raises RefusedError."""
    if not is_installed():
        raise NoTextLayerError("It is a picture, and Tesseract, which reads such, is not installed here.")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(original)) as picture:
            media_type = Image.MIME[picture.format or ""]
            sheets = []
            frames = getattr(picture, "n_frames", 1)
            if frames > MOST_FRAMES:
                raise TooMuchInsideError(f"It has {frames:,} pictures; {MOST_FRAMES} are read.")
            for number in range(frames):
                picture.seek(number)
                sheets.append(read_picture(picture.convert("RGB"), DPI / 72))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BombError(f"It has more than {MOST_PIXELS:,} pixels.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise CorruptError("It is no picture that can be read.") from error
    text, pages, places = put_together(sheets)
    if not text:
        raise NoTextLayerError("Tesseract found no text in it.")
    return Reading(text, media_type=media_type, places=places, pages=pages)


def picture(original: bytes, number: int, scale: float) -> Image.Image:
    """The picture of this number, from 1, at so many pixels a point. Raises CorruptError."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(original)) as opened:
            opened.seek(number - 1)
            shown = opened.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, EOFError, ValueError, SyntaxError) as error:
        raise CorruptError(f"It has no picture {number} that can be drawn.") from error
    points = DPI / 72
    shown.thumbnail((round(shown.width / points * scale), round(shown.height / points * scale)))
    return shown


def read_picture(picture: Image.Image, scale: float) -> Sheet:
    """The words in a picture of so many pixels a point."""
    sent = io.BytesIO()
    picture.save(sent, "PNG")
    command = ["tesseract", "stdin", "stdout", "--dpi", str(round(scale * 72)), "-l", "eng", "tsv"]
    done = subprocess.run(command, input=sent.getvalue(), capture_output=True, check=True)  # noqa: S603 - a fixed command
    rows = csv.DictReader(io.StringIO(done.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    boxes = [_box(row, scale) for row in rows if row["level"] == WORD and float(row["conf"]) >= LEAST_CERTAIN]
    return Sheet(picture.width / scale, picture.height / scale, [box for box in boxes if box.text])


def _box(row: dict[str, str], scale: float) -> Box:
    x, y, width, height = (int(row[name]) / scale for name in ("left", "top", "width", "height"))
    return Box(words_of(row["text"] or ""), x, y, x + width, y + height)
