"""Gold records as a drafter would write them, with and without faults."""

from __future__ import annotations

import random
from typing import Any

Event = dict[str, Any]


def as_draft(text: str, event: Event) -> Event:
    """A gold event in the published form of a record, as a drafter without fault would write it."""
    mention, words = event["mentions"][0], event["trigger"]
    at = text.index(mention) + max(0, mention.find(words))
    words = text[at : at + len(words)]
    trigger = {"field": "trigger", "start": at, "end": at + len(words), "quote": words}
    kept = {field: event[field] for field in ("type", "modality", "place", "participants", "details")}
    return {**kept, "date": event["date_text"] and {"text": event["date_text"]}, "evidence": [trigger]}


def faulty_drafts(text: str, events: list[Event], chance: random.Random) -> list[Event]:
    """Some events are left out or told twice; some drafts have a fault or two."""
    drafts = [as_draft(text, event) for event in events for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    return [_with_fault(_with_fault(draft, chance), chance) for draft in drafts]


def _with_fault(draft: Event, chance: random.Random) -> Event:
    people = draft["participants"]
    someone = [{**person} for person in people[:1]]
    faults = (
        draft,
        draft,
        {**draft, "modality": "denied"},
        {**draft, "details": {"action": "none"}},
        {**draft, "place": None},
        {**draft, "place": {"name": "Nowhere", "country": "XXX"}},
        {**draft, "date": None},
        {**draft, "date": {"text": "the 19th of some month"}},
        {**draft, "type": "visit"},
        {**draft, "participants": people[1:]},
        {**draft, "participants": [{**person, "name": person["name"].split()[-1]} for person in people]},
        {**draft, "participants": [{**person, "name": "Nobody", "kind": "state"} for person in people]},
        {**draft, "participants": [{**person, "name": "Nobody", "kind": "person"} for person in people]},
        {**draft, "participants": [*people, *({**one, "role": "party"} for one in someone)]},
        {**draft, "participants": [*people, {"role": "host", "name": "Élise  Kertész", "country": None}]},
    )
    return chance.choice(faults)
