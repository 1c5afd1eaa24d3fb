"""Documents drafted anew: only what comes out differently is reviewed again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.errors import BeingDraftedError, TransitionError
from service.operations import additions, claims, documents, drafting, records, reviews, undoing
from service.operations.actor import Actor
from service.operations.drafting import Drafts
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import Document, ReviewItem
from tests.factories import STORY, border_incident, create_document, create_drafted_document, visit
from workers.extraction.records import EventRecord

APPROVE = Verdict("approve")


@pytest.fixture
def drafted(services: Services, administrator: Actor) -> tuple[Document, list[UUID]]:
    return create_drafted_document(services, administrator)


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


def draft_waiting(session: Session, found: Sequence[EventRecord]) -> None:
    """As a worker does."""
    (job,) = drafting.take(session, documents=1, characters=1_000_000, lease=60, attempts=3)
    drafting.record(session, job, Drafts(found, (), "test 2", "no parser"))


def redraft(services: Services, session: Session, document: Document, by: Actor, found: Sequence[EventRecord]) -> None:
    documents.redraft(session, document.id, by=by, dispatch=services.dispatch)
    draft_waiting(session, found)


def test_what_comes_out_as_before_is_left_alone(
    services: Services,
    session: Session,
    administrator: Actor,
    reviewer: Actor,
    drafted: tuple[Document, list[UUID]],
) -> None:
    document, events = drafted
    reviews.decide(session, events[0], Verdict("fix", {"modality": "planned"}), revision=1, by=reviewer)
    redraft(services, session, document, administrator, [visit(), border_incident()])
    assert records.get(session, events[0], by=reviewer).event.state == "approved"
    assert reviews.item_of(session, events[0], by=reviewer).decided_at
    assert [len(records.history(session, one, by=reviewer)) for one in events] == [2, 1]


def test_a_decided_record_that_comes_out_differently_is_looked_at_again_and_stays_published(
    services: Services,
    session: Session,
    administrator: Actor,
    reviewer: Actor,
    drafted: tuple[Document, list[UUID]],
) -> None:
    document, events = drafted
    for one in events:
        reviews.decide(session, one, APPROVE, revision=1, by=reviewer)
    redraft(services, session, document, administrator, [replace(visit(), modality="planned"), border_incident()])
    item = reviews.item_of(session, events[0], by=reviewer)
    assert item.decided_at is None
    assert item.note == "The machine drafts this differently now."
    record = records.get(session, events[0], by=reviewer).to_json()
    assert (record["state"], record["modality"], record["draft"]["modality"]) == ("approved", "occurred", "planned")
    lease = claims.claim_next(session, by=reviewer, seconds=60)
    assert lease
    assert lease.event_id == events[0]
    reviews.decide(session, events[0], Verdict("fix", {"modality": "planned"}), revision=2, by=reviewer)
    record = records.get(session, events[0], by=reviewer).to_json()
    assert (record["state"], record["revision"], record["modality"]) == ("approved", 4, "planned")


def test_a_draft_that_nobody_decided_becomes_the_new_one(
    services: Services,
    session: Session,
    administrator: Actor,
    reviewer: Actor,
    drafted: tuple[Document, list[UUID]],
) -> None:
    document, events = drafted
    redraft(services, session, document, administrator, [replace(visit(), modality="planned"), border_incident()])
    record = records.get(session, events[0], by=reviewer).to_json()
    assert (record["revision"], record["modality"], record["extractor"]["version"]) == (2, "planned", "test 2")
    assert record["review"] is None


def test_a_record_that_was_sent_back_is_drafted_again_or_gone(
    session: Session, reviewer: Actor, drafted: tuple[Document, list[UUID]]
) -> None:
    _, events = drafted
    for one in events:
        reviews.decide(session, one, Verdict("send_back", reason_text="The date is wrong."), revision=1, by=reviewer)
        with pytest.raises(BeingDraftedError):
            claims.claim(session, one, by=reviewer, seconds=60)
    assert claims.claim_next(session, by=reviewer, seconds=60) is None
    draft_waiting(session, [visit()])
    again, gone = (records.get(session, one, by=reviewer).event for one in events)
    assert (again.state, again.revision) == ("draft", 2)
    assert gone.state == "superseded"
    item = reviews.item_of(session, events[0], by=reviewer)
    assert (item.stage, item.note) == ("first", "The date is wrong.")


def test_what_a_person_made_cannot_be_sent_back(
    session: Session, reviewer: Actor, drafted: tuple[Document, list[UUID]]
) -> None:
    _, new = additions.split(session, drafted[1][1], [], revision=1, by=reviewer, seconds=60)
    with pytest.raises(TransitionError):
        reviews.decide(session, new.event_id, Verdict("send_back"), revision=1, by=reviewer)


def test_an_approval_is_not_undone_once_the_machine_drafts_differently(
    services: Services,
    session: Session,
    administrator: Actor,
    reviewer: Actor,
    drafted: tuple[Document, list[UUID]],
) -> None:
    reviews.decide(session, drafted[1][0], APPROVE, revision=1, by=reviewer)
    redraft(services, session, drafted[0], administrator, [replace(visit(), modality="planned"), border_incident()])
    assert list(undoing.undoable(session, by=reviewer)) == []


def test_documents_of_an_older_version_are_drafted_again(
    services: Services, session: Session, administrator: Actor, drafted: tuple[Document, list[UUID]]
) -> None:
    assert documents.redraft_outdated(session, by=administrator, limit=10) == 0
    create_document(services, administrator, STORY + "Again.")
    draft_waiting(session, [])  # by a newer version
    assert documents.redraft_outdated(session, by=administrator, limit=10) == 1
    draft_waiting(session, [visit(), border_incident()])
    assert documents.redraft_outdated(session, by=administrator, limit=10) == 0


def test_sending_back_and_drafting_wait_for_each_other_in_one_order(
    services: Services, session: Session, reviewer: Actor, drafted: tuple[Document, list[UUID]]
) -> None:
    """Whoever sends a record back waits for the worker that has its document, and keeps no record from him."""
    document, events = drafted
    with ThreadPoolExecutor(1) as pool:
        with session.begin():
            documents.draft_again(session, document.id)
            sent = pool.submit(send_back, services, events[0], reviewer)
            while not session.scalar(text("select count(*) from pg_locks where not granted")):
                time.sleep(0.01)
            item = select(ReviewItem.event_id).where(ReviewItem.event_id == events[0])
            assert session.scalar(item.with_for_update(nowait=True)) == events[0]
        sent.result()
    assert reviews.item_of(session, events[0], by=reviewer).stage == "redraft"


def send_back(services: Services, event_id: UUID, by: Actor) -> None:
    with services.sessions() as session:
        reviews.decide(session, event_id, Verdict("send_back"), revision=1, by=by)


def test_records_are_split_while_a_worker_has_their_document(
    services: Services, session: Session, reviewer: Actor, drafted: tuple[Document, list[UUID]]
) -> None:
    document, events = drafted
    with services.sessions() as worker, worker.begin():
        documents.draft_again(worker, document.id)
        session.execute(text("set lock_timeout = '1s'"))
        session.commit()
        assert additions.split(session, events[1], ["participants/1"], revision=1, by=reviewer, seconds=60)
