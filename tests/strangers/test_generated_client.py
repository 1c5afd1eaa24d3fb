"""A client that openapi-python-client makes of docs/openapi.json, unmodified, walks README's walk: against the running
service, with a real worker.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.processes import wait_for, worker
from tests.strangers.conftest import Served

NAME = "made_of_the_description"
TEXT = (
    "Estonia and Soviet Russia signed a peace treaty in Tartu on Monday. "
    "Talks between the two sides had begun there in December."
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the generator said. The client can be imported by its NAME."""
    folder = tmp_path_factory.mktemp("client")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    options = ["--path", REPOSITORY / "docs/openapi.json", "--config", REPOSITORY / "tests/strangers/client.yml"]
    done = subprocess.run(
        [*command, *options, "--output-path", folder / NAME], capture_output=True, text=True, check=True
    )
    sys.path.insert(0, str(folder))
    yield done.stdout + done.stderr
    sys.path.remove(str(folder))


def made(module: str) -> Any:
    return importlib.import_module(f"{NAME}.{module}")


def test_nothing_but_bodies_of_plain_text_is_left_out(generated: str) -> None:
    """It makes no client for those: documents go in as JSON and forms, too, and a batch is a few lines by hand."""
    warnings = [line for line in generated.splitlines() if line.startswith(("WARNING", "Unable", "Cannot"))]
    assert warnings == [
        "WARNING parsing POST /api/v1/documents within documents.",
        "WARNING parsing POST /api/v1/documents/batch within batches. Endpoint will not be generated.",
    ]


def test_the_walk(generated: str, served: Served, tmp_path: Path) -> None:
    client = made("client").AuthenticatedClient(
        served.url, served.keys["administrator"], raise_on_unexpected_status=True
    )
    with client:
        walk(client, served, tmp_path / "worker.log")


def walk(client: Any, served: Served, log: Path) -> None:
    body = made("models").JsonDocument(text=TEXT, title="A treaty at Tartu", published=dt.date(1920, 2, 2))

    with worker(served.services.settings, log):
        document = made("api.documents.submit_document").sync(client=client, body=body)

        def state() -> str:
            return str(made("api.documents.get_document").sync(document.id, client=client).state)

        wait_for(lambda: state() == "drafted", 60, "the document is not drafted")

    (draft,) = made("api.documents.list_events_of_document").sync(document.id, client=client).items
    assert isinstance(draft, made("models").TreatyRecord)
    assert (draft.state, draft.details.action) == ("draft", "signed")

    claimed = made("api.claims.claim_next").sync_detailed(client=client)
    assert claimed.parsed.lease.holder == served.people["administrator"].username
    verdict = made("models").Verdict(decision=made("models").VerdictDecision.APPROVE, lease=claimed.parsed.lease.token)
    approved = made("api.reviews.decide").sync(
        claimed.parsed.id, client=client, body=verdict, if_match=claimed.headers["ETag"]
    )
    assert (approved.state, approved.review.reviewer) == ("approved", served.people["administrator"].username)
    again = made("api.reviews.decide").sync(
        claimed.parsed.id, client=client, body=verdict, if_match=claimed.headers["ETag"]
    )
    assert (again.status, again.type_) == (412, "/problems/revision-changed")

    page = made("api.changes.list_changes").sync(client=client)
    (change,) = page.items
    assert isinstance(change, made("models").Publication)
    assert change.event == made("api.events.get_event").sync(approved.id, client=client)

    exported = made("api.exports.export_events").sync(client=client)
    (row,) = map(json.loads, exported.splitlines())
    assert made("models").TreatyRecord.from_dict(row) == change.event
