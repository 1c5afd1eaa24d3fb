"""The key that finds an event again when its document is drafted anew."""

from __future__ import annotations

from dataclasses import replace

from tests.factories import STORY, evidence, visit
from workers.extraction.records import EventRecord, Place, keys_of


def at(place: str) -> EventRecord:
    found = visit()
    others = tuple(item for item in found.evidence if item.field != "place")
    return replace(found, place=Place(place), evidence=(*others, evidence(STORY, "place", place)))


def test_two_destinations_of_one_trigger_have_keys_of_their_own_in_any_order() -> None:
    sudmark, norvale = at("Sudmark"), at("Norvale")
    keys = keys_of([sudmark, norvale])
    assert len(set(keys)) == 2
    assert keys_of([norvale, sudmark]) == keys[::-1]


def test_a_key_says_family_and_place_and_no_value() -> None:
    assert keys_of([visit()]) == [f"visit@{STORY.index('arrived')}"]
    changed = replace(visit(), modality="planned", details={"action": "met", "purpose": "two days of talks"})
    assert keys_of([changed]) == keys_of([visit()])


def test_keys_are_unique_even_for_twins() -> None:
    assert len(set(keys_of([visit(), visit(), visit()]))) == 3
