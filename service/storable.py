"""Text that the database cannot keep, refused at the door: by the API and by the pages."""

from __future__ import annotations

import re
from typing import Any

from service.errors import InvalidInputError

# PostgreSQL keeps no NUL in a text, and UTF-8 has no form for half of a surrogate pair.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")

# Members of a character class: format characters and marks without width, and letters that are drawn as blanks.
WITHOUT_WIDTH = "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
DRAWN_BLANK = "\u2800\u3164"
_SEEN = re.compile(rf"[^\s{WITHOUT_WIDTH}{DRAWN_BLANK}]")


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return not _SEEN.search(text)


def check_storable(value: Any) -> None:
    """Raises InvalidInputError for NUL and lone surrogates in any string, by the path of the field."""
    waiting = [("", value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, str) and (found := unstorable(item)):
            raise InvalidInputError({path or "body": [found]})
        if isinstance(item, dict):
            waiting += [(f"{path}/key", key) for key in item]
            waiting += [(f"{path}/{key}".removeprefix("/"), part) for key, part in item.items()]
        elif isinstance(item, list):
            waiting += [(f"{path}/{i}", part) for i, part in enumerate(item)]


def unstorable(text: str) -> str | None:
    """The complaint about a text that cannot be kept, None for one that can."""
    if text.isascii() and "\0" not in text:
        return None
    found = _UNSTORABLE.search(text)
    return f"Must not have U+{ord(found[0]):04X}, which is no character of text." if found else None
