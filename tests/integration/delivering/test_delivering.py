"""The deliverer with its threads, a real database and real receivers."""

from __future__ import annotations

import threading
from collections import defaultdict
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from service.delivering import Places
from service.operations import webhooks
from service.operations.actor import Actor
from service.operations.deliveries import Outcome
from service.operations.versions import seen
from service.services import Services
from service.store.models import Delivery
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.integration.operations.test_deliveries import AT, BROKEN, FINE, PLANNED, pass_time
from tests.processes import wait_for
from tests.receivers import Answer, Received, create_webhook, delivering, receiver

PATIENCE = 60


@pytest.fixture
def events(services: Services, administrator: Actor, reviewer: Actor) -> list[UUID]:
    """Ten approved records, the first corrected twice: twelve changes."""
    text, records = many_visits(10)
    _, ids = create_drafted_document(services, administrator, text, records)
    for event_id in ids:
        create_decision(services, event_id, by=reviewer)
    create_decision(services, ids[0], "fix", changes=PLANNED, by=reviewer, revision=2)
    create_decision(services, ids[0], "fix", changes={"modality": "occurred"}, by=reviewer, revision=3)
    return ids


def states(services: Services) -> set[str]:
    with services.sessions() as session:
        return set(session.scalars(select(Delivery.state)))


def test_everything_arrives_once_in_the_order_of_each_record_from_two_deliverers(
    services: Services, administrator: Actor, reviewer: Actor, events: list[UUID]
) -> None:
    with receiver() as there, delivering(services), delivering(services):
        made = create_webhook(services, administrator, there.url, from_seq=1)
        wait_for(lambda: len(there.received) >= 12, PATIENCE, "not all arrived")
        create_decision(services, events[0], "reject", reason="duplicate", by=reviewer, revision=4)
        wait_for(lambda: len(there.received) >= 13, PATIENCE, "the last did not arrive")
    assert sorted(there.seqs) == list(range(1, 14))
    assert [seq for seq in there.seqs if seq in (1, 11, 12, 13)] == [1, 11, 12, 13]
    for received in there.received:
        assert received.verified(made.secret)["type"] in ("event.put", "event.retract")
    assert states(services) == {"delivered"}


def test_a_failing_record_holds_up_its_own_messages_and_nobody_elses(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    healed = threading.Event()

    def fails_for_the_first_record(received: Received) -> Answer:
        is_first = received.said["data"]["event"]["id"] == str(events[0])
        return (500 if is_first and not healed.is_set() else 200), {}, b""

    with receiver(fails_for_the_first_record) as there, delivering(services):
        create_webhook(services, administrator, there.url, from_seq=1)
        wait_for(lambda: set(there.seqs) >= set(range(1, 11)), PATIENCE, "the others are held up")
        assert not {11, 12} & set(there.seqs)
        healed.set()
        pass_time(services, hours=1)
        wait_for(lambda: set(there.seqs) >= {11, 12}, PATIENCE, "its later messages do not come")
    first = [one for one in there.received if one.seq == 1]
    assert len({one.id for one in first}) == 1, "each attempt has the same id"
    assert [seq for seq in there.seqs if seq in (11, 12)] == [11, 12]
    assert there.seqs.index(11) > max(i for i, seq in enumerate(there.seqs) if seq == 1)


def test_a_receiver_that_does_not_answer_starves_nobody(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    answers = threading.Event()

    def hangs(received: Received) -> Answer:
        answers.wait(PATIENCE)
        return 200, {}, b""

    with receiver(hangs) as hanging, receiver() as quick, delivering(services):
        create_webhook(services, administrator, hanging.url, from_seq=1)
        wait_for(lambda: len(hanging.received) == 4, PATIENCE, "a quarter of the places is what one webhook has")
        create_webhook(services, administrator, quick.url, from_seq=1)
        wait_for(lambda: len(quick.received) == 12, PATIENCE, "the other one is starved")
        assert len(hanging.received) == 4
        answers.set()
        wait_for(lambda: len(hanging.received) == 12, PATIENCE, "the slow one is forgotten")


def test_rotation_is_seamless(services: Services, administrator: Actor, events: list[UUID]) -> None:
    with receiver() as there:
        made = create_webhook(services, administrator, there.url, from_seq=1)
        with services.sessions() as session:
            rotated = webhooks.rotate(
                session, made.webhook.id, seen=seen("1"), by=administrator, sealer=services.sealer, hours=24
            )
        with delivering(services):
            wait_for(lambda: len(there.received) == 12, PATIENCE, "not all arrived")
    for received in there.received:
        assert received.headers["webhook-signature"].count("v1,") == 2
        assert received.verified(made.secret) == received.verified(rotated.secret)


def test_what_a_dead_process_had_in_hand_is_sent_again_with_the_same_id(
    services: Services, administrator: Actor, events: list[UUID]
) -> None:
    """The receiver was told, but that it was could not be written down any more."""
    with receiver() as there:
        create_webhook(services, administrator, there.url, from_seq=10)
        with delivering(services):
            wait_for(lambda: states(services) == {"delivered"}, PATIENCE, "not delivered")
        with services.sessions.begin() as session:
            again = update(Delivery).where(Delivery.seq == 10).values(state="waiting", ended_at=None)
            session.execute(again.values(lease_token=uuid4(), lease_until=AT))
        with delivering(services):
            wait_for(lambda: there.seqs.count(10) == 2, PATIENCE, "not sent again")
            wait_for(lambda: states(services) == {"delivered"}, PATIENCE, "not delivered")
    assert len({one.id for one in there.received if one.seq == 10}) == 1


SLOW = Outcome(at=AT, seconds=5, status=200, answer="")


def test_no_webhook_has_all_places_and_slow_ones_have_half_among_them() -> None:
    places, ids = Places(16), [uuid4() for _ in range(8)]
    assert places.free_for(ids[0]) == 4
    for one in ids[:4]:
        for outcome in (SLOW, BROKEN, SLOW):
            places.take(one)
            places.leave(one, outcome)
    took: dict[UUID, int] = defaultdict(int)
    for one in ids:
        while places.free_for(one):
            places.take(one)
            took[one] += 1
    assert [took[one] for one in ids] == [4, 4, 0, 0, 4, 4, 0, 0]
    places.leave(ids[0], FINE)
    assert places.free_for(ids[0]) == 1
    places.leave(ids[1], BROKEN)
    assert places.free_for(ids[1]) == 0, "one that fails is tried with one message at a time"


def test_one_place_is_enough_for_all() -> None:
    places, one, other = Places(1), uuid4(), uuid4()
    places.take(one)
    assert places.free_for(other) == 0
    places.leave(one, None)
    assert (places.free_for(one), places.free_for(other)) == (1, 1)
