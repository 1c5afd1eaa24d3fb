"""Another language's library of the standard takes our signatures: a receiver in Node.js."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import pytest

from service.operations import deliveries, webhooks
from service.operations.actor import Actor
from service.operations.versions import seen
from service.services import Services
from tests.conftest import REPOSITORY
from tests.factories import create_decision, create_drafted_document
from tests.feed import read_feed
from tests.receivers import ANYWHERE, create_webhook, delivering

MODULES = Path(sys.prefix) / "share" / "node" / "node_modules"
NODE = shutil.which("node")


@contextmanager
def node_receiver(secret: str) -> Iterator[tuple[str, IO[str]]]:
    """Its address, and the lines that it prints."""
    if NODE is None:
        pytest.skip("needs Node.js: scripts/bootstrap-test-machine.sh brings it where it can")
    if not (MODULES / "standardwebhooks").is_dir():
        pytest.fail("needs the packages of tests/node: scripts/bootstrap-test-machine.sh brings them")
    command = [NODE, str(REPOSITORY / "tests" / "node" / "receiver.cjs"), secret]
    environment = {**os.environ, "NODE_PATH": str(MODULES)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/hook", process.stdout
        finally:
            process.terminate()


def read(lines: IO[str], number: int) -> list[dict[str, Any]]:
    return [json.loads(lines.readline()) for _ in range(number)]


@pytest.mark.parametrize("which", ["new", "old"])
def test_node_verifies_each_message_by_the_new_secret_and_by_the_old_one(
    services: Services, administrator: Actor, reviewer: Actor, which: str
) -> None:
    _, events = create_drafted_document(services, administrator)
    for event_id in events:
        create_decision(services, event_id, by=reviewer)
    create_decision(services, events[0], "reject", reason="duplicate", reason_text="Zoë’s – ‮", by=reviewer, revision=2)
    made = create_webhook(services, administrator, "http://127.0.0.1:9/changed-below", from_seq=1)
    with services.sessions() as session:
        rotated = webhooks.rotate(
            session, made.webhook.id, seen=seen("1"), by=administrator, sealer=services.sealer, hours=24
        )
    with node_receiver({"new": rotated, "old": made}[which].secret) as (url, lines):
        change_url(services, administrator, made.webhook.id, url)
        with delivering(services):
            told = [line["verified"] for line in read(lines, 3)]
            with services.sessions() as session:
                deliveries.ping(session, made.webhook.id, by=administrator)
            (ping,) = read(lines, 1)
    assert sorted((one["data"] for one in told), key=lambda row: int(row["seq"])) == read_feed(services, administrator)
    assert ping["verified"]["type"] == "ping"


def change_url(services: Services, by: Actor, webhook_id: UUID, url: str) -> None:
    with services.sessions() as session:
        webhooks.change(session, webhook_id, webhooks.Wanted(url=url), seen=seen("2"), by=by, receivers=ANYWHERE)


def test_node_refuses_what_another_secret_signed(services: Services, administrator: Actor) -> None:
    """So that the test above could fail."""
    with node_receiver(webhooks.shown(b"another" * 4)) as (url, lines):
        made = create_webhook(services, administrator, url)
        with delivering(services), services.sessions() as session:
            deliveries.ping(session, made.webhook.id, by=administrator)
            (told,) = read(lines, 1)
    assert told == {"refused": "No matching signature found"}
