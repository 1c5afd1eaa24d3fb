"""Versions of what can be changed: who changes it says which one he has seen, and is refused when it is another by now.

Records have revisions for that. Everything else has the hash of what can be changed about it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from service.errors import VersionChangedError

DIGITS = 16  # of the hash: as short as nobody meets another one by chance


def version_of(*told: Any) -> str:
    """A text that is another one as soon as something else is told."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions that somebody means, None for any."""

    versions: frozenset[str] | None

    def check(self, version: str | int) -> None:
        """Whether it is at one of them; asked while it is locked. Raises VersionChangedError."""
        if self.versions is not None and str(version) not in self.versions:
            raise VersionChangedError()


ANY = Seen(None)


def seen(version: str) -> Seen:
    return Seen(frozenset({version}))
