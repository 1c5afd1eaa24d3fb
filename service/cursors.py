"""Where a page of a list ended, as a signed text that goes out with it and comes back for the next one.

A cursor is opaque to who is given it, and good for one list asked for in one way: that of another list, of other
filters or another order, or one that was altered, is none. Whoever changes what the places of a list are made of has to
give the list another name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True, slots=True)
class Cursors:
    """Those of one list, by its `name`, as it is `asked` for: its filters and its order."""

    secret: str
    name: str
    asked: Mapping[str, Any] = field(default_factory=dict)

    def make(self, *place: Any) -> str:
        """The cursor of a place in the order of the list: numbers, texts and ids."""
        return self._signer().dumps([part if isinstance(part, int | float) else str(part) for part in place])

    def read(self, cursor: str) -> list[Any]:
        """The place, its ids as texts. Raises ValueError."""
        try:
            return list(self._signer().loads(cursor))
        except BadSignature as error:
            raise ValueError("is no cursor of this list") from error

    def _signer(self) -> URLSafeSerializer:
        asked = json.dumps(self.asked, sort_keys=True, default=str)
        digest = hashlib.sha256(asked.encode()).hexdigest()
        return URLSafeSerializer(self.secret, salt=f"cursor:{self.name}:{digest}")
