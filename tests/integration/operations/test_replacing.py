"""New versions of a document: what stands in them as before is kept, what does not is reviewed again, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.errors import AlreadyDecidedError, NothingToUndoError, RevisionChangedError, TransitionError
from service.operations import (
    additions,
    audit,
    claims,
    documents,
    drafting,
    feed,
    records,
    reviews,
    second_reading,
    undoing,
)
from service.operations.actor import Actor
from service.operations.drafting import Drafts, Job
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import Document
from tests.conftest import create_actor
from tests.factories import STORY, border_incident, create_decision, create_document, create_pair, story_records, visit
from workers.extraction.records import EventRecord

NAME = "wire/17"
LONGER = f"Corrected at noon.\n\n{STORY}"
OTHER_DAY = LONGER.replace("on Tuesday", "on Wednesday")
WITHOUT_VISIT = LONGER[: LONGER.index("NORVALE")] + STORY[STORY.index("Hours") :]


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


def send(services: Services, by: Actor, text: str, **more: Any) -> Document:
    return create_document(services, by, text, external_id=NAME, **more)


def take(session: Session) -> list[Job]:
    return drafting.take(session, documents=9, characters=1_000_000, lease=60, attempts=3)


def draft(session: Session, found: Sequence[EventRecord]) -> list[UUID]:
    (job,) = take(session)
    return drafting.record(session, job, Drafts(found, (), "test", "no parser"))


@pytest.fixture
def story(services: Services, session: Session, administrator: Actor) -> tuple[Document, list[UUID]]:
    """The first version, with a visit and a border incident that wait."""
    document = send(services, administrator, STORY)
    return document, draft(session, story_records())


def item_of(session: Session, event_id: UUID, by: Actor) -> Any:
    return reviews.item_of(session, event_id, by=by)


def published(session: Session, by: Actor) -> dict[str, Any]:
    """What a reader of the feed has, each quote proven in the text that its record names."""
    kept: dict[str, Any] = {}
    for line in feed.find(session, by=by, limit=1000):
        row = json.loads(line.json)
        if row["op"] == "retract":
            kept.pop(row["event"]["id"])
            continue
        kept[row["event"]["id"]] = row["event"]
        of = documents.get_with_text(session, UUID(row["event"]["document"]["id"]), by=by)
        assert row["event"]["document"]["text_sha256"] == of.text_sha256
        for item in [*row["event"]["evidence"], *((row["event"]["draft"] or {}).get("evidence", []))]:
            assert of.text[item["start"] : item["end"]] == item["quote"]
    return kept


def test_versions_are_told_on_each_of_them(services: Services, session: Session, administrator: Actor) -> None:
    first, second, third = (send(services, administrator, f"Version {n}.") for n in (1, 2, 3))
    assert [one.replaces for one in (first, second, third)] == [None, first.id, second.id]
    told = documents.versions(session, [first, third])
    assert told == {one.id: [first.id, second.id, third.id] for one in (first, third)}
    assert documents.beside(session, second) == (first.id, third.id)


def test_a_version_is_of_the_same_name_and_account_and_of_other_bytes(
    services: Services, session: Session, administrator: Actor
) -> None:
    first = send(services, administrator, "Version 1.")
    other = create_actor(services, "otto", "administrator")
    assert send(services, other, "Version 2.").replaces is None
    assert create_document(services, administrator, "Version 3.", external_id="another").replaces is None
    assert create_document(services, administrator, "Version 4.").replaces is None
    assert send(services, administrator, "Version 1.").id == first.id


def test_of_versions_that_come_at_once_each_replaces_another(services: Services, administrator: Actor) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda n: send(services, administrator, f"Version {n}."), range(16)))
    replaced = [one.replaces for one in sent]
    assert replaced.count(None) == 1
    assert len(set(replaced)) == 16
    assert len({one.series for one in sent}) == 1


def test_the_database_refuses_two_versions_of_the_same_one(
    services: Services, session: Session, administrator: Actor
) -> None:
    for n in (1, 2, 3):
        send(services, administrator, f"Version {n}.")
    with pytest.raises(IntegrityError, match="uq_documents_replaces"), services.sessions.begin() as session:
        session.execute(sql("update documents set replaces = series where replaces is not null"))


def test_what_stands_as_before_keeps_id_and_decision_in_the_new_text(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    _, (visit_id, incident_id) = story
    create_decision(services, visit_id, "fix", changes={"modality": "planned"}, by=reviewer)
    create_decision(services, incident_id, "reject", reason="not_an_event", by=reviewer)
    new = send(services, administrator, LONGER)
    assert draft(session, story_records(LONGER)) == []
    kept = published(session, administrator)[str(visit_id)]
    assert (kept["document"]["id"], kept["modality"], kept["review"]["decision"]) == (str(new.id), "planned", "fixed")
    assert kept["review"]["reviewer"] == reviewer.username
    assert kept["draft"]["modality"] == "occurred"
    states = [records.get(session, one, by=reviewer).event.state for one in (visit_id, incident_id)]
    assert states == ["approved", "rejected"]
    assert all(item_of(session, one, reviewer).decided_at for one in (visit_id, incident_id))
    assert [one["document"] for one in records.history(session, visit_id, by=reviewer)][-1] == str(new.id)


def test_what_the_new_text_says_differently_stays_in_force_and_comes_back(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    old, (visit_id, incident_id) = story
    for one in (visit_id, incident_id):
        create_decision(services, one, by=reviewer)
    new = send(services, administrator, OTHER_DAY)
    assert draft(session, [other_day(), border_incident(OTHER_DAY)]) == []
    item = item_of(session, visit_id, reviewer)
    assert (item.decided_at, item.note) == (None, "The newest version of the document says this differently.")
    kept = published(session, administrator)
    assert (kept[str(visit_id)]["document"]["id"], kept[str(visit_id)]["draft"]) == (str(old.id), None)
    assert kept[str(incident_id)]["document"]["id"] == str(new.id)
    lease = claims.claim(session, visit_id, by=reviewer, seconds=60)
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=reviewer, seconds=60)
    verdict = Verdict("approve", take_draft=True)
    reviews.decide(session, visit_id, verdict, revision=2, by=reviewer, lease=lease.number)
    kept = published(session, administrator)
    assert (kept[str(visit_id)]["document"]["id"], kept[str(visit_id)]["date"]["text"]) == (str(new.id), "on Wednesday")
    undoing.undo(session, by=reviewer, seconds=60)
    back = records.get(session, visit_id, by=reviewer)
    assert (back.current.document_id, back.event.state, back.to_json()["date"]["text"]) == (
        old.id, "approved", "on Tuesday"
    )  # fmt: skip


def other_day() -> EventRecord:
    found = visit(OTHER_DAY.replace("on Wednesday", "on Tuesday"))
    shift = len("Wednesday") - len("Tuesday")
    moved = [
        replace(one, quote="on Wednesday", end=one.end + shift)
        if one.field == "date"
        else replace(one, start=one.start + shift, end=one.end + shift)
        if one.start > OTHER_DAY.index("Wednesday")
        else one
        for one in found.evidence
    ]
    assert found.date
    return replace(found, date=replace(found.date, text="on Wednesday"), evidence=tuple(moved))


def test_who_approves_it_as_it_is_leaves_it_on_the_old_text_also_in_later_versions(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    old, (visit_id, _) = story
    create_decision(services, visit_id, by=reviewer)
    send(services, administrator, OTHER_DAY)
    draft(session, [other_day(), border_incident(OTHER_DAY)])
    reviews.decide(session, visit_id, Verdict("approve"), revision=2, by=reviewer)
    third = f"{OTHER_DAY}The end.\n"
    send(services, administrator, third)
    draft(session, [other_day(), border_incident(third)])
    item, kept = item_of(session, visit_id, reviewer), published(session, administrator)[str(visit_id)]
    assert item.decided_at
    assert kept["document"]["id"] == str(old.id)


def test_what_is_not_in_the_new_text_stays_published_on_the_old_one_and_comes_back(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    old, (visit_id, incident_id) = story
    for one in (visit_id, incident_id):
        create_decision(services, one, by=reviewer)
    send(services, administrator, WITHOUT_VISIT)
    draft(session, [border_incident(WITHOUT_VISIT)])
    item = item_of(session, visit_id, reviewer)
    assert (item.decided_at, item.note) == (None, "Not in the newest version of the document.")
    assert published(session, administrator)[str(visit_id)]["document"]["id"] == str(old.id)
    reviews.decide(session, visit_id, Verdict("reject", reason="not_in_text"), revision=2, by=reviewer)
    assert list(published(session, administrator)) == [str(incident_id)]


def test_drafts_that_nobody_decided_are_superseded_by_those_of_the_new_version(
    services: Services,
    session: Session,
    administrator: Actor,
    reviewer: Actor,
    second_reviewer: Actor,
    story: tuple[Document, list[UUID]],
) -> None:
    _, old = story
    held = claims.claim(session, old[0], by=reviewer, seconds=60)
    send(services, administrator, LONGER)
    new = draft(session, story_records(LONGER))
    assert len(new) == 2
    ended = [records.get(session, one, by=reviewer).event for one in old]
    assert [(one.state, one.superseded_by) for one in ended] == [("superseded", one) for one in new]
    with pytest.raises(AlreadyDecidedError):
        claims.claim(session, old[0], by=second_reviewer, seconds=60)
    with pytest.raises(TransitionError):
        reviews.decide(session, old[0], Verdict("approve"), revision=1, by=reviewer, lease=held.number)
    leases = [claims.claim_next(session, by=one, seconds=60) for one in (reviewer, second_reviewer)]
    assert {lease.event_id for lease in leases if lease} == set(new)
    assert published(session, administrator) == {}


def test_readings_of_two_people_begin_anew_and_their_decisions_on_the_old_one_cannot_be_undone(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    send(services, administrator, STORY)
    first, disputed = draft(session, [visit(), replace(visit(), evidence=(*visit().evidence,), modality="planned")])
    create_decision(services, first, by=reviewer)
    create_decision(services, disputed, by=reviewer)
    create_decision(services, disputed, "reject", reason="other", by=second_reviewer)
    send(services, administrator, LONGER)
    new = draft(session, [visit(LONGER)])
    assert len(new) == 1
    states = [records.get(session, one, by=reviewer).event.state for one in (first, disputed)]
    assert states == ["superseded", "superseded"]
    for person in (reviewer, second_reviewer):
        assert undoing.undoable(session, by=person) == []
    assert item_of(session, new[0], reviewer).readers == []


def test_a_late_undo_and_a_late_save_find_that_the_record_has_moved(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    _, (visit_id, _) = story
    create_decision(services, visit_id, by=reviewer)
    send(services, administrator, LONGER)
    draft(session, story_records(LONGER))
    with pytest.raises(NothingToUndoError):
        undoing.undo(session, by=reviewer, seconds=60)
    with pytest.raises(RevisionChangedError):
        reviews.decide(session, visit_id, Verdict("fix", {"modality": "planned"}), revision=2, by=reviewer)
    now = records.get(session, visit_id, by=reviewer).event.revision
    reviews.decide(session, visit_id, Verdict("fix", {"modality": "planned"}), revision=now, by=reviewer)
    undoing.undo(session, by=reviewer, seconds=60)
    assert published(session, administrator)[str(visit_id)]["modality"] == "occurred"


@pytest.mark.parametrize(
    ("text", "moves"), [(LONGER, True), (f"{STORY} They soldiers of Norvale crossed the Grey Line.", False)]
)
def test_what_a_person_made_moves_where_its_words_stand_once(
    services: Services,
    session: Session,
    administrator: Actor,
    reviewer: Actor,
    story: tuple[Document, list[UUID]],
    text: str,
    moves: bool,
) -> None:
    old, _ = story
    start = STORY.index("crossed the Grey Line into") if moves else STORY.index("Grey Line")
    words = {"field": "trigger", "start": start, "end": start + 9}
    wanted = {"details/action": "crossing", "evidence": [words]}
    made = additions.add(session, old.id, "border_incident", wanted, by=reviewer, seconds=60).event_id
    create_decision(services, made, by=reviewer)
    sentence = text.replace("wounding two guards", "wounding three guards")  # its sentence is another one
    new = send(services, administrator, sentence)
    draft(session, [])
    item, record = item_of(session, made, reviewer), published(session, administrator)[str(made)]
    assert record["document"]["id"] == str(new.id if moves else old.id)
    assert (item.decided_at is not None, item.note is None) == (moves, moves)


def test_a_version_waits_for_the_drafting_of_the_one_before(
    services: Services, session: Session, administrator: Actor
) -> None:
    first, second, third = (send(services, administrator, text) for text in (STORY, LONGER, f"{LONGER}End.\n"))
    for document in (first, second, third):
        (job,) = take(session)
        assert job.document_id == document.id
        assert take(session) == []
        drafting.record(session, job, Drafts([], (), "test", "no parser"))


def test_a_version_that_fails_is_passed_over_and_what_it_brings_later_is_left_out(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    _, (visit_id, _) = story
    create_decision(services, visit_id, by=reviewer)
    failing, newest = send(services, administrator, OTHER_DAY), send(services, administrator, LONGER)
    for _ in range(3):
        (job,) = take(session)
        assert job.document_id == failing.id
        drafting.fail(session, job, "parser_error", "", attempts=3)
    assert published(session, administrator)[str(visit_id)]["document"]["id"] != str(failing.id)
    draft(session, story_records(LONGER))
    assert published(session, administrator)[str(visit_id)]["document"]["id"] == str(newest.id)
    documents.replay(session, failing.id, by=administrator, dispatch=services.dispatch)
    assert draft(session, [other_day()]) == []
    assert published(session, administrator)[str(visit_id)]["document"]["id"] == str(newest.id)


def test_drafting_an_old_or_a_new_version_again_brings_nothing_twice(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    old, (visit_id, _) = story
    create_decision(services, visit_id, by=reviewer)
    new = send(services, administrator, LONGER)
    assert len(draft(session, story_records(LONGER))) == 1
    for document, text in ((old, STORY), (new, LONGER), (new, LONGER)):
        documents.redraft(session, document.id, by=administrator, dispatch=services.dispatch)
        assert draft(session, story_records(text)) == []
    assert item_of(session, visit_id, reviewer).decided_at


def test_a_retracted_record_stays_retracted_where_the_new_version_says_the_same(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    _, (visit_id, _) = story
    create_decision(services, visit_id, by=reviewer)
    create_decision(services, visit_id, "reject", reason="duplicate", by=reviewer, revision=2)
    send(services, administrator, LONGER)
    new = draft(session, story_records(LONGER))
    assert [records.get(session, one, by=reviewer).event.type for one in new] == ["border_incident"]
    assert records.get(session, visit_id, by=reviewer).event.state == "retracted"
    send(services, administrator, OTHER_DAY)
    again = draft(session, [other_day(), border_incident(OTHER_DAY)])
    assert len(again) == 2  # it says it differently now: a draft of its own
    assert records.get(session, visit_id, by=reviewer).event.state == "retracted"


def test_a_pair_of_readings_that_agreed_moves_as_one_decision(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, second_reviewer: Actor
) -> None:
    send(services, administrator, "Another one.")
    draft(session, [])
    event_id = create_pair(services, administrator, (reviewer, second_reviewer))
    of = records.get(session, event_id, by=reviewer).event.document_id
    documents.change(session, of, {"external_id": NAME}, by=administrator, dispatch=services.dispatch)
    send(services, administrator, LONGER)
    assert draft(session, [visit(LONGER)]) == []
    assert published(session, administrator)[str(event_id)]["review"]["reviewer"] == reviewer.username


def test_the_audit_tells_what_became_of_each_record(
    services: Services, session: Session, administrator: Actor, reviewer: Actor, story: tuple[Document, list[UUID]]
) -> None:
    old, (visit_id, incident_id) = story
    create_decision(services, visit_id, by=reviewer)
    new = send(services, administrator, LONGER)
    draft(session, story_records(LONGER))
    for subject, state, document in ((visit_id, "approved", new), (incident_id, "superseded", old)):
        wanted = audit.Wanted(subject=subject, action="event.replaced")
        (entry,) = audit.find(session, wanted, by=administrator)
        assert entry.after
        assert (entry.after["state"], entry.after["document"], entry.after["replaced"]) == (
            state, str(document.id), str(old.id)
        )  # fmt: skip
