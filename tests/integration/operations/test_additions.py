"""Records that people make: added, split, merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NotMergeableError, RevisionChangedError
from service.operations import additions, claims, records, reviews
from service.operations.actor import Actor
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import Document
from tests.factories import STORY, border_incident, create_drafted_document, evidence
from workers.extraction.records import EventRecord, Participant

START = STORY.index("crossed")
TRIGGER = {"field": "trigger", "start": START, "end": START + len("crossed")}


@pytest.fixture
def drafted(services: Services, administrator: Actor) -> tuple[Document, list[UUID]]:
    return create_drafted_document(services, administrator)


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


def test_an_event_that_the_machine_missed_is_added_and_approved_like_any_other(
    session: Session, reviewer: Actor, drafted: tuple[Document, list[UUID]]
) -> None:
    wanted = {"details/action": "crossing", "evidence": [TRIGGER]}
    lease = additions.add(session, drafted[0].id, "border_incident", wanted, by=reviewer, seconds=60)
    record = records.get(session, lease.event_id, by=reviewer).to_json()
    assert (record["state"], record["draft"], record["extractor"]) == ("draft", None, None)
    assert [item["quote"] for item in record["evidence"]] == ["crossed"]
    reviews.decide(session, lease.event_id, Verdict("approve"), revision=1, by=reviewer, lease=lease.number)
    published = [one.event.id for one in records.export(session, by=reviewer)]
    assert published == [lease.event_id]


@pytest.mark.parametrize(
    "wanted", [{"details/action": "crossing"}, {"evidence": [TRIGGER]}, {"details/action": "x", "evidence": [TRIGGER]}]
)
def test_an_addition_needs_an_action_and_its_words(
    session: Session, reviewer: Actor, drafted: tuple[Document, list[UUID]], wanted: dict[str, object]
) -> None:
    with pytest.raises(InvalidInputError):
        additions.add(session, drafted[0].id, "border_incident", wanted, by=reviewer, seconds=60)
    assert len(records.find(session, by=reviewer)) == 2


def crossing_into_two(text: str) -> EventRecord:
    """Initiators at one side, two targets at the other."""
    draft = border_incident(text)
    target = Participant("target", "Sudmark", "state")
    words = evidence(text, "participants/2", "Sudmark", "test.border")
    return replace(draft, participants=(*draft.participants, target), evidence=(*draft.evidence, words))


def test_one_record_becomes_two_that_share_all_but_what_was_divided(
    services: Services, session: Session, administrator: Actor, reviewer: Actor
) -> None:
    _, events = create_drafted_document(services, administrator, STORY, [crossing_into_two(STORY)])
    first, second = additions.split(session, events[0], ["participants/2"], revision=1, by=reviewer, seconds=60)
    bodies = [records.get(session, lease.event_id, by=reviewer).to_json() for lease in (first, second)]
    assert [[one["name"] for one in body["participants"]] for body in bodies] == [
        ["soldiers of Norvale", "two guards"],
        ["soldiers of Norvale", "Sudmark"],
    ]
    fields = {item["field"]: item["quote"] for item in bodies[1]["evidence"]}
    assert fields["participants/1"] == "Sudmark"
    assert bodies[0]["details"] == bodies[1]["details"]
    assert {item.event_id for item in claims.held_by(session, by=reviewer)} == {first.event_id, second.event_id}
    with pytest.raises(InvalidInputError):
        additions.split(session, events[0], ["participants/7"], revision=2, by=reviewer, seconds=60)


def test_two_records_become_one_with_the_words_of_both(
    services: Services, session: Session, administrator: Actor, reviewer: Actor
) -> None:
    _, events = create_drafted_document(services, administrator, STORY, [crossing_into_two(STORY)])
    first, second = additions.split(session, events[0], ["participants/2"], revision=1, by=reviewer, seconds=60)
    with pytest.raises(RevisionChangedError):
        additions.merge(session, first.event_id, second.event_id, revision=1, by=reviewer)
    additions.merge(session, first.event_id, second.event_id, revision=2, by=reviewer, lease=first.number)
    body = records.get(session, first.event_id, by=reviewer).to_json()
    assert [one["name"] for one in body["participants"]] == ["soldiers of Norvale", "two guards", "Sudmark"]
    fields = {item["field"]: item["quote"] for item in body["evidence"]}
    assert fields["participants/2"] == "Sudmark"
    gone = records.get(session, second.event_id, by=reviewer).event
    assert (gone.state, gone.superseded_by) == ("superseded", first.event_id)


def test_records_of_two_families_are_not_made_one(
    session: Session, reviewer: Actor, drafted: tuple[Document, list[UUID]]
) -> None:
    for other in (drafted[1][1], drafted[1][0]):
        with pytest.raises(NotMergeableError):
            additions.merge(session, drafted[1][0], other, revision=1, by=reviewer)
