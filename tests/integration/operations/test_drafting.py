"""Documents are drafted once each, whatever dies; what cannot be drafted ends as failed, with its reason."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import func, select, update

from service.errors import DraftLeaseLostError, NotReplayableError
from service.operations import documents, drafting, reviews
from service.operations.actor import Actor
from service.operations.drafting import Drafts, Job
from service.operations.sweeping import RING_AGAIN, Sweep, sweep
from service.services import Services
from service.store.models import Document, Event, Run
from tests.factories import STORY, create_document, create_drafted_document, story_records
from workers.readers.reading import Told

NOTHING = Drafts((), (), "test", "no parser")


def take(services: Services, *, documents: int = 8, characters: int = 10_000) -> list[Job]:
    with services.sessions() as session:
        return drafting.take(session, documents=documents, characters=characters, lease=60, attempts=3)


def let_leases_run_out(services: Services) -> None:
    with services.sessions() as session, session.begin():
        past = func.now() - func.make_interval(0, 0, 0, 0, 0, 1)
        session.execute(update(Document).where(Document.state == "drafting").values(lease_until=past))


def swept(services: Services) -> Sweep:
    with services.sessions() as session:
        return sweep(session, dispatch=services.dispatch, attempts=3)


def test_a_batch_takes_as_many_as_fit(services: Services, administrator: Actor) -> None:
    for i in range(5):
        create_document(services, administrator, f"{i} " + "x" * 98)
    assert len(take(services, documents=8, characters=250)) == 2
    assert len(take(services, documents=2, characters=10_000)) == 2
    assert len(take(services)) == 1
    assert take(services) == []


def test_a_long_document_is_taken_alone_and_short_ones_can_go_before_it_is_done(
    services: Services, administrator: Actor
) -> None:
    long = create_document(services, administrator, "long " * 100)
    short = create_document(services, administrator, "short")
    assert [job.document_id for job in take(services, characters=100)] == [long.id]
    with services.sessions() as session:
        jobs = drafting.take_short(session, documents=8, characters=100, lease=60)
    assert [job.document_id for job in jobs] == [short.id]


def test_drafts_are_recorded_once(services: Services, administrator: Actor) -> None:
    document, events = create_drafted_document(services, administrator)
    assert document.state == "drafted"
    assert len(events) == 2
    with services.sessions() as session:
        assert reviews.count_waiting(session, by=administrator) == {"visit": 1, "border_incident": 1}


def test_a_late_result_is_refused(services: Services, administrator: Actor) -> None:
    create_document(services, administrator)
    [late] = take(services)
    let_leases_run_out(services)
    assert swept(services).returned == 1
    [current] = take(services)
    with services.sessions() as session:
        with pytest.raises(DraftLeaseLostError):
            drafting.record(session, late, Drafts(story_records(), (), "test", "no parser"))
        drafting.record(session, current, NOTHING)
        assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_a_renewed_lease_is_not_swept(services: Services, administrator: Actor) -> None:
    create_document(services, administrator)
    jobs = take(services)
    let_leases_run_out(services)
    with services.sessions() as session:
        drafting.renew(session, jobs, lease=60)
    assert swept(services).returned == 0


def test_a_document_that_was_dropped_is_taken_alone_the_next_time(services: Services, administrator: Actor) -> None:
    documents = [create_document(services, administrator, f"{i} {STORY}") for i in range(3)]
    assert len(take(services)) == 3
    let_leases_run_out(services)
    swept(services)
    assert [job.document_id for job in take(services)] == [documents[0].id]


def test_three_lost_workers_fail_a_document_and_the_queue_goes_on(services: Services, administrator: Actor) -> None:
    poison = create_document(services, administrator)
    for _ in range(3):
        assert len(take(services)) == 1
        let_leases_run_out(services)
        found = swept(services)
    assert (found.returned, found.failed) == (0, 1)
    with services.sessions() as session:
        failed = documents.get(session, poison.id, by=administrator)
        runs = session.scalars(select(Run.outcome).where(Run.document_id == poison.id)).all()
    assert (failed.state, failed.failure) == ("failed", "worker_lost")
    assert runs == ["abandoned"] * 3
    other = create_document(services, administrator, "another one")
    assert [job.document_id for job in take(services)] == [other.id]


def test_errors_count_as_attempts_and_keep_their_type(services: Services, administrator: Actor) -> None:
    create_document(services, administrator)
    failed = []
    for _ in range(3):
        [job] = take(services)
        with services.sessions() as session:
            failed.append(drafting.fail(session, job, "parser_error", "RuntimeError in the parser.", attempts=3))
    assert failed == [False, False, True]
    assert take(services) == []


def test_a_failed_document_can_be_drafted_again(services: Services, administrator: Actor) -> None:
    document = create_document(services, administrator)
    [job] = take(services)
    with services.sessions() as session:
        drafting.fail(session, job, "parser_error", "RuntimeError in the parser.", attempts=1)
        documents.replay(session, document.id, by=administrator, dispatch=services.dispatch)
    [again] = take(services)
    with services.sessions() as session:
        drafting.record(session, again, NOTHING)
        with pytest.raises(NotReplayableError):
            documents.replay(session, document.id, by=administrator, dispatch=services.dispatch)


def test_the_sweeper_rings_again_for_a_ring_that_was_lost(services: Services, administrator: Actor) -> None:
    create_document(services, administrator)
    assert swept(services).rung == 0
    with services.sessions() as session, session.begin():
        session.execute(update(Document).values(rung_at=func.now() - RING_AGAIN - RING_AGAIN))
    assert swept(services).rung == 1
    assert swept(services).rung == 0


def test_the_sweeper_rings_at_once_for_a_document_that_was_given_back(services: Services, administrator: Actor) -> None:
    create_document(services, administrator)
    take(services)
    let_leases_run_out(services)
    found = swept(services)
    assert (found.returned, found.rung) == (1, 1)


TOLD = {"published": Told("2024-06-18", "text:dateline"), "language": Told("en", "text:detected")}


def test_what_the_text_tells_of_itself_fills_what_nobody_told(services: Services, administrator: Actor) -> None:
    create_document(services, administrator, language="en-GB")
    (job,) = take(services)
    with services.sessions() as session:
        drafting.record(session, job, dataclasses.replace(NOTHING, told=TOLD))
        document = documents.get(session, job.document_id, by=administrator)
    assert (str(document.published), document.language) == ("2024-06-18", "en-GB")
    assert document.origins == {"published": "text:dateline", "language": "sender"}


def test_a_day_that_a_person_took_away_stays_away(services: Services, administrator: Actor) -> None:
    document = create_document(services, administrator)
    (job,) = take(services)
    with services.sessions() as session:
        drafting.record(session, job, dataclasses.replace(NOTHING, told=TOLD))
        documents.change(session, document.id, {"published": None}, by=administrator, dispatch=services.dispatch)
    (job,) = take(services)
    with services.sessions() as session:
        drafting.record(session, job, dataclasses.replace(NOTHING, told=TOLD))
        assert documents.get(session, document.id, by=administrator).published is None
