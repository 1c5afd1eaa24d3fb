"""`legation deliver` as a process of its own, and what becomes of deliveries when it is killed, however often."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from uuid import UUID

import pytest
from sqlalchemy import func, select

from service.embedded import processes
from service.operations.actor import Actor
from service.services import Services
from service.store.models import Attempt, Delivery
from tests.factories import create_decision, create_drafted_document, many_visits
from tests.processes import REPOSITORY, variables, wait_for
from tests.receivers import Answer, Received, create_webhook, receiver

PATIENCE = 90
CHANGES = 60


@pytest.fixture
def events(services: Services, administrator: Actor, reviewer: Actor) -> list[UUID]:
    """Twenty approved records, each corrected twice: sixty changes."""
    text, records = many_visits(20)
    _, ids = create_drafted_document(services, administrator, text, records)
    for event_id in ids:
        create_decision(services, event_id, by=reviewer)
    for revision, modality in ((2, "planned"), (3, "occurred")):
        for event_id in ids:
            create_decision(services, event_id, "fix", changes={"modality": modality}, by=reviewer, revision=revision)
    return ids


@contextmanager
def deliverer(services: Services, log: Path) -> Iterator[Popen[bytes]]:
    """`legation deliver`, which may send to this machine."""
    settings = dataclasses.replace(services.settings, webhook_http=True, webhook_private=True)
    command = processes.Command(
        arguments=[sys.executable, "-m", "service.cli", "deliver"],
        log=log,
        environment={"PATH": os.environ["PATH"], **variables(settings)},
        directory=REPOSITORY,
    )
    process = processes.spawn(command)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(30) in (0, -9), log.read_text()


def left(services: Services) -> int:
    with services.sessions() as session:
        return session.scalars(select(func.count()).where(Delivery.state != "delivered")).one()


def test_nothing_is_lost_whenever_it_is_killed(
    services: Services, administrator: Actor, events: list[UUID], tmp_path: Path
) -> None:
    """It is killed in the middle of sending, over and over, each time at another place."""
    goes_on = threading.Event()

    def waits_now_and_then(received: Received) -> Answer:
        if len(there.received) % 9 == 0:
            goes_on.wait(PATIENCE)
        return 204, {}, b""

    with receiver(waits_now_and_then) as there:
        made = create_webhook(services, administrator, there.url, from_seq=1)
        for number in (9, 18, 27):
            with deliverer(services, tmp_path / f"{number}.log") as process:
                wait_for(lambda number=number: len(there.received) >= number, PATIENCE, f"{number} are not sent")
                process.kill()
        goes_on.set()
        with deliverer(services, tmp_path / "last.log"), deliverer(services, tmp_path / "beside.log"):
            wait_for(lambda: len({one.id for one in there.received}) == CHANGES, PATIENCE, "some are lost")
            wait_for(lambda: left(services) == 0, PATIENCE, "some are not known to be delivered")
    firsts = {one.id: one for one in reversed(there.received)}
    assert sorted(one.seq for one in firsts.values()) == list(range(1, CHANGES + 1)), "each change has one id"
    assert len(there.received) > CHANGES, "what was in hand was sent again"
    by_event: dict[str, list[int]] = {}
    for one in sorted(firsts.values(), key=there.received.index):
        by_event.setdefault(one.verified(made.secret)["data"]["event"]["id"], []).append(one.seq)
    assert all(seqs == sorted(seqs) for seqs in by_event.values()), "in the order of each record"


def test_it_ends_what_it_sends_when_it_is_asked_to_stop(
    services: Services, administrator: Actor, events: list[UUID], tmp_path: Path
) -> None:
    asked = threading.Event()

    def answers_when_it_was_asked(received: Received) -> Answer:
        asked.wait(PATIENCE)
        return 204, {}, b""

    with receiver(answers_when_it_was_asked) as there:
        create_webhook(services, administrator, there.url, from_seq=1)
        with deliverer(services, tmp_path / "log") as process:
            wait_for(lambda: len(there.received) == 4, PATIENCE, "nothing is sent")
            process.terminate()
            asked.set()
            assert process.wait(30) == 0, (tmp_path / "log").read_text()
    with services.sessions() as session:
        delivered = session.scalars(select(func.count()).where(Delivery.state == "delivered")).one()
        attempts = session.scalars(select(func.count()).select_from(Attempt)).one()
        held = session.scalars(select(Delivery.id).where(Delivery.lease_token.is_not(None))).all()
    assert 4 <= len(there.received) < CHANGES
    assert (delivered, attempts, held) == (len(there.received), len(there.received), []), "nothing is left in hand"


def test_bad_settings_stop_it_at_its_start(services: Services, tmp_path: Path) -> None:
    command = processes.Command(
        arguments=[sys.executable, "-m", "service.cli", "deliver"],
        log=tmp_path / "log",
        environment={
            "PATH": os.environ["PATH"],
            **variables(services.settings),
            "LEGATION_WEBHOOK_PRIVATE": "perhaps",
        },
        directory=REPOSITORY,
    )
    assert processes.spawn(command).wait(60) == 1
    assert "LEGATION_WEBHOOK_PRIVATE='perhaps' is no" in (tmp_path / "log").read_text()
