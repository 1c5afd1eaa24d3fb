"""Saved filters: a filter of the list under a name. Its owner renames or deletes it, anybody who reads may open it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NameTakenError, NotFoundError, NotOwnerError
from service.operations import audit
from service.operations.actor import Actor
from service.operations.filters import Filter
from service.operations.versions import ANY, Seen, version_of
from service.storable import is_blank, unstorable
from service.store.models import SavedFilter, new_id

LONGEST_NAME = 80
MOST = 100  # of one person


def save(session: Session, name: str, wanted: Filter, *, by: Actor) -> SavedFilter:
    """Raises InvalidInputError, NameTakenError."""
    by.require("read")
    name = _checked(name)
    wanted.check()
    with session.begin():
        _check_free(session, name, by)
        if session.scalars(select(func.count()).where(SavedFilter.owner_id == by.user_id)).one() >= MOST:
            raise InvalidInputError({"name": [f"You have {MOST} saved filters, which is the most; delete one first."]})
        saved = SavedFilter(id=new_id(), owner_id=by.user_id, name=name, query=wanted.to_json())
        session.add(saved)
        session.flush()
        session.refresh(saved)
        after = {"name": name, "query": saved.query}
        audit.note(session, "filter.saved", ("filter", saved.id), by=by, after=after)
    return saved


def version(saved: SavedFilter) -> str:
    return version_of(saved.name, saved.query)


def rename(session: Session, filter_id: UUID, name: str, *, by: Actor, seen: Seen = ANY) -> SavedFilter:
    """Raises InvalidInputError, NameTakenError, NotOwnerError, NotFoundError, VersionChangedError."""
    by.require("read")
    name = _checked(name)
    with session.begin():
        saved = _own(session, filter_id, by)
        seen.check(version(saved))
        if saved.name != name:
            _check_free(session, name, by)
            before, saved.name = {"name": saved.name}, name
            audit.note(session, "filter.renamed", ("filter", saved.id), by=by, before=before, after={"name": name})
    return saved


def delete(session: Session, filter_id: UUID, *, by: Actor, seen: Seen = ANY) -> None:
    """Raises NotOwnerError, NotFoundError, VersionChangedError."""
    by.require("read")
    with session.begin():
        saved = _own(session, filter_id, by)
        seen.check(version(saved))
        before = {"name": saved.name, "query": saved.query}
        audit.note(session, "filter.deleted", ("filter", saved.id), by=by, before=before)
        session.delete(saved)


def get(session: Session, filter_id: UUID, *, by: Actor) -> SavedFilter:
    """Anybody's. Raises NotFoundError."""
    by.require("read")
    with session.begin():
        saved = session.get(SavedFilter, filter_id)
    if saved is None:
        raise NotFoundError("filter", filter_id)
    return saved


def own(session: Session, *, by: Actor) -> Sequence[SavedFilter]:
    """This person's, by name."""
    by.require("read")
    wanted = select(SavedFilter).where(SavedFilter.owner_id == by.user_id).order_by(func.lower(SavedFilter.name))
    with session.begin():
        return session.scalars(wanted).all()


def _checked(name: str) -> str:
    """The name on one line, without blanks around it."""
    name = " ".join(name.split())
    complaint = unstorable(name)
    if is_blank(name):
        complaint = "Must not be empty."
    elif len(name) > LONGEST_NAME:
        complaint = f"Must not be longer than {LONGEST_NAME} characters."
    if complaint:
        raise InvalidInputError({"name": [complaint]})
    return name


def _check_free(session: Session, name: str, by: Actor) -> None:
    if session.scalar(select(SavedFilter.id).where(SavedFilter.owner_id == by.user_id, SavedFilter.name == name)):
        raise NameTakenError(f"You have a filter {name!r} already.")


def _own(session: Session, filter_id: UUID, by: Actor) -> SavedFilter:
    saved = session.get(SavedFilter, filter_id, with_for_update=True, populate_existing=True)
    if saved is None:
        raise NotFoundError("filter", filter_id)
    if saved.owner_id != by.user_id:
        raise NotOwnerError()
    return saved
