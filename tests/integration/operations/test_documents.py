"""Taking documents in: kept before anybody rings, once for the same bytes, by those who may."""

from __future__ import annotations

import threading
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from service.dispatch import Dispatch
from service.errors import NotFoundError, ScopeMissingError
from service.operations import documents
from service.operations.actor import Actor
from service.operations.documents import Upload
from service.services import Services
from service.store.models import AuditEntry, Document
from tests.factories import create_document

UPLOAD = Upload(original=b"Ada came.", text="Ada came.", encoding="ascii", media_type="text/plain")


def test_the_same_bytes_are_the_same_document(services: Services, administrator: Actor) -> None:
    with services.sessions() as session:
        first = documents.submit(session, UPLOAD, by=administrator, dispatch=services.dispatch)
        again = documents.submit(session, UPLOAD, by=administrator, dispatch=services.dispatch)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.document.id == again.document.id


def test_the_same_bytes_at_the_same_time_are_one_document(services: Services, administrator: Actor) -> None:
    ids: list[UUID] = []
    barrier = threading.Barrier(5)

    def submit() -> None:
        with services.sessions() as session:
            barrier.wait()
            ids.append(documents.submit(session, UPLOAD, by=administrator, dispatch=services.dispatch).document.id)

    threads = [threading.Thread(target=submit) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 5
    assert len(set(ids)) == 1
    with services.sessions() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 2, "one user, one document"


def test_a_document_is_kept_when_the_broker_is_down(services: Services, administrator: Actor) -> None:
    nobody_listens = Dispatch("redis://127.0.0.1:1/0")
    with services.sessions() as session:
        kept = documents.submit(session, UPLOAD, by=administrator, dispatch=nobody_listens).document
    with services.sessions() as session:
        assert documents.get(session, kept.id, by=administrator).state == "received"


def test_the_text_is_kept_unchanged(services: Services, administrator: Actor) -> None:
    text = "  \r\nAn \N{SNOWMAN} and \U0001f600,\ttrailing blanks  \n\n"
    document = create_document(services, administrator, text)
    with services.sessions() as session:
        assert documents.get_with_text(session, document.id, by=administrator).text == text


def test_uploading_needs_the_scope(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session, pytest.raises(ScopeMissingError, match="upload"):
        documents.submit(session, UPLOAD, by=reviewer, dispatch=services.dispatch)


def test_an_unknown_document_is_said_to_be_unknown(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session, pytest.raises(NotFoundError):
        documents.get(session, uuid4(), by=reviewer)


def test_documents_are_listed_newest_first_in_pages(services: Services, administrator: Actor) -> None:
    made = [create_document(services, administrator, f"Document {i}").id for i in range(5)]
    with services.sessions() as session:
        first = documents.find(session, by=administrator, limit=3)
        rest = documents.find(session, by=administrator, limit=3, before=first[-1].id)
    assert [document.id for document in [*first, *rest]] == made[::-1]


def test_a_document_without_text_cannot_be_stored(services: Services, administrator: Actor) -> None:
    """The database itself refuses it, should the reader ever let one pass."""
    with services.sessions() as session, pytest.raises(IntegrityError):
        documents.submit(session, replace(UPLOAD, text=""), by=administrator, dispatch=services.dispatch)
    with services.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 0
