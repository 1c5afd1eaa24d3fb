"""Documents of any kind, through the front door of a real `legation up`: to the approved record, or to a refusal."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pypdfium2
import pytest

from tests.conftest import MEASURED
from tests.functional.installation import Installation
from tests.hostile import MB, ODD, OTHER_WAY, REFUSED, pages, zipped
from tests.integration.readers.producers import by_chromium, in_columns
from tests.processes import wait_for
from workers.readers import sandbox

pytestmark = pytest.mark.xdist_group("up")

TOLD = "KYIV, 18 June 2024 (Example Wire) \u2013 President Ada Larsen of Finland arrived in Tokyo on Tuesday for talks."
IN_WORK = ("received", "reading", "drafting")
TYPES = {
    *("encrypted", "no_text_layer", "too_large", "bomb", "corrupt", "unsupported_type", "unsupported_language"),
    *("binary_content", "unknown_encoding", "empty_document"),  # of plain text
}


@pytest.fixture
def api(running: Installation) -> Iterator[httpx.Client]:
    with running.client("/api/v1", timeout=60) as client:
        yield client


def sent(api: httpx.Client, original: bytes, name: str = "sent.bin") -> httpx.Response:
    return api.post("/documents", files={"file": (name, original, "application/octet-stream")})


def ended(api: httpx.Client, document_id: str, seconds: float = 180) -> dict[str, Any]:
    def now() -> dict[str, Any]:
        return api.get(f"/documents/{document_id}").raise_for_status().json()  # type: ignore[no-any-return]

    wait_for(lambda: now()["state"] not in IN_WORK, seconds, f"{document_id} is still in work")
    return now()


def approved(api: httpx.Client, event: dict[str, Any]) -> None:
    claimed = api.post(f"/events/{event['id']}/claim").raise_for_status()
    seen = {"If-Match": claimed.headers["ETag"]}
    api.post(f"/events/{event['id']}/decisions", json={"decision": "approve"}, headers=seen).raise_for_status()


def test_a_printed_page_becomes_a_record_with_the_place_of_its_words(
    running: Installation, api: httpx.Client, tmp_path: Path
) -> None:
    page = in_columns(18).replace("<p>(15)", f"<p>{TOLD}</p><p>(15)")
    printed = by_chromium(tmp_path, page)
    document = ended(api, sent(api, printed, "printed.pdf").json()["id"])
    assert (document["state"], document["media_type"], document["language"]) == ("drafted", "application/pdf", "en")
    events = api.get(f"/documents/{document['id']}/events").json()["items"]
    (event,) = [one for one in events if one["place"] and one["place"]["name"] == "Tokyo"]
    approved(api, event)
    chosen = {"document": document["id"]}
    (row,) = map(json.loads, api.get("/exports/events.jsonl", params=chosen).iter_lines())
    (cells,) = csv.DictReader(io.StringIO(api.get("/exports/events.csv", params=chosen).text, newline=""))
    assert row["schema_version"] == 2
    for item in row["evidence"]:
        assert words_in(printed, item["original"]["boxes"]) == item["quote"].split()
    trigger = next(item for item in row["evidence"] if item["field"] == "trigger")
    assert trigger["quote"] == "arrived"
    assert trigger["original"]["place"].startswith(f"page {trigger['original']['page']}, paragraph ")
    assert (cells["page"], cells["place_in_original"]) == (
        str(trigger["original"]["page"]),
        trigger["original"]["place"],
    )


def words_in(pdf: bytes, boxes: list[dict[str, Any]]) -> list[str]:
    """What PDFium, asked another way, finds inside of boxes."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for box in boxes:
        page = document[box["page"] - 1]
        height = page.get_height()
        inside = page.get_textpage().get_text_bounded(box["x0"], height - box["y1"], box["x1"], height - box["y0"])
        found += inside.split()
    return found


class Peak:
    """The most memory that a process of a reader had, looked at again and again."""

    def __init__(self) -> None:
        self.bytes = 0

    def look(self, worker: psutil.Process) -> None:
        for process in worker.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if "workers.readers.child" in " ".join(process.cmdline()):
                    self.bytes = max(self.bytes, process.memory_info().rss)


@contextmanager
def watched(running: Installation) -> Iterator[Peak]:
    peak, done, worker = Peak(), threading.Event(), running.child("celery", "worker")

    def watch() -> None:
        while not done.wait(0.05):
            peak.look(worker)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield peak
    done.set()
    watcher.join()


def test_whatever_is_sent_ends_drafted_or_refused_with_its_type(
    running: Installation, api: httpx.Client, record_property: Callable[[str, object], None]
) -> None:
    workers = {process.pid for process in running.child("celery", "worker").children()}
    made = {name: make() for name, (make, _) in REFUSED.items()} | {name: make() for name, make in ODD.items()}
    with watched(running) as peak:
        answers = {name: sent(api, original, f"../../{OTHER_WAY}\r\nX: {name}") for name, original in made.items()}
        states = {name: state_of(api, answer) for name, answer in answers.items()}
    for name, (_, error) in REFUSED.items():
        assert states[name] == ("failed", error.failure), name
    for name in ODD:
        assert states[name][0] in ("drafted", "unpacked") or states[name][1] in TYPES, (name, states[name])
    assert states["10,000 pages"] == ("failed", "too_large")
    assert "bomb" in failures_inside(api, answers["archives in archives"].json()["id"])
    assert {process.pid for process in running.child("celery", "worker").children()} == workers
    assert running.get("/readyz").status_code == 200
    record_property(MEASURED, f"a reader of {len(made)} hostile files took {peak.bytes / MB:,.0f} MB at most")
    assert 0 < peak.bytes < sandbox.LIMITS.memory


def state_of(api: httpx.Client, answer: httpx.Response) -> tuple[str, str | None]:
    """How a document ends, with the type of its refusal: one in the answer itself has its page, too."""
    if answer.status_code not in (200, 202):
        assert answer.headers["Content-Type"] == "application/problem+json"
        return "failed", answer.json()["type"].rpartition("/")[2].replace("-", "_")
    document = ended(api, answer.json()["id"])
    return document["state"], document["failure"] and document["failure"]["type"]


def failures_inside(api: httpx.Client, document_id: str) -> set[str]:
    inside = [ended(api, part["document"]) for part in ended(api, document_id)["parts"]]
    deeper = [failures_inside(api, one["id"]) for one in inside]
    return {one["failure"]["type"] for one in inside if one["failure"]}.union(*deeper)


def test_what_was_refused_stays_and_can_be_read_again(api: httpx.Client) -> None:
    original = pages(1_001)
    document = ended(api, sent(api, original, "long.pdf").json()["id"])
    assert (document["state"], document["failure"]["type"], document["filename"]) == ("failed", "too_large", "long.pdf")
    problem = httpx.get(str(api.base_url).removesuffix("/api/v1/") + document["failure"]["problem"])
    assert problem.status_code == 200
    assert api.get(f"/documents/{document['id']}/original").content == original
    seen = {"If-Match": api.get(f"/documents/{document['id']}").headers["ETag"]}
    assert api.post(f"/documents/{document['id']}/replay", headers=seen).status_code == 202
    assert ended(api, document["id"])["failure"]["type"] == "too_large"
    again = sent(api, original, "long.pdf")
    assert (again.status_code, again.json()["duplicate_of"]) == (200, document["id"])


def test_members_of_an_archive_are_drafted_each(api: httpx.Client) -> None:
    document = ended(api, sent(api, zipped({"a.txt": TOLD.encode(), "b.html": b"<!doctype html><p>B."})).json()["id"])
    assert document["state"] == "unpacked"
    parts = [ended(api, part["document"]) for part in document["parts"]]
    assert [(part["state"], part["media_type"]) for part in parts] == [
        ("drafted", "text/plain"),
        ("drafted", "text/html"),
    ]
    assert (parts[0]["published"], parts[0]["origins"]["published"]) == ("2024-06-18", "text:dateline")
