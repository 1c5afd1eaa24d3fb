"""What several formats say of a record in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workers.extraction.families import FAMILY_OF

Row = Mapping[str, Any]


def headline(row: Row) -> str:
    """As in "Visit, planned: arrived, Ada Larsen". Formats that have no modality must not make facts of plans."""
    family, modality = FAMILY_OF[row["type"]].label, row["modality"]
    kind = family if modality == "occurred" else f"{family}, {modality}"
    return ", ".join([f"{kind}: {row['details']['action'].replace('_', ' ')}", *names(row)])


def names(row: Row) -> list[str]:
    return [" ".join(participant["name"].split()) for participant in row["participants"]]


def original(row: Row) -> Row:
    """Where the best mention stands in the original, as far as it is known."""
    first = next((item for item in row["evidence"] if item["field"] == "trigger"), None)
    return (first and first["original"]) or {}


def triggers(row: Row) -> Iterator[str]:
    """The words that report the event, with those around them, the best mention first."""
    for item in row["evidence"]:
        if item["field"] == "trigger":
            yield item["prefix"] + item["quote"] + item["suffix"]
