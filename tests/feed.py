"""Reads the feed as a program does that keeps a copy of what is published."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from service.operations import feed, records
from service.operations.actor import Actor
from service.services import Services


def read_feed(services: Services, by: Actor, *, after: int = feed.START, limit: int = 100) -> list[dict[str, Any]]:
    """All changes after this one, in pages."""
    told: list[dict[str, Any]] = []
    while True:
        with services.sessions() as session:
            page = feed.find(session, by=by, after=after, limit=limit)
            told += [json.loads(line.json) for line in page]
        if len(page) < limit:
            return told
        after = page[-1].seq


def fold(changes: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The records that a reader has after these changes, by id."""
    kept: dict[str, dict[str, Any]] = {}
    for change in changes:
        if change["op"] == "put":
            kept[change["event"]["id"]] = change["event"]
        else:
            kept.pop(change["event"]["id"], None)
    return kept


def check_feed(services: Services, by: Actor) -> None:
    """Its numbers are 1, 2, 3…, and who follows it has what an export has."""
    told = read_feed(services, by)
    assert [change["seq"] for change in told] == list(range(1, len(told) + 1))
    with services.sessions() as session:
        exported = [record.to_json() for record in records.export(session, by=by)]
    assert fold(told) == {record["id"]: record for record in exported}
