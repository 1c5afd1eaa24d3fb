"""The audit: one entry for every change, in the change's own transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.operations.actor import Actor
from service.store.models import AuditEntry


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
        AuditEntry(
            actor_id=by.user_id if by else None,
            key_id=by.key_id if by else None,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            before=before,
            after=after,
        )
    )
