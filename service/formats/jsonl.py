"""JSON Lines: a record a line, as it is published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from service.formats.words import Row


def write(rows: Iterable[Row]) -> Iterator[str]:
    """ASCII alone, since some readers of lines break them at U+2028 as well."""
    return (json.dumps(row) + "\n" for row in rows)
