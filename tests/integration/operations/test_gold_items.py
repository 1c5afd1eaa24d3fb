"""Hidden checks: who gets which, that nothing tells them from other items, and how they are scored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.errors import NotFoundError, NotGoldError, NotMergeableError, ScopeMissingError
from service.operations import (
    additions,
    claims,
    comments,
    documents,
    drafting,
    gold_items,
    records,
    reviews,
    search,
    second_reading,
    undoing,
)
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.operations.drafting import Drafts
from service.operations.gold_items import Score
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import AuditEntry, Event, ReviewItem
from tests.conftest import create_actor
from tests.factories import STORY, age_decisions, create_drafted_document, story_records, visit

APPROVE = Verdict("approve")
REJECT = Verdict("reject", reason="not_an_event")
PLANNED = Verdict("fix", {"modality": "planned", "date/edtf": "2024-06-18"})


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


@pytest.fixture
def judge(services: Services) -> Actor:
    return create_actor(services, "judith", "adjudicator")


@pytest.fixture
def gold(session: Session, services: Services, administrator: Actor, second_reviewer: Actor, judge: Actor) -> UUID:
    """A visit that theo fixed, judith marked, and of which others are handed copies in place of each visit."""
    visit_id = create_drafted_document(services, administrator)[1][0]
    reviews.decide(session, visit_id, PLANNED, revision=1, by=second_reviewer)
    gold_items.mark(session, visit_id, by=judge)
    second_reading.set_rules(session, "visit", 0.0, 1.0, by=administrator)
    return visit_id


@pytest.fixture
def waiting(services: Services, administrator: Actor, gold: UUID) -> UUID:
    """A visit of another document that waits for its first reader."""
    story = f"{STORY}Again."
    return create_drafted_document(services, administrator, story, [visit(story)])[1][0]


@pytest.fixture
def check(session: Session, reviewer: Actor, waiting: UUID) -> UUID:
    """The copy that rosa is handed, and holds."""
    return take(session, reviewer)


def take(session: Session, by: Actor) -> UUID:
    lease = claims.claim_next(session, by=by, seconds=60, wanted=Wanted(["visit"]))
    assert lease
    return lease.event_id


def gold_of(session: Session, event_id: UUID) -> UUID | None:
    with session.begin():
        return session.get_one(Event, event_id, populate_existing=True).gold_of


def test_a_check_is_a_copy_of_the_machines_draft_that_looks_like_any_item(
    session: Session, gold: UUID, check: UUID, waiting: UUID, reviewer: Actor, judge: Actor
) -> None:
    assert gold_of(session, check) == gold
    copy, draft = (records.get(session, one, by=reviewer).to_json() for one in (check, gold))
    assert (copy["state"], copy["revision"], copy["review"]) == ("draft", 1, None)
    assert {name: copy["draft"][name] for name in draft["draft"]} == draft["draft"]
    assert (copy["modality"], copy["document"], copy["extractor"]) == (
        "occurred",
        draft["document"],
        draft["extractor"],
    )
    told = [{**entry, "record": None} for entry in records.history(session, check, by=reviewer)]
    assert told == [{**records.history(session, gold, by=judge)[0], "record": None}]
    mine, other = (reviews.item_of(session, one, by=reviewer) for one in (check, waiting))
    assert (mine.stage, mine.note, mine.assignee_id) == ("first", None, None)
    assert (mine.created_at, mine.priority, mine.confidence) == (other.created_at, other.priority, other.confidence)
    assert check.version == 7
    assert check.int >> 80 == gold.int >> 80


def test_it_is_kept_given_back_put_off_decided_and_taken_back_like_any_item(
    session: Session, check: UUID, reviewer: Actor, services: Services
) -> None:
    number = claims.claim(session, check, by=reviewer, seconds=60).number
    claims.renew(session, check, number, by=reviewer, seconds=60)
    claims.release(session, check, number, by=reviewer)
    assert take(session, reviewer) == check
    reviews.decide(session, check, APPROVE, revision=1, by=reviewer)
    assert [decision.event_id for decision in reviews.decided_today(session, by=reviewer)] == [check]
    undone = undoing.undo(session, by=reviewer, seconds=60)
    assert undone.lease
    assert undone.lease.event_id == check
    claims.skip(session, check, undone.lease.number, by=reviewer)
    assert take(session, reviewer) != check


def test_it_is_not_there_for_anybody_else(
    session: Session, services: Services, check: UUID, gold: UUID, reviewer: Actor, second_reviewer: Actor
) -> None:
    claims.release(session, check, claims.claim(session, check, by=reviewer, seconds=60).number, by=reviewer)
    document_id = records.get(session, gold, by=reviewer).event.document_id
    for attempt in (
        lambda: records.get(session, check, by=second_reviewer),
        lambda: records.history(session, check, by=second_reviewer),
        lambda: reviews.item_of(session, check, by=second_reviewer),
        lambda: comments.find(session, check, by=second_reviewer),
        lambda: claims.claim(session, check, by=second_reviewer, seconds=60),
        lambda: claims.take_over(session, check, by=second_reviewer, seconds=60),
        lambda: claims.assign(session, check, "theo", by=second_reviewer),
        lambda: claims.prioritize(session, check, 9, by=second_reviewer),
        lambda: reviews.decide(session, check, APPROVE, revision=1, by=second_reviewer),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert {gold_of(session, take(session, second_reviewer))} == {None}
    listed = [record.event.id for record in records.find(session, by=second_reviewer, document_id=document_id)]
    assert gold in listed
    assert check not in listed


def test_it_is_never_published_and_what_it_copies_stays_so(
    session: Session, check: UUID, gold: UUID, reviewer: Actor, administrator: Actor
) -> None:
    for verdict in (None, APPROVE):
        if verdict:
            reviews.decide(session, check, verdict, revision=1, by=reviewer)
        for by in (reviewer, administrator):
            assert [record.event.id for record in records.find(session, by=by, state="approved")] == [gold]
            assert [record.event.id for record in records.export(session, by=by)] == [gold]
    assert reviews.count_waiting(session, by=administrator)["visit"] == 1


def seen_beside(session: Session, document_id: UUID, by: Actor) -> set[UUID]:
    """The document's visits, wherever this person comes upon them."""
    found = search.search(session, search.Wanted("Larsen", kind="record"), by=by)
    listed = {record.event.id for record in records.find(session, by=by, document_id=document_id, type="visit")}
    searched = {one.record.event.id for one in found if one.record and one.document.id == document_id}
    assert listed == searched
    return listed


def test_its_original_is_not_shown_beside_it_until_it_cannot_be_undone(
    session: Session, services: Services, check: UUID, gold: UUID, reviewer: Actor, second_reviewer: Actor
) -> None:
    document_id = records.get(session, gold, by=second_reviewer).event.document_id
    counts = documents.count_events(session, [document_id], by=reviewer)[document_id]
    assert counts == {"draft": 2}
    assert seen_beside(session, document_id, reviewer) == {check}
    assert seen_beside(session, document_id, second_reviewer) == {gold}
    reviews.decide(session, check, APPROVE, revision=1, by=reviewer)
    assert seen_beside(session, document_id, reviewer) == {check}
    age_decisions(services)
    assert seen_beside(session, document_id, reviewer) == {gold}
    assert records.get(session, check, by=reviewer).event.state == "approved"


def test_nobody_is_checked_on_what_he_has_decided_marked_or_been_given(
    session: Session, waiting: UUID, gold: UUID, reviewer: Actor, second_reviewer: Actor, judge: Actor
) -> None:
    for by in (second_reviewer, judge):  # who decided it, who marked it
        assert take(session, by) == waiting
        claims.release(session, waiting, claims.claim(session, waiting, by=by, seconds=60).number, by=by)
    first = take(session, reviewer)
    assert gold_of(session, first) == gold
    assert take(session, reviewer) == waiting


def test_two_claims_at_once_give_one_check(services: Services, waiting: UUID, reviewer: Actor) -> None:
    taken: list[UUID] = []

    def claim() -> None:
        with services.sessions() as session:
            lease = claims.claim_next(session, by=reviewer, seconds=60, wanted=Wanted(["visit"]))
            taken.extend([lease.event_id] if lease else [])

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with services.sessions() as session, session.begin():
        assert session.scalar(select(func.count()).where(Event.gold_of.is_not(None))) == 1
    assert len(taken) == len(set(taken))


def test_it_takes_the_place_of_an_item_and_of_none_that_must_come_next(
    session: Session, waiting: UUID, gold: UUID, administrator: Actor, reviewer: Actor
) -> None:
    second_reading.set_rules(session, "visit", 0.0, 0.0, by=administrator)
    assert take(session, reviewer) == waiting
    claims.release(session, waiting, claims.claim(session, waiting, by=reviewer, seconds=60).number, by=reviewer)
    second_reading.set_rules(session, "visit", 0.0, 1.0, by=administrator)
    document_id = records.get(session, waiting, by=reviewer).event.document_id
    going_on = Wanted(["visit"], order="document", document_id=document_id)
    lease = claims.claim_next(session, by=reviewer, seconds=60, wanted=going_on)
    assert lease
    assert lease.event_id == waiting
    assert claims.claim_next(session, by=reviewer, seconds=60, wanted=Wanted(["visit"])) is None


def test_what_is_made_of_a_check_is_no_record_either(
    session: Session, services: Services, check: UUID, gold: UUID, administrator: Actor, reviewer: Actor
) -> None:
    """Split, merged and sent back: as with any draft, and without a trace among the published."""
    document_id = records.get(session, gold, by=administrator).event.document_id
    other = additions.add(
        *(session, document_id, "visit"),
        {"details/action": "arrived", "evidence": [{"field": "trigger", "start": 0, "end": 7}]},
        by=reviewer,
        seconds=60,
    ).event_id
    for one, two in ((check, other), (other, check)):
        with pytest.raises(NotMergeableError):
            additions.merge(session, one, two, revision=1, by=reviewer)
    _, part = additions.split(session, check, ["participants/0"], revision=1, by=reviewer, seconds=60)
    assert gold_of(session, part.event_id) == gold
    reviews.decide(session, part.event_id, APPROVE, revision=1, by=reviewer)
    assert [record.event.id for record in records.export(session, by=administrator)] == [gold]
    with pytest.raises(NotFoundError):
        claims.take_over(session, part.event_id, by=administrator, seconds=60)
    undoing.undo(session, by=reviewer, seconds=60)
    undoing.undo(session, by=reviewer, seconds=60)
    reviews.decide(session, check, Verdict("send_back", reason_text="no"), revision=3, by=reviewer)
    with services.sessions() as drafter:
        (job,) = drafting.take(drafter, documents=1, characters=1_000_000, lease=60, attempts=3)
        drafting.record(drafter, job, Drafts(story_records(), (), "test", "no parser"))
    assert records.get(session, check, by=reviewer).event.state == "superseded"
    assert records.get(session, gold, by=administrator).event.state == "approved"


def test_only_decided_drafts_can_be_marked_and_not_by_everybody(
    session: Session, services: Services, gold: UUID, check: UUID, reviewer: Actor, waiting: UUID, judge: Actor
) -> None:
    for event_id in (waiting, check):
        with pytest.raises(NotGoldError):
            gold_items.mark(session, event_id, by=judge)
    reviews.decide(session, check, APPROVE, revision=1, by=reviewer)
    with pytest.raises(NotGoldError):
        gold_items.mark(session, check, by=judge)
    with pytest.raises(ScopeMissingError):
        gold_items.mark(session, gold, by=reviewer)
    gold_items.mark(session, gold, by=judge)
    assert gold_items.is_marked(session, gold, by=judge)
    gold_items.unmark(session, gold, by=judge)
    gold_items.unmark(session, gold, by=judge)
    assert not gold_items.is_marked(session, gold, by=judge)
    with session.begin():
        told = session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_id == gold).order_by(AuditEntry.number)
        )
        assert [action for action in told if action.startswith("gold")] == ["gold.marked", "gold.unmarked"]


def test_a_record_that_is_open_again_checks_nobody(
    session: Session, services: Services, waiting: UUID, gold: UUID, reviewer: Actor
) -> None:
    with session.begin():
        session.execute(update(ReviewItem).where(ReviewItem.event_id == gold).values(decided_at=None))
    assert gold_of(session, take(session, reviewer)) is None


def test_scores_tell_what_was_right_once_it_cannot_be_undone(
    session: Session, services: Services, check: UUID, reviewer: Actor, second_reviewer: Actor, judge: Actor
) -> None:
    reviews.decide(session, check, REJECT, revision=1, by=reviewer)
    undoing.undo(session, by=reviewer, seconds=60)
    almost = Verdict("fix", {"modality": "planned", "place/name": "Norvale"})
    reviews.decide(session, check, almost, revision=3, by=reviewer)
    assert gold_items.scores(session, by=reviewer, days=30) == []
    age_decisions(services)
    (score,) = gold_items.scores(session, by=reviewer, days=30)
    assert (score.reviewer, score.checks, score.decisions_right) == ("rosa", 1, 1)
    assert (score.fields_right, score.fields_wrong, score.missed) == (9, 2, {"Date": 1, "Destination": 1})
    assert gold_items.scores(session, by=judge, days=30) == [score]
    assert gold_items.scores(session, by=second_reviewer, days=30) == []
    age_decisions(services, 60 * 24 * 31)
    assert gold_items.scores(session, by=judge, days=30) == []


def test_a_rejection_of_what_is_right_is_one_wrong_decision(
    session: Session, services: Services, check: UUID, gold: UUID, reviewer: Actor, judge: Actor
) -> None:
    reviews.decide(session, check, REJECT, revision=1, by=reviewer)
    age_decisions(services)
    assert gold_items.scores(session, by=reviewer, days=30) == [Score("rosa", 1, 0, 0, 0)]
    gold_items.unmark(session, gold, by=judge)
    assert gold_items.scores(session, by=reviewer, days=30) == []


def test_a_check_asks_for_no_second_reading(
    session: Session, waiting: UUID, administrator: Actor, reviewer: Actor, judge: Actor
) -> None:
    second_reading.set_rules(session, "visit", 1.0, 1.0, by=administrator)
    check = take(session, reviewer)
    reviews.decide(session, check, APPROVE, revision=1, by=reviewer)
    assert records.get(session, check, by=reviewer).event.state == "approved"
