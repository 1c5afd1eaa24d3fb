"""Which way a text runs: from left to right, or from right to left as Arabic and Hebrew do."""

from __future__ import annotations

import unicodedata

FROM_RIGHT = ("R", "AL")


def direction(text: str) -> str:
    """Of a paragraph, as HTML calls it: that of most of its letters. A browser goes by the first one, so that an
    English sentence would run from the right when it begins with an Arabic name.
    """
    if text.isascii():
        return "ltr"
    kinds = [unicodedata.bidirectional(char) for char in text]
    from_right = sum(kind in FROM_RIGHT for kind in kinds)
    return "rtl" if from_right > kinds.count("L") else "ltr"
