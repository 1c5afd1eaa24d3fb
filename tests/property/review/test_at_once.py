"""Several people and the machine at one queue, all at once: the history of each record is one line afterwards."""

from __future__ import annotations

import contextlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import LegationError
from service.operations import additions, audit_chain, claims, documents, drafting, reviews, undoing
from service.operations.actor import Actor
from service.operations.claims import Lease
from service.operations.drafting import Drafts
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import AuditEntry, Decision, Event, ReviewItem, ReviewRule
from tests.conftest import create_actor
from tests.factories import create_drafted_document
from tests.feed import check_feed
from tests.property.review.test_queue import MODALITIES, NEWS, READ_TWICE, drafts

DOCUMENTS, STEPS, DRAFTS = 10, 60, 25


class Person:
    """Somebody who does one thing after the other, and remembers what he was told had been done."""

    def __init__(self, services: Services, by: Actor) -> None:
        self.services, self.by = services, by
        self.chance = random.Random(by.username)
        self.leases: list[Lease] = []
        self.decided: list[tuple[str, UUID]] = []
        self.undone = 0

    def work(self) -> None:
        steps: list[Callable[[Session], None]] = [self.claim, self.claim, *[self.decide] * 4, self.undo, self.take_over]
        for _ in range(STEPS):
            step = self.chance.choice([*steps, self.split, self.merge, self.release])
            with self.services.sessions() as session, contextlib.suppress(LegationError):
                step(session)

    def claim(self, session: Session) -> None:
        if lease := claims.claim_next(session, by=self.by, seconds=60):
            self.leases.append(lease)

    def take_over(self, session: Session) -> None:
        self.leases.append(claims.take_over(session, self.any(session).id, by=self.by, seconds=60))

    def release(self, session: Session) -> None:
        if self.leases:
            lease = self.chance.choice(self.leases)
            claims.release(session, lease.event_id, lease.number, by=self.by)

    def any(self, session: Session) -> Event:
        with session.begin():
            return self.chance.choice(session.scalars(select(Event)).all())

    def decide(self, session: Session) -> None:
        lease = self.chance.choice(self.leases) if self.leases and self.chance.random() < 0.7 else None
        event = session.get_one(Event, lease.event_id) if lease else self.any(session)
        session.commit()
        action = self.chance.choice(["approve", "approve", "reject", "fix", "send_back"])
        changes = {"modality": self.chance.choice(MODALITIES)} if action == "fix" else {}
        verdict = Verdict(action, changes, reason="duplicate" if action == "reject" else None)
        number = lease.number if lease else None
        reviews.decide(session, event.id, verdict, revision=event.revision, by=self.by, lease=number)
        self.decided.append((action, event.id))

    def split(self, session: Session) -> None:
        event = self.any(session)
        leases = additions.split(session, event.id, ["participants/0"], revision=event.revision, by=self.by, seconds=60)
        self.leases += leases
        self.decided += [("split", lease.event_id) for lease in leases]

    def merge(self, session: Session) -> None:
        event, other = self.any(session), self.any(session)
        additions.merge(session, event.id, other.id, revision=event.revision, by=self.by)
        self.decided += [("merge", event.id), ("absorb", other.id)]

    def undo(self, session: Session) -> None:
        undone = undoing.undo(session, by=self.by, seconds=60)
        self.undone += len(undone.event_ids)
        self.leases += [undone.lease] if undone.lease else []


def draft(services: Services, administrator: Actor, ids: list[UUID]) -> None:
    """The machine, and an administrator who wants documents drafted anew."""
    chance = random.Random(1)
    for _ in range(DRAFTS):
        with services.sessions() as session, contextlib.suppress(LegationError):
            documents.redraft(session, chance.choice(ids), by=administrator, dispatch=services.dispatch)
        with services.sessions() as session:
            for job in drafting.take(session, documents=9, characters=99_999, lease=60, attempts=9):
                records = drafts(job.source.text, chance.choice(MODALITIES))
                drafting.record(session, job, Drafts(records, (), "test", "no parser"))


@pytest.fixture
def ids(services: Services, administrator: Actor) -> list[UUID]:
    with services.sessions() as session, session.begin():
        session.add(ReviewRule(family=READ_TWICE, second_share=1.0, gold_share=0.0))
    texts = [NEWS.format(i) for i in range(DOCUMENTS)]
    return [create_drafted_document(services, administrator, text, drafts(text))[0].id for text in texts]


def test_history_is_one_line(services: Services, administrator: Actor, ids: list[UUID]) -> None:
    people = [Person(services, create_actor(services, name, "reviewer")) for name in ("rosa", "theo", "uma", "vera")]
    at_once([*(person.work for person in people), lambda: draft(services, administrator, ids)])
    with services.sessions() as session:
        check_leases(session, people)
        check_decisions(session, people)
        check_history(session)
    with services.sessions() as session:
        audit_chain.verify(session)
    check_feed(services, administrator)


def at_once(works: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


def check_leases(session: Session, people: list[Person]) -> None:
    """Each number of each item was given, to one person."""
    holders = defaultdict[tuple[UUID, int], set[str]](set)
    for person in people:
        for lease in person.leases:
            holders[lease.event_id, lease.number].add(person.by.username)
    assert all(len(names) == 1 for names in holders.values())
    items = session.scalars(select(ReviewItem)).all()
    assert {*holders} == {(item.event_id, 1 + i) for item in items for i in range(item.lease_number)}


def check_decisions(session: Session, people: list[Person]) -> None:
    """Those that were told to be made are there once, and no others."""
    told = Counter((kind, event_id, person.by.user_id) for person in people for kind, event_id in person.decided)
    made = session.scalars(select(Decision).where(Decision.decision != "undo")).all()
    assert Counter((one.decision, one.event_id, one.by) for one in made) == told
    undone = session.scalars(select(Decision.undoes).where(Decision.decision == "undo")).all()
    assert len(undone) == len({*undone}) == sum(person.undone for person in people)
    assert told.total() > DOCUMENTS
    assert undone


def check_history(session: Session) -> None:
    """Each change of a record began where the one before had ended, and the last one left what is there now."""
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.action.startswith("event.")).order_by(AuditEntry.number)
    )
    stood: dict[UUID, object] = {}
    for entry in entries:
        assert view(entry.before) == stood.get(entry.subject_id)
        stood[entry.subject_id] = view(entry.after)
    events = session.scalars(select(Event)).all()
    assert {event.id: (event.state, event.revision) for event in events} == stood
    readers = session.scalars(select(ReviewItem.readers)).all()
    assert all(len(them) == len({*them}) for them in readers)


def view(told: dict[str, object] | None) -> tuple[object, object] | None:
    return (told["state"], told["revision"]) if told else None
