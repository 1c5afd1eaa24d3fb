"""A PDF written by hand: a page with some lines, 100 points below its upper edge and 20 from the left."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 900, 300


def pdf_of(*lines: str) -> bytes:
    """A page of WIDTH by HEIGHT points with these lines, a paragraph's space between them."""
    drawn = f"BT /F 12 Tf 20 200 Td {_shown(lines)} ET".encode("latin-1")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
    content = b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn)
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page % (WIDTH, HEIGHT),
        content,
        font,
    ]
    told = b"".join(b"%d 0 obj%sendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + told + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def _shown(lines: Sequence[str]) -> str:
    return " 0 -60 Td ".join(f"({line}) Tj" for line in lines)
