"""People as administrators see to them: what each may do, which families he reviews, whether he still signs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from service.errors import InvalidInputError, LastAdministratorError, NotFoundError, OwnAccountError
from service.operations import audit
from service.operations.actor import ROLE_SCOPES, Actor
from service.operations.versions import ANY, Seen, version_of
from service.store.models import ReviewItem, User
from workers.extraction.families import FAMILY_OF


@dataclass(frozen=True, slots=True)
class Person:
    """A person, with how many open items are left to him."""

    user: User
    assigned: int

    @property
    def version(self) -> str:
        return version_of(_told(self.user))


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes different about a person; what is None stays as it is. No families: he reviews all."""

    role: str | None = None
    families: Sequence[str] | None = None
    is_disabled: bool | None = None

    def check(self) -> None:
        """Raises InvalidInputError."""
        errors = {}
        if self.role is not None and self.role not in ROLE_SCOPES:
            errors["role"] = [f"Must be one of {', '.join(ROLE_SCOPES)}."]
        if set(self.families or ()) - set(FAMILY_OF):
            errors["families"] = [f"Must be of {', '.join(FAMILY_OF)}."]
        if errors:
            raise InvalidInputError(errors)


def everybody(session: Session, *, by: Actor | None) -> Sequence[Person]:
    """All people, by name; the disabled ones last."""
    if by:
        by.require("admin")
    listed = _select_people().order_by(User.disabled_at.is_not(None), User.username)
    with session.begin():
        return [Person(user, number) for user, number in session.execute(listed)]


def find(session: Session, *, by: Actor, after: str | None = None, limit: int) -> Sequence[Person]:
    """People by name; `after` is the last name of the page that came before."""
    by.require("admin")
    listed = _select_people().order_by(User.username).limit(limit)
    if after is not None:
        listed = listed.where(User.username > after)
    with session.begin():
        return [Person(user, number) for user, number in session.execute(listed)]


def _select_people() -> Select[User, int]:
    """With the number of open items that are left to each."""
    left_to_him = ReviewItem.assignee_id == User.id, ReviewItem.decided_at.is_(None)
    return select(User, select(func.count()).where(*left_to_him).correlate(User).scalar_subquery())


def get(session: Session, username: str, *, by: Actor) -> Person:
    """Raises NotFoundError."""
    by.require("admin")
    with session.begin():
        user = session.scalar(select(User).where(User.username == username))
        if user is None:
            raise NotFoundError("user", username)
        return _person(session, user)


def change(session: Session, username: str, wanted: Change, *, by: Actor | None, seen: Seen = ANY) -> Person:
    """Changes what a person is and does, at once: a disabled one is signed out, and his keys end. Items that were left
    to him and that he can no longer do are everybody's again.

    Raises InvalidInputError, OwnAccountError for one's own role or sign-in, LastAdministratorError, NotFoundError,
    VersionChangedError.
    """
    if by:
        by.require("admin")
    wanted.check()
    with session.begin():
        administrators = _lock_administrators(session)
        user = session.scalar(select(User).where(User.username == username).with_for_update())
        if user is None:
            raise NotFoundError("user", username)
        before = _told(user)
        seen.check(version_of(before))
        _apply(session, user, wanted)
        after = _told(user)
        if by and user.id == by.user_id and any(before[name] != after[name] for name in ("role", "is_disabled")):
            raise OwnAccountError()
        if administrators == [user.id] and not _is_administrator(user):
            raise LastAdministratorError()
        given_back = _give_back(session, user)
        if before != after:
            after |= {"given_back": given_back}
            audit.note(session, "user.changed", ("user", user.id), by=by, before=before, after=after)
        return _person(session, user)


def _person(session: Session, user: User) -> Person:
    return Person(user, session.scalars(select(func.count()).where(*_left_to(user))).one())


def _lock_administrators(session: Session) -> Sequence[UUID]:
    """Those who can sign in, locked in one order: of two who disable each other at the same time, the second fails."""
    can_sign_in = User.role == "administrator", User.disabled_at.is_(None)
    return session.scalars(select(User.id).where(*can_sign_in).order_by(User.id).with_for_update()).all()


def _is_administrator(user: User) -> bool:
    return user.role == "administrator" and user.disabled_at is None


def _apply(session: Session, user: User, wanted: Change) -> None:
    if wanted.role is not None:
        user.role = wanted.role
    if wanted.families is not None:
        user.families = [name for name in FAMILY_OF if name in wanted.families]
    if wanted.is_disabled is not None and wanted.is_disabled != (user.disabled_at is not None):
        user.disabled_at = session.scalars(select(func.now())).one() if wanted.is_disabled else None


def _told(user: User) -> dict[str, Any]:
    return {"role": user.role, "families": list(user.families), "is_disabled": user.disabled_at is not None}


def _give_back(session: Session, user: User) -> int:
    conditions = _left_to(user)
    if user.disabled_at is None and "review" in ROLE_SCOPES[user.role]:
        if not user.families:
            return 0
        conditions = (*conditions, ReviewItem.family.not_in(user.families))
    given_back = update(ReviewItem).where(*conditions).values(assignee_id=None).returning(ReviewItem.event_id)
    return len(session.scalars(given_back).all())


def _left_to(user: User) -> tuple[ColumnElement[bool], ...]:
    return ReviewItem.assignee_id == user.id, ReviewItem.decided_at.is_(None)
