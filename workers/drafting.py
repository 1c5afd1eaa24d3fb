"""Drafts waiting documents: many short ones at once, a long one with breaks in which short ones go first."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from service.errors import DraftLeaseLostError
from service.operations import drafting
from service.operations.drafting import Drafts, Job
from service.services import Services
from workers.extraction import pipeline
from workers.extraction.annotation import Annotation
from workers.likeness import sketch
from workers.nlp.annotator import Annotator
from workers.readers import language
from workers.telling import told_by

log = structlog.get_logger(__name__)


class Drafter:
    """Drafts what waits in the database, with one loaded pipeline."""

    def __init__(self, services: Services, annotator: Annotator) -> None:
        self._services = services
        self._annotator = annotator

    def draft_waiting(self) -> int:
        """Takes a batch of waiting documents and drafts it. Returns how many there were."""
        settings = self._services.settings
        with self._services.sessions() as session:
            jobs = drafting.take(
                session,
                documents=settings.batch_documents,
                characters=settings.batch_characters,
                lease=settings.draft_lease,
                attempts=settings.draft_attempts,
            )
        is_long = sum(len(job.source.text) for job in jobs) > settings.batch_characters
        self._draft(jobs, self._let_short_ones_go_first if is_long else _go_on)
        return len(jobs)

    def _let_short_ones_go_first(self) -> None:
        settings = self._services.settings
        with self._services.sessions() as session:
            jobs = drafting.take_short(
                session,
                documents=settings.batch_documents,
                characters=settings.batch_characters,
                lease=settings.draft_lease,
            )
        self._draft(jobs, _go_on)

    def _draft(self, jobs: Sequence[Job], after_batch: Callable[[], None]) -> None:
        jobs = [job for job in jobs if self._is_english(job)]
        if not jobs:
            return
        with Heartbeat(self._services, jobs) as heartbeat:

            def after_step() -> None:
                after_batch()
                heartbeat.progress()

            for job, annotation in zip(jobs, self._annotate(jobs, after_step), strict=True):
                if annotation:
                    self._extract(job, annotation)
                heartbeat.progress()

    def _is_english(self, job: Job) -> bool:
        """By what is told of the document, else by its text; where it is not, the document is given up."""
        code = job.language or language.detect(job.source.text)
        if code is None or code.lower().partition("-")[0] == "en":
            return True
        with self._services.sessions() as session, contextlib.suppress(DraftLeaseLostError):
            drafting.refuse_language(session, job, code)
        log.info("draft.unsupported_language", language=code, **_ids(job))
        return False

    def _annotate(self, jobs: Sequence[Job], after_batch: Callable[[], None]) -> list[Annotation | None]:
        """Annotations in the order of the jobs. Where a batch fails, its documents are tried one by one."""
        try:
            return list(self._annotator.annotate([job.source for job in jobs], after_batch=after_batch))
        except SQLAlchemyError:  # from between the batches: no fault of the documents, whose leases bring them back
            raise
        except Exception as error:  # noqa: BLE001 - whatever a text does to a parser ends as that document's failure
            if len(jobs) > 1:
                return [self._annotate([job], after_batch)[0] for job in jobs]
            self._fail(jobs[0], "parser_error", error)
            return [None]

    def _extract(self, job: Job, annotation: Annotation) -> None:
        """Drafts and records one document. What goes wrong with it is its own failure, and no other document's."""
        try:
            self._record(job, annotation)
        except DraftLeaseLostError:
            log.warning("draft.refused", **_ids(job))
        except (OperationalError, InterfaceError):  # the database went away: the lease brings the document back
            raise
        except Exception as error:  # noqa: BLE001 - no error on one document may cost the others of its batch
            self._fail(job, "drafting_error", error)

    def _record(self, job: Job, annotation: Annotation) -> None:
        started = time.monotonic()
        found = pipeline.extract(annotation, job.source)
        for note in found.notes:
            log.error("draft.note", note=note, **_ids(job))
        if found.failed:
            _give_back(self._services, job, "drafting_error", "; ".join(found.notes))
            return
        of_text, told = sketch(job.source.text), told_by(job.source.text)
        drafts = Drafts(found.records, found.notes, pipeline.VERSION, self._annotator.model, of_text, told)
        with self._services.sessions() as session:
            events = drafting.record(session, job, drafts)
        log.info("draft.recorded", events=len(events), seconds=round(time.monotonic() - started, 3), **_ids(job))

    def _fail(self, job: Job, failure: str, error: Exception) -> None:
        log.error("draft.failed", failure=failure, exc_info=error, **_ids(job))
        _give_back(self._services, job, failure, f"{type(error).__name__} while it was drafted.")


def _ids(job: Job) -> dict[str, str]:
    return {"document_id": str(job.document_id), "run_id": str(job.run_id)}


def _go_on() -> None:
    """Nothing to do between batches."""


def _give_back(services: Services, job: Job, failure: str, detail: str) -> None:
    try:
        with services.sessions() as session:
            drafting.fail(session, job, failure, detail, attempts=services.settings.draft_attempts)
    except DraftLeaseLostError:
        log.warning("draft.refused", **_ids(job))


class Heartbeat:
    """Renews leases while their process lives, in a thread of its own, since a step may take longer than a lease.

    Work that shows no progress for `draft_patience` seconds hangs: its documents are given back, and the process ends,
    because nothing else stops a loop inside a compiled library. The worker replaces the process.
    """

    def __init__(self, services: Services, jobs: Sequence[Job]) -> None:
        self._services = services
        self._jobs = jobs
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.progress()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def progress(self) -> None:
        """Says that a step is done."""
        self._deadline = time.monotonic() + self._services.settings.draft_patience

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        lease = self._services.settings.draft_lease
        while not self._done.wait(lease / 3):
            if time.monotonic() > self._deadline:
                self._give_up()
            self._renew(lease)

    def _renew(self, lease: int) -> None:
        try:
            with self._services.sessions() as session:
                drafting.renew(session, self._jobs, lease=lease)
        except SQLAlchemyError as error:  # a database that is away for a moment may be back before the lease ends
            log.warning("draft.lease_not_renewed", error=type(error).__name__)

    def _give_up(self) -> None:
        try:
            for job in self._jobs:
                log.error("draft.timeout", **_ids(job))
                patience = self._services.settings.draft_patience
                _give_back(self._services, job, "timeout", f"No progress within {patience} s.")
        finally:
            os._exit(1)
