"""A real worker with the real models, and what becomes of documents when it, its child or the broker dies."""

from __future__ import annotations

import io
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psutil
import pytest
import redis
from PIL import Image
from sqlalchemy import func, select, update

from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.operations import documents, reading, records
from service.operations.actor import Actor
from service.operations.sweeping import sweep
from service.services import Services
from service.settings import Settings
from service.store.models import Document, Event, Run
from tests.conftest import SECRET_KEY, create_actor, fresh_database
from tests.factories import create_document
from tests.pdf import pdf_of
from tests.processes import Worker, wait_for, worker
from workers.readers import kinds

pytestmark = pytest.mark.xdist_group("worker")

STORY = (
    "President Ada Larsen of Finland arrived in Tokyo on Tuesday for talks with Japanese Prime Minister Kenji Mori.\n\n"
    "Estonian soldiers crossed the border into Latvia on Monday, wounding two guards.\n"
)
RECOVERY = 60


@pytest.fixture(scope="module")
def live(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str) -> Iterator[Services]:
    """A database that a worker of this module works for. Short leases, so that the tests need not wait for them."""
    with fresh_database(postgres, template) as url:
        settings = Settings(database_url=url, redis_url=valkey.url, secret_key=SECRET_KEY, draft_lease=3)
        services = Services.start(settings)
        yield services
        services.engine.dispose()


@pytest.fixture(scope="module")
def uploader(live: Services) -> Actor:
    return create_actor(live, "ada", "administrator")


@pytest.fixture(scope="module")
def running(live: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with worker(live.settings, tmp_path_factory.mktemp("worker") / "worker.log") as started:
        yield started


def state(services: Services, document_id: UUID) -> str:
    with services.sessions() as session, session.begin():
        return session.scalars(select(Document.state).where(Document.id == document_id)).one()


def sweeping_until(services: Services, document_id: UUID, wanted: str, seconds: float = RECOVERY) -> None:
    def there() -> bool:
        with services.sessions() as session:
            sweep(session, dispatch=services.dispatch, attempts=services.settings.draft_attempts)
        return state(services, document_id) == wanted

    wait_for(there, seconds, f"the document is still {state(services, document_id)}")


def outcomes(services: Services, document_id: UUID) -> list[str | None]:
    with services.sessions() as session:
        return list(session.scalars(select(Run.outcome).where(Run.document_id == document_id).order_by(Run.id)))


def long_story(sentences: int, mark: str) -> str:
    """Long enough that its drafting can be interrupted: about 20 words a sentence."""
    return "\n\n".join(f"{mark} {i}: {STORY}" for i in range(sentences // 2))


def test_an_upload_is_drafted_with_evidence(live: Services, uploader: Actor, running: Worker) -> None:
    document = create_document(live, uploader, STORY)
    wait_for(lambda: state(live, document.id) == "drafted", 30, "not drafted")
    with live.sessions() as session:
        found = [record.to_json() for record in records.find(session, by=uploader, document_id=document.id)]
    assert {record["type"] for record in found} == {"visit", "border_incident"}
    for record in found:
        assert all(STORY[item["start"] : item["end"]] == item["quote"] for item in record["evidence"])
        assert record["extractor"]["model"]
        assert record["extractor"]["rules"]
    assert outcomes(live, document.id) == ["drafted"]


def test_two_destinations_in_one_sentence_are_two_records(live: Services, uploader: Actor, running: Worker) -> None:
    document = create_document(live, uploader, "President Ada Larsen of Finland visited Berlin and Rome on 3 May 2021.")
    wait_for(lambda: state(live, document.id) == "drafted", 30, "not drafted")
    with live.sessions() as session:
        found = records.find(session, by=uploader, document_id=document.id)
    assert {record.current.body["place"]["name"] for record in found} == {"Berlin", "Rome"}


def test_many_documents_are_drafted_together(live: Services, uploader: Actor, running: Worker) -> None:
    made = [create_document(live, uploader, f"Number {i}. {STORY}") for i in range(12)]
    for document in made:
        wait_for(lambda id=document.id: state(live, id) == "drafted", 60, "not drafted")
    assert all(outcomes(live, document.id) == ["drafted"] for document in made)


def submit_original(services: Services, by: Actor, original: bytes) -> UUID:
    kind = kinds.looks_like(original)
    upload = documents.Upload(original=original, text=None, encoding=None, media_type=kind)
    with services.sessions() as session:
        return documents.submit(session, upload, by=by, dispatch=services.dispatch).document.id


def test_a_pdf_is_read_and_drafted_with_the_boxes_of_its_words(
    live: Services, uploader: Actor, running: Worker
) -> None:
    told = "President Ada Larsen of Finland arrived in Tokyo on Tuesday for talks."
    document_id = submit_original(live, uploader, pdf_of(told))
    wait_for(lambda: state(live, document_id) == "drafted", 60, "not drafted")
    with live.sessions() as session:
        (record,) = records.find(session, by=uploader, document_id=document_id)
        (page,) = reading.pages_of(session, document_id, by=uploader)
        trigger = next(one for one in record.to_json()["evidence"] if one["field"] == "trigger")
        ((_, _, x0, y0, x1, y1),) = [word for word in page.words if word[:2] == [trigger["start"], trigger["end"]]]
    assert trigger["quote"] == "arrived"
    assert (page.width, page.height) == (900, 300)
    assert 20 < x0 < x1 < 900
    assert y0 < 100 < y1 + 5, "the line stands 100 points below the upper edge"


def test_a_document_survives_the_killing_of_the_child_that_reads_it(
    live: Services, uploader: Actor, running: Worker
) -> None:
    noise = io.BytesIO()
    Image.frombytes("L", (1500, 1500), random.Random(1).randbytes(1500 * 1500)).save(noise, "PNG")
    document_id = submit_original(live, uploader, noise.getvalue())
    wait_for(lambda: state(live, document_id) == "reading", 30, "not taken")
    (child,) = running.children()
    child.send_signal(signal.SIGKILL)
    with live.sessions.begin() as session:  # its lease is long, and nobody is at it
        session.execute(update(Document).where(Document.id == document_id).values(lease_until=func.now()))
    sweeping_until(live, document_id, "failed")
    with live.sessions() as session:
        failed = documents.get(session, document_id, by=uploader)
    assert (failed.failure, failed.attempts) == ("no_text_layer", 2)


def test_a_document_survives_the_killing_of_the_child_that_drafts_it(
    live: Services, uploader: Actor, running: Worker
) -> None:
    document = create_document(live, uploader, long_story(60, "Child"))
    wait_for(lambda: state(live, document.id) == "drafting", 30, "not taken")
    [child] = running.children()
    child.kill()
    sweeping_until(live, document.id, "drafted")
    assert outcomes(live, document.id) == ["abandoned", "drafted"]


def test_a_document_that_kills_every_child_fails_and_the_next_is_drafted(
    live: Services, uploader: Actor, running: Worker
) -> None:
    poison = create_document(live, uploader, long_story(60, "Poison"))

    def kill_whoever_drafts_it() -> bool:
        if state(live, poison.id) == "drafting":
            for child in running.children():
                child.kill()
        with live.sessions() as session:
            sweep(session, dispatch=live.dispatch, attempts=live.settings.draft_attempts)
        return state(live, poison.id) == "failed"

    wait_for(kill_whoever_drafts_it, 120, "the document did not fail")
    with live.sessions() as session:
        assert documents.get(session, poison.id, by=uploader).failure == "worker_lost"
    other = create_document(live, uploader, f"After the poison. {STORY}")
    sweeping_until(live, other.id, "drafted")
    with live.sessions() as session:
        documents.replay(session, poison.id, by=uploader, dispatch=live.dispatch)
    sweeping_until(live, poison.id, "drafted")


def test_short_documents_go_before_a_long_one_is_done(live: Services, uploader: Actor, running: Worker) -> None:
    long = create_document(live, uploader, long_story(1000, "Long"))
    wait_for(lambda: state(live, long.id) == "drafting", 30, "not taken")
    short = create_document(live, uploader, f"Short. {STORY}")
    wait_for(lambda: state(live, short.id) == "drafted", 60, "the short document was not drafted")
    assert state(live, long.id) == "drafting"
    wait_for(lambda: state(live, long.id) == "drafted", 180, "the long document was not drafted")
    assert outcomes(live, long.id) == ["drafted"], "its lease must have been renewed all the while"


def test_a_lost_ring_is_rung_again(live: Services, uploader: Actor, running: Worker) -> None:
    """Redis loses everything it has: the document is drafted all the same."""
    running.process.send_signal(signal.SIGSTOP)
    try:
        document = create_document(live, uploader, f"Flushed. {STORY}")
        with redis.Redis.from_url(live.settings.redis_url) as broker:
            broker.flushall()
    finally:
        running.process.send_signal(signal.SIGCONT)
    sweeping_until(live, document.id, "drafted")


def test_uploads_while_the_worker_is_down_are_drafted_when_it_is_back(
    postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str, tmp_path: Path
) -> None:
    with fresh_database(postgres, template) as url, EmbeddedValkey(tmp_path, durable=False) as own:
        settings = Settings(database_url=url, redis_url=own.url, secret_key=SECRET_KEY, draft_lease=3)
        services = Services.start(settings)
        uploader = create_actor(services, "ada", "administrator")
        document = create_document(services, uploader, STORY)
        with worker(settings, tmp_path / "worker.log") as started:
            wait_for(lambda: state(services, document.id) == "drafted", 30, "not drafted")
            again = create_document(services, uploader, long_story(60, "Parent"))
            wait_for(lambda: state(services, again.id) == "drafting", 30, "not taken")
            started.kill()
            assert not any(psutil.pid_exists(child) for child in (started.process.pid,))
        with worker(settings, tmp_path / "worker.log"):
            sweeping_until(services, again.id, "drafted")
        assert outcomes(services, again.id) == ["abandoned", "drafted"]
        services.engine.dispose()


def test_a_child_that_hangs_is_replaced_and_its_document_fails(
    postgres: EmbeddedPostgres, template: str, tmp_path: Path
) -> None:
    """No real text hangs the parser, so the patience is set below what any text needs."""
    with fresh_database(postgres, template) as url, EmbeddedValkey(tmp_path, durable=False) as own:
        settings = Settings(
            database_url=url,
            redis_url=own.url,
            secret_key=SECRET_KEY,
            draft_lease=1,
            draft_patience=1,
            draft_attempts=1,
        )
        services = Services.start(settings)
        uploader = create_actor(services, "ada", "administrator")
        try:
            with worker(settings, tmp_path / "worker.log"):
                document = create_document(services, uploader, long_story(400, "Hang").replace("\n", " "))
                sweeping_until(services, document.id, "failed")
            with services.sessions() as session:
                assert documents.get(session, document.id, by=uploader).failure == "timeout"
                assert session.scalar(select(func.count()).select_from(Event)) == 0
        finally:
            services.engine.dispose()


def test_the_worker_gives_up_at_start_on_bad_settings(tmp_path: Path, settings: Settings) -> None:
    log = tmp_path / "worker.log"
    started = Worker(settings, log, LEGATION_SECRET_KEY="short")
    assert started.process.wait(timeout=60) != 0
    assert "LEGATION_SECRET_KEY" in log.read_text()
