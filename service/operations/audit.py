"""The audit: one entry for every change, in the change's own transaction.

Operations note; the database makes an entry of each note when the transaction commits, and chains it to the one before
(see operations/audit_chain.py and docs/audit.md). A note on a record says in `before` and `after` how it stands: its
`state` and `revision`, and in `made` a revision that was stored but is not the current one. The database adds the
hashes of the revisions that are named so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from service.errors import NotFoundError
from service.operations.actor import Actor
from service.store.models import AuditEntry, AuditNote, Event, User


def note(
    session: Session,
    action: str,
    subject: tuple[str, UUID],
    *,
    by: Actor | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Adds an entry; `by` None is the system itself. `subject` is its kind and id, as in ("event", id)."""
    session.add(
        AuditNote(
            actor_id=by.user_id if by else None,
            key_id=by.key_id if by else None,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            before=before,
            after=after,
        )
    )


# Entries that tell what somebody makes of a record, a comment among them.
TELL_AN_ANSWER = ("event.decided", "event.settled", "event.undone", "comment.added")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: those about something, by somebody, of an action; `concerning` takes what is about it or by it."""

    subject: UUID | None = None
    actor: str | None = None
    action: str | None = None
    concerning: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        return [
            condition
            for value, condition in (
                (self.subject, AuditEntry.subject_id == self.subject),
                (self.actor, AuditEntry.actor_id == _id_of(self.actor)),
                (self.action, AuditEntry.action == self.action),
                (
                    self.concerning,
                    or_(AuditEntry.subject_id == self.concerning, AuditEntry.actor_id == self.concerning),
                ),
            )
            if value is not None
        ]


def _id_of(username: str | None) -> Any:
    return select(User.id).where(User.username == username).scalar_subquery()


def find(
    session: Session, wanted: Wanted, *, by: Actor | None, before: int | None = None, limit: int = 50
) -> Sequence[AuditEntry]:
    """Entries, the newest first; `before` is the last number of the page that came before. A person, who may be asked
    to read a record himself, is told the answers to it once it is no draft any more.
    """
    people = (joinedload(AuditEntry.actor), joinedload(AuditEntry.key))
    entries = select(AuditEntry).where(*wanted.conditions()).options(*people).order_by(AuditEntry.number.desc())
    if by:
        by.require("admin")
        entries = entries.where(~_is_open_answer())
    if before is not None:
        entries = entries.where(AuditEntry.number < before)
    with session.begin():
        return session.scalars(entries.limit(limit)).all()


def _is_open_answer() -> ColumnElement[bool]:
    of_draft = exists().where(Event.id == AuditEntry.subject_id, Event.state == "draft")
    return AuditEntry.action.in_(TELL_AN_ANSWER) & of_draft


def subject_of(session: Session, named: str) -> UUID:
    """The id of what is named by its id, or of the person with this user name. Raises NotFoundError."""
    try:
        return UUID(named)
    except ValueError:
        with session.begin():
            found = session.scalar(select(User.id).where(User.username == named.strip().lower()))
    if found is None:
        raise NotFoundError("user", named)
    return found


def moment(at: dt.datetime) -> str:
    """The time as it is hashed."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def to_json(entry: AuditEntry) -> dict[str, Any]:
    """An entry with all that its hash is made of."""
    return {
        "number": entry.number,
        "at": moment(entry.at),
        "actor": {"id": str(entry.actor.id), "username": entry.actor.username} if entry.actor else None,
        "key": {"id": str(entry.key.id), "prefix": entry.key.prefix} if entry.key else None,
        "action": entry.action,
        "subject": {"kind": entry.subject_kind, "id": str(entry.subject_id)},
        "before": entry.before,
        "after": entry.after,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
