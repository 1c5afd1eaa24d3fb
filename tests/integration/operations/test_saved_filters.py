"""Saved filters: one's own to name and to delete, anybody's to open."""

from __future__ import annotations

from dataclasses import fields
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from service.errors import InvalidInputError, NameTakenError, NotFoundError, NotOwnerError
from service.operations import saved_filters
from service.operations.actor import Actor
from service.operations.filters import Filter
from service.services import Services
from service.store.models import AuditEntry

EVERYTHING = Filter(
    families=("visit", "treaty"),
    holder="free",
    reason="date",
    stage="first",
    assigned="nobody",
    is_snoozed=True,
    document_id=UUID(int=7),
    least=0.5,
    most=0.9,
    text="Norvale",
    order="oldest",
)


def test_a_filter_is_the_same_after_it_was_saved(services: Services, reviewer: Actor, second_reviewer: Actor) -> None:
    assert all(getattr(EVERYTHING, one.name) != getattr(Filter(), one.name) for one in fields(Filter))
    with services.sessions() as session:
        saved = saved_filters.save(session, "  All  of it ", EVERYTHING, by=reviewer)
    with services.sessions() as session:
        opened = saved_filters.get(session, saved.id, by=second_reviewer)
        assert (opened.name, opened.owner.username) == ("All of it", "rosa")
        assert Filter.from_json(opened.query) == EVERYTHING
        assert saved_filters.own(session, by=second_reviewer) == []
    assert Filter.from_json({"no longer known": 1}) == Filter()


def test_only_its_owner_changes_a_filter(services: Services, reviewer: Actor, second_reviewer: Actor) -> None:
    with services.sessions() as session:
        saved_id = saved_filters.save(session, "Dates", Filter(reason="date"), by=reviewer).id
        for change in (
            lambda: saved_filters.rename(session, saved_id, "Mine", by=second_reviewer),
            lambda: saved_filters.delete(session, saved_id, by=second_reviewer),
        ):
            with pytest.raises(NotOwnerError):
                change()
        saved_filters.save(session, "Dates", Filter(), by=second_reviewer)  # his own names are his
        saved_filters.rename(session, saved_id, "Days", by=reviewer)
        saved_filters.delete(session, saved_id, by=reviewer)
        with pytest.raises(NotFoundError):
            saved_filters.get(session, saved_id, by=reviewer)
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == saved_id).order_by(AuditEntry.number)
        )
        assert [(entry.action, entry.before and entry.before["name"]) for entry in entries] == [
            ("filter.saved", None), ("filter.renamed", "Dates"), ("filter.deleted", "Days")
        ]  # fmt: skip


def test_names_are_there_and_different(services: Services, reviewer: Actor) -> None:
    with services.sessions() as session:
        first = saved_filters.save(session, "One", Filter(), by=reviewer).id
        second = saved_filters.save(session, "Two", Filter(), by=reviewer).id
        for name in ("", " \u200b ", "x" * 81, "a\0b"):
            with pytest.raises(InvalidInputError):
                saved_filters.save(session, name, Filter(), by=reviewer)
        with pytest.raises(NameTakenError):
            saved_filters.save(session, "One", Filter(), by=reviewer)
        with pytest.raises(NameTakenError):
            saved_filters.rename(session, second, "One", by=reviewer)
        assert saved_filters.rename(session, first, "One", by=reviewer).name == "One"
        with pytest.raises(NotFoundError):
            saved_filters.delete(session, uuid4(), by=reviewer)
