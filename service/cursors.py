"""Where a page of a list ended, as a text that goes out with it and comes back for the next one."""

from __future__ import annotations

import base64
from typing import Protocol


class Key(Protocol):
    """An id, or a place in an order."""

    @property
    def bytes(self) -> bytes: ...


def encode(last: Key) -> str:
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode(cursor: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
