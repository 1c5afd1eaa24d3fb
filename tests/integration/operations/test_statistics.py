"""What the team page and the API tell of the work, counted from decisions that were really made."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import text

from service.errors import InvalidInputError
from service.operations import calibration, claims, reviews, second_reading, statistics, undoing
from service.operations.actor import Actor
from service.operations.calibration import Bin, Calibration
from service.operations.reviews import Verdict
from service.operations.statistics import Day, Statistics
from service.services import Services
from tests.factories import create_decision, create_drafted_document
from workers.evaluate import Share


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    """A visit and a border incident that wait."""
    return create_drafted_document(services, administrator)[1]


def counted(services: Services, by: Actor, days: int = 14) -> Statistics:
    with services.sessions() as session:
        return statistics.statistics(session, days=days, by=by)


def calibrated(services: Services, by: Actor) -> Calibration:
    with services.sessions() as session:
        return calibration.calibration(session, days=14, by=by)


def decide_held(services: Services, by: Actor, held_for: float, decided_at: dt.timedelta) -> None:
    """A decision on the next item, which was claimed so many seconds before; so long ago."""
    with services.sessions() as session:
        lease = claims.claim_next(session, by=by, seconds=600)
        assert lease
        claimed = text("update review_items set claimed_at = claimed_at - cast(:held as interval) where event_id = :id")
        with session.begin():
            session.execute(claimed, {"held": dt.timedelta(seconds=held_for), "id": lease.event_id})
        reviews.decide(session, lease.event_id, Verdict("approve"), revision=1, by=by)
    changed = "update decisions set at = at - cast(:time as interval) where event_id = :id"
    with services.engine.begin() as connection:
        connection.execute(text("alter table decisions disable trigger user"))
        connection.execute(text(changed), {"time": decided_at, "id": lease.event_id})
        connection.execute(text("alter table decisions enable trigger user"))


def test_days_tell_what_was_drafted_and_decided(services: Services, reviewer: Actor, story: list[UUID]) -> None:
    create_decision(services, story[0], "fix", by=reviewer, changes={"place/country": "DNK", "date/edtf": "1920-02-02"})
    create_decision(services, story[1], "reject", by=reviewer, reason="not_an_event")
    found = counted(services, reviewer)
    today = found.until
    assert found.since == today - dt.timedelta(days=13)
    assert found.days == [
        Day(today, "border_incident", drafted=1, rejected=1),
        Day(today, "visit", drafted=1, fixed=1),
    ]
    assert found.readings.as_drafted == Share(0, 2)
    assert found.readings.fixed_fields == {"date": 1, "place": 1}
    assert found.waiting == {}
    assert found.oldest is None


def test_what_is_undone_does_not_count(services: Services, reviewer: Actor, story: list[UUID]) -> None:
    create_decision(services, story[0], by=reviewer)
    with services.sessions() as session:
        undoing.undo(session, by=reviewer, seconds=60)
    create_decision(services, story[1], by=reviewer)
    found = counted(services, reviewer)
    assert [(day.family, day.drafted, day.decided) for day in found.days] == [
        ("border_incident", 1, 1),
        ("visit", 1, 0),
    ]
    assert found.undone == Share(1, 2)
    assert found.readings.as_drafted == Share(1, 1)
    assert found.waiting == {"visit": 1}
    assert found.oldest is not None
    with services.sessions() as session:
        progress = statistics.progress(session, by=reviewer)
    assert (progress.yours, progress.all) == (1, 1)


def test_progress_tells_ones_own_from_the_teams(
    services: Services, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    for event_id, who in zip(story, (reviewer, second_reviewer), strict=True):
        create_decision(services, event_id, by=who)
    with services.sessions() as session:
        progress = statistics.progress(session, by=reviewer)
    assert (progress.yours, progress.all) == (1, 2)


def test_time_on_an_item_does_not_begin_before_the_decision_before(
    services: Services, reviewer: Actor, story: list[UUID]
) -> None:
    """The visit was held for 40 seconds; the incident for 100, but for only 30 of them after the visit was decided."""
    decide_held(services, reviewer, 40, dt.timedelta(seconds=30))
    decide_held(services, reviewer, 100, dt.timedelta())
    times = {one.family: one for one in counted(services, reviewer).seconds}
    assert times["visit"].median == pytest.approx(40, abs=1)
    assert times["border_incident"].median == pytest.approx(30, abs=1)
    assert times["visit"].p90 == times["visit"].median
    assert times["visit"].decisions == 1


def test_confidence_is_judged_by_what_was_left_unchanged(
    services: Services, reviewer: Actor, story: list[UUID]
) -> None:
    """Of the visit (record 0.9; modality 0.95, participant 0.92, date 0.55, place 0.9) the date is fixed; the incident
    (record 0.6) is rejected, so that its fields are not judged.
    """
    create_decision(services, story[0], "fix", by=reviewer, changes={"date/edtf": "1920-02-02"})
    create_decision(services, story[1], "reject", by=reviewer, reason="not_an_event")
    found = calibrated(services, reviewer)
    assert found.records == [Bin(0.5, 0.7, 1, 0, 0.6), Bin(0.9, 0.95, 1, 1, 0.9)]
    assert [(one.low, one.judged, one.right) for one in found.fields] == [(0.5, 1, 0), (0.9, 2, 2), (0.95, 1, 1)]
    assert found.fields[1].said == pytest.approx(0.91)


def test_an_item_of_a_list_that_grew_was_left_alone(services: Services, reviewer: Actor, story: list[UUID]) -> None:
    added = {"role": "visitor", "name": "Per Dahl", "kind": "person", "country": None, "office": None}
    create_decision(services, story[0], "fix", by=reviewer, changes={"participants/1": added})
    assert sum(one.judged - one.right for one in calibrated(services, reviewer).fields) == 0
    create_decision(services, story[1], "fix", by=reviewer, changes={"participants/1": None})
    wrong = [
        (one.low, one.judged - one.right) for one in calibrated(services, reviewer).fields if one.judged > one.right
    ]
    assert wrong == [(0.5, 1)], "the participant that was taken out, of which the draft was sure by 0.5"


def test_only_readings_of_drafts_are_judged(services: Services, reviewer: Actor, story: list[UUID]) -> None:
    """A correction of what is approved says nothing of the draft."""
    create_decision(services, story[0], by=reviewer)
    create_decision(services, story[0], "fix", by=reviewer, revision=2, changes={"place/country": "DNK"})
    found = counted(services, reviewer)
    assert [(day.approved, day.fixed) for day in found.days if day.family == "visit"] == [(1, 1)]
    assert found.readings.as_drafted == Share(1, 1)
    assert found.readings.fixed_fields == {}


def test_a_reading_is_counted_only_when_nobody_reads_blindly_any_more(
    services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor, story: list[UUID]
) -> None:
    with services.sessions() as session:
        second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    create_decision(services, story[0], by=reviewer)
    assert [day.approved for day in counted(services, second_reviewer).days if day.family == "visit"] == [0]
    create_decision(services, story[0], by=second_reviewer)
    assert [day.approved for day in counted(services, second_reviewer).days if day.family == "visit"] == [2]


def test_nothing_is_counted_of_nothing(services: Services, reviewer: Actor) -> None:
    found = counted(services, reviewer)
    assert (found.days, found.seconds, found.undone) == ([], [], Share(0, 0))
    assert calibrated(services, reviewer) == Calibration([], [])


@pytest.mark.parametrize("days", [0, 367, -1])
def test_periods_are_bounded(services: Services, reviewer: Actor, days: int) -> None:
    with services.sessions() as session, pytest.raises(InvalidInputError):
        statistics.statistics(session, days=days, by=reviewer)
