"""The feed: whatever changes what is published is told, once, in the order of the commits, to readers of any speed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.orm import Session

from service.errors import InvalidInputError
from service.operations import (
    additions,
    bulk,
    claims,
    documents,
    drafting,
    feed,
    gold_items,
    second_reading,
    settling,
    undoing,
)
from service.operations.actor import Actor
from service.operations.bulk import Choice
from service.operations.disputes import Settlement
from service.operations.drafting import Drafts
from service.operations.reviews import Verdict
from service.services import Services
from service.store import migrate
from service.store.models import Event
from tests.conftest import create_actor
from tests.factories import (
    STORY,
    age_decisions,
    create_decision,
    create_dispute,
    create_drafted_document,
    many_visits,
    story_records,
    visit,
)
from tests.feed import check_feed, read_feed

PLANNED = {"modality": "planned"}
WRITERS, EACH = 8, 6


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


@pytest.fixture
def story(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


def told(services: Services, by: Actor) -> list[tuple[str, str, int, str | None]]:
    """The feed in short: what, of which record, at which revision, and why."""
    return [
        (change["op"], change["event"]["id"], change["event"]["revision"], change.get("reason"))
        for change in read_feed(services, by)
    ]


def test_drafts_and_rejected_drafts_are_not_told(services: Services, reviewer: Actor, story: list[UUID]) -> None:
    create_decision(services, story[0], "reject", reason="duplicate", by=reviewer)
    assert told(services, reviewer) == []


def test_approvals_corrections_and_retractions_are_told(services: Services, reviewer: Actor, story: list[UUID]) -> None:
    one, other = map(str, story)
    create_decision(services, story[0], by=reviewer)
    create_decision(services, story[1], "fix", changes=PLANNED, by=reviewer)
    create_decision(services, story[0], "fix", changes=PLANNED, by=reviewer, revision=2)
    create_decision(services, story[0], "reject", reason="duplicate", by=reviewer, revision=3)
    assert told(services, reviewer) == [
        ("put", one, 2, None),
        ("put", other, 2, None),
        ("put", one, 3, None),
        ("retract", one, 4, "duplicate"),
    ]
    first, *_, tombstone = read_feed(services, reviewer)
    assert (first["event"]["modality"], first["event"]["state"]) == ("occurred", "approved")
    assert {**tombstone, "at": ""} == {
        "seq": 4,
        "op": "retract",
        "event": {"id": one, "revision": 4},
        "reason": "duplicate",
        "superseded_by": None,
        "at": "",
    }


def test_what_is_undone_is_told(session: Session, services: Services, reviewer: Actor, story: list[UUID]) -> None:
    event = str(story[0])
    create_decision(services, story[0], by=reviewer)
    create_decision(services, story[0], "reject", reason="duplicate", by=reviewer, revision=2)
    undoing.undo(session, by=reviewer, seconds=60)
    undoing.undo(session, by=reviewer, seconds=60)
    assert told(services, reviewer) == [
        ("put", event, 2, None),
        ("retract", event, 3, "duplicate"),
        ("put", event, 4, None),
        ("retract", event, 5, "undone"),
    ]


def test_a_rejected_record_that_is_approved_after_all_is_told(
    services: Services, reviewer: Actor, story: list[UUID]
) -> None:
    create_decision(services, story[0], "reject", reason="duplicate", by=reviewer)
    create_decision(services, story[0], by=reviewer, revision=2)
    assert told(services, reviewer) == [("put", str(story[0]), 3, None)]


def test_two_readers_publish_when_both_have_read(
    services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    with services.sessions() as session:
        second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    _, (event_id,) = create_drafted_document(services, administrator, STORY, [visit()])
    create_decision(services, event_id, by=reviewer)
    assert told(services, reviewer) == []
    create_decision(services, event_id, by=second_reviewer)
    assert [one[:2] for one in told(services, reviewer)] == [("put", str(event_id))]


def test_a_settled_dispute_is_told(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    answers = Verdict("approve"), Verdict("fix", PLANNED)
    event_id = create_dispute(services, administrator, (reviewer, second_reviewer), *answers)
    assert told(services, reviewer) == []
    judge = create_actor(services, "judith", "adjudicator")
    number = settling.settle(session, event_id, Settlement({}, {"modality": "alleged"}), revision=1, by=judge)
    assert told(services, reviewer) == [("put", str(event_id), number, None)]
    assert read_feed(services, reviewer)[0]["event"]["review"]["decision"] == "settled"


def test_decisions_on_many_are_told_and_so_is_their_undo(
    session: Session, services: Services, reviewer: Actor, story: list[UUID]
) -> None:
    batch = bulk.decide(session, [Choice(one, 1) for one in story], Verdict("approve"), by=reviewer)
    undoing.undo(session, by=reviewer, seconds=60, batch_id=batch)
    ops = [(op, event) for op, event, *_ in told(services, reviewer)]
    assert ops[:2] == [("put", str(one)) for one in story]
    assert sorted(ops[2:]) == sorted(("retract", str(one)) for one in story)


def test_a_published_record_that_became_part_of_another_names_it(
    session: Session, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    content, records = many_visits(2)
    _, (kept, gone) = create_drafted_document(services, administrator, content, records)
    create_decision(services, gone, by=reviewer)
    undoing.undo(session, by=reviewer, seconds=60)
    merged = additions.merge(session, kept, gone, revision=1, by=reviewer)
    create_decision(services, kept, by=reviewer, revision=merged)
    changes = read_feed(services, reviewer)
    assert [(change["op"], change.get("reason")) for change in changes] == [
        ("put", None),
        ("retract", "undone"),
        ("retract", "merged"),
        ("put", None),
    ]
    assert (changes[2]["event"]["id"], changes[2]["superseded_by"]) == (str(gone), str(kept))
    undoing.undo(session, by=reviewer, seconds=60)
    undoing.undo(session, by=reviewer, seconds=60)
    assert [(c["event"]["id"], c["reason"], c["superseded_by"]) for c in read_feed(services, reviewer, after=4)] == [
        (str(kept), "undone", None),
        (str(gone), "undone", None),
    ]


def test_a_draft_that_changes_beside_a_published_record_is_told(
    session: Session, services: Services, administrator: Actor, reviewer: Actor
) -> None:
    document, (event_id,) = create_drafted_document(services, administrator, STORY, [visit()])
    create_decision(services, event_id, "fix", changes=PLANNED, by=reviewer)
    documents.redraft(session, document.id, by=administrator, dispatch=services.dispatch)
    (job,) = drafting.take(session, documents=1, characters=1_000_000, lease=60, attempts=3)
    drafting.record(session, job, Drafts([replace(visit(), modality="alleged")], (), "test 2", "no parser"))
    first, second = (change["event"] for change in read_feed(services, reviewer))
    assert (first["revision"], first["draft"]["modality"], first["extractor"]["version"]) == (2, "occurred", "test")
    assert (second["revision"], second["draft"]["modality"], second["extractor"]["version"]) == (2, "alleged", "test 2")


def test_hidden_checks_are_never_told(
    session: Session, services: Services, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    judge = create_actor(services, "judith", "adjudicator")
    _, (original,) = create_drafted_document(services, administrator, STORY, [visit()])
    create_decision(services, original, by=second_reviewer)
    gold_items.mark(session, original, by=judge)
    second_reading.set_rules(session, "visit", 0.0, 1.0, by=administrator)
    create_drafted_document(services, administrator, STORY + "More.", story_records(STORY + "More."))
    lease = claims.claim_next(session, by=reviewer, seconds=60)
    assert lease
    with session.begin():
        assert session.get_one(Event, lease.event_id).gold_of == original
    create_decision(services, lease.event_id, by=reviewer)
    age_decisions(services)
    assert [one[:2] for one in told(services, reviewer)] == [("put", str(original))]


def test_what_is_rolled_back_is_not_told(session: Session, reviewer: Actor, story: list[UUID]) -> None:
    session.execute(text("update events set state = 'approved'"))
    session.rollback()
    assert feed.find(session, by=reviewer, limit=9) == []


def test_several_changes_in_one_transaction_are_told_as_one(
    services: Services, session: Session, reviewer: Actor, story: list[UUID]
) -> None:
    """What counts is how the record stands when the transaction commits."""
    create_decision(services, story[0], by=reviewer)
    with session.begin():
        for state in ("retracted", "approved"):
            session.execute(text("update events set state = :state where id = :id"), {"state": state, "id": story[0]})
    assert told(services, reviewer) == [("put", str(story[0]), 2, None)]


def without_originals(row: dict[str, Any]) -> dict[str, Any]:
    """Where evidence stands in the original is younger than the feed: what is migrated has none."""
    bare = {**row, "evidence": [{**item, "original": None} for item in row["evidence"]]}
    return {**bare, "draft": without_originals(row["draft"])} if row.get("draft") else bare


def test_the_migration_tells_what_is_approved_already(services: Services, reviewer: Actor, story: list[UUID]) -> None:
    create_decision(services, story[1], by=reviewer)
    create_decision(services, story[0], by=reviewer)
    before = [without_originals(change["event"]) for change in read_feed(services, reviewer)]
    configuration = migrate.configuration(services.settings.database_url)
    command.downgrade(configuration, "0010")
    migrate.upgrade(services.settings.database_url)
    assert [without_originals(change["event"]) for change in read_feed(services, reviewer)] == before
    check_feed(services, reviewer)


def test_a_reader_who_is_ahead_of_a_restored_database_is_told(
    session: Session, reviewer: Actor, story: list[UUID]
) -> None:
    with pytest.raises(InvalidInputError):
        feed.find(session, by=reviewer, after=1, limit=1)


# Many at once


def test_readers_of_any_speed_see_every_change_once_in_order(
    services: Services, administrator: Actor, reviewer: Actor
) -> None:
    """Transactions that begin together, change records, and end in any order; readers with pages from 1 to 1,000."""
    content, records = many_visits(WRITERS * EACH)
    _, events = create_drafted_document(services, administrator, content, records)
    together, done = threading.Barrier(WRITERS), threading.Event()

    def write(mine: list[UUID]) -> None:
        for event_id in mine:
            together.wait()
            create_decision(services, event_id, by=reviewer)
            create_decision(services, event_id, "reject", reason="duplicate", by=reviewer, revision=2)

    def read(limit: int) -> list[int]:
        seen: list[int] = []
        while True:
            is_last = done.is_set()
            with services.sessions() as session:
                page = feed.find(session, by=reviewer, after=seen[-1] if seen else feed.START, limit=limit)
            seen += [one.seq for one in page]
            if is_last and not page:
                return seen

    with ThreadPoolExecutor(WRITERS + 4) as pool:
        readers = [pool.submit(read, limit) for limit in (1, 2, 7, 1000)]
        for writing in [pool.submit(write, events[i::WRITERS]) for i in range(WRITERS)]:
            writing.result()
        done.set()
        for reading in readers:
            assert reading.result() == list(range(1, 2 * WRITERS * EACH + 1))


def test_transactions_are_numbered_as_they_commit_not_as_they_begin(
    services: Services, reviewer: Actor, story: list[UUID]
) -> None:
    """One that changed its record first and commits last keeps nobody waiting meanwhile, and comes last."""
    with services.sessions() as slow, services.sessions() as quick:
        for state, session in (("approved", slow), ("approved", quick)):
            event_id = story[0] if session is slow else story[1]
            session.execute(text("update events set state = :state where id = :id"), {"state": state, "id": event_id})
        quick.commit()
        assert [event for _, event, *_ in told(services, reviewer)] == [str(story[1])]
        slow.commit()
    assert [event for _, event, *_ in told(services, reviewer)] == [str(story[1]), str(story[0])]
    with services.sessions() as session:  # as the audit has it
        session.execute(text("update events set state = 'draft'"))
        session.commit()
