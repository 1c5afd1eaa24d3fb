"""What approved records are exported as. Each format is a function from published rows (docs/record.md) to pieces of a
text that can be sent as they come: it keeps nothing of a row when the next one is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from service.formats import csv, ftm, geojson, jsonl


def write_stix(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """As stix.write, whose library takes 25 MB: a web process that nobody asks for it does without."""
    from service.formats import stix

    return stix.write(rows)


# They raise FormatMissingError at once where what they need is not installed.
FORMATS: Mapping[str, Callable[[Iterable[Mapping[str, Any]]], Iterator[str]]] = {
    "jsonl": jsonl.write,
    "csv": csv.write,
    "geojson": geojson.write,
    "ftm": ftm.write,
    "stix": write_stix,
}
