"""Approved records by place: what counts, for how long, and where nothing is known."""

from __future__ import annotations

import dataclasses
import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import text

from service.operations import atlas, undoing
from service.operations.actor import Actor
from service.operations.atlas import Wanted
from service.services import Services
from tests.factories import border_incident, create_decision, create_drafted_document, visit
from workers.extraction.records import Place

PRAGUE = Place("Prague", "CZE", 3067696, 50.08804, 14.42076)
MONTH = Wanted(30)


@pytest.fixture
def events(services: Services, administrator: Actor) -> list[UUID]:
    """Drafts: two visits to Prague, an incident there, a visit to a place without coordinates."""
    drafts = [dataclasses.replace(draft, place=PRAGUE) for draft in (visit(), visit(), border_incident())]
    return create_drafted_document(services, administrator, records=[*drafts, visit()])[1]


def test_approved_records_are_counted_by_place_and_family(
    services: Services, reviewer: Actor, events: list[UUID]
) -> None:
    for event_id in events:
        create_decision(services, event_id, by=reviewer)
    with services.sessions() as session:
        found = atlas.atlas(session, MONTH, by=reviewer)
        visits = atlas.atlas(session, Wanted(30, ("visit",)), by=reviewer)
        there = atlas.records_at(session, (50.08804, 14.42076), MONTH, by=reviewer)
    assert [(spot.name, spot.country, spot.families) for spot in found.spots] == [
        ("Prague", "CZE", {"visit": 2, "border_incident": 1})
    ]
    assert (found.placed, found.unplaced) == (3, 1)
    assert (visits.placed, visits.unplaced) == (2, 1)
    assert [record.event.id for record in there] == [events[2], events[1], events[0]]


def test_only_what_is_approved_now_is_on_the_map(services: Services, reviewer: Actor, events: list[UUID]) -> None:
    create_decision(services, events[0], "reject", by=reviewer, reason="not_an_event")
    create_decision(services, events[1], by=reviewer)
    with services.sessions() as session:
        undoing.undo(session, by=reviewer, seconds=60)
    create_decision(services, events[2], by=reviewer)
    create_decision(services, events[2], "reject", by=reviewer, revision=2, reason="duplicate")
    with services.sessions() as session:
        assert atlas.atlas(session, MONTH, by=reviewer).spots == []


def test_the_period_is_that_of_the_approval(services: Services, reviewer: Actor, events: list[UUID]) -> None:
    create_decision(services, events[0], by=reviewer)
    let_pass(services, dt.timedelta(days=20))
    create_decision(services, events[1], by=reviewer)
    with services.sessions() as session:
        assert [atlas.atlas(session, Wanted(days), by=reviewer).placed for days in (14, 30)] == [1, 2]


def let_pass(services: Services, time: dt.timedelta) -> None:
    """Makes all decisions so much older. Only the owner of the database can, with its guards put aside."""
    with services.engine.begin() as connection:
        connection.execute(text("alter table decisions disable trigger user"))
        connection.execute(text("update decisions set at = at - cast(:time as interval)"), {"time": time})
        connection.execute(text("alter table decisions enable trigger user"))
