"""GeoJSON (RFC 7946): a point for each record whose place has coordinates; its properties are the record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from service.formats.words import Row


def write(rows: Iterable[Row]) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": ['
    before = "\n"
    for row in filter(_is_located, rows):
        yield before + json.dumps(_feature(row))
        before = ",\n"
    yield "\n]}\n"


def _is_located(row: Row) -> bool:
    place = row["place"]
    return place is not None and place["lat"] is not None and place["lon"] is not None


def _feature(row: Row) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [row["place"]["lon"], row["place"]["lat"]]}
    return {"type": "Feature", "id": row["id"], "geometry": point, "properties": row}
