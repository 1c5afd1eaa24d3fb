"""Comments on a record: who may write and see them, and what the audit keeps."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NotFoundError, ScopeMissingError
from service.operations import comments, reviews, second_reading
from service.operations.actor import Actor
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import AuditEntry
from tests.conftest import create_actor
from tests.factories import create_drafted_document


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    with services.sessions() as session:
        yield session


@pytest.fixture
def visit(services: Services, administrator: Actor) -> UUID:
    return create_drafted_document(services, administrator)[1][0]


def test_a_comment_is_written_seen_and_resolved_once(
    services: Services, session: Session, reviewer: Actor, second_reviewer: Actor, visit: UUID
) -> None:
    reader = create_actor(services, "rita", "reader")
    made = comments.add(session, visit, " Is it Tuesday? ", by=reviewer, field="date")
    comments.resolve(session, visit, made.id, by=second_reviewer)
    comments.resolve(session, visit, made.id, by=reviewer)
    (seen,) = comments.find(session, visit, by=reader)
    assert (seen.text, seen.field, seen.author.username) == ("Is it Tuesday?", "date", reviewer.username)
    assert seen.resolver is not None
    assert seen.resolver.username == second_reviewer.username
    with pytest.raises(ScopeMissingError):
        comments.add(session, visit, "No.", by=reader)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("comment.%"))).all()
    assert sorted(actions) == ["comment.added", "comment.resolved"]


@pytest.mark.parametrize("field", ["participants/1", "participants", "details/action", "killed", "id", "date/edtf", ""])
def test_a_comment_is_about_a_field_of_the_record(session: Session, reviewer: Actor, visit: UUID, field: str) -> None:
    with pytest.raises(InvalidInputError):
        comments.add(session, visit, "Who?", by=reviewer, field=field)


@pytest.mark.parametrize("text", ["", " \u200b", pytest.param("x" * 2001, id="long")])
def test_a_comment_says_something(session: Session, reviewer: Actor, visit: UUID, text: str) -> None:
    with pytest.raises(InvalidInputError):
        comments.add(session, visit, text, by=reviewer)


def test_a_comment_belongs_to_one_record(session: Session, reviewer: Actor, visit: UUID) -> None:
    made = comments.add(session, visit, "Who?", by=reviewer)
    with pytest.raises(NotFoundError):
        comments.resolve(session, made.id, made.id, by=reviewer)
    with pytest.raises(NotFoundError):
        comments.resolve(session, visit, visit, by=reviewer)


def test_what_a_blind_reader_noted_is_kept_from_the_other_until_both_have_answered(
    session: Session, administrator: Actor, reviewer: Actor, second_reviewer: Actor, visit: UUID
) -> None:
    second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    comments.add(session, visit, "I say Wednesday.", by=reviewer, field="date")
    reviews.decide(session, visit, Verdict("approve"), revision=1, by=reviewer)
    assert comments.find(session, visit, by=second_reviewer) == []
    assert len(comments.find(session, visit, by=reviewer)) == 1
    reviews.decide(session, visit, Verdict("approve"), revision=1, by=second_reviewer)
    assert len(comments.find(session, visit, by=second_reviewer)) == 1
