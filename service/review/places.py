"""Where words stand in a text, as somebody types them: in any case, with any blanks between them."""

from __future__ import annotations

import re

from service.storable import WITHOUT_WIDTH

# Between two letters of a word there may be one that nobody sees.
_UNSEEN = f"[{WITHOUT_WIDTH}]*"


def places_of(words: str, text: str) -> list[tuple[int, int]]:
    """All places, in the order of the text; none for blanks."""
    parts = [_UNSEEN.join(re.escape(letter) for letter in word) for word in words.split()]
    if not parts:
        return []
    pattern = re.compile(rf"{_UNSEEN}\s+{_UNSEEN}".join(parts), re.IGNORECASE)
    return [found.span() for found in pattern.finditer(text)]
