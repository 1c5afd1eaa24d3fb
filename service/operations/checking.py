"""What a fix would be refused for, told before it is sent. Nothing is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.errors import InvalidInputError, NotFoundError
from service.operations import reviews
from service.operations.actor import Actor
from service.store.models import Event, Revision


def complaints(session: Session, event_id: UUID, wanted: Mapping[str, Any], *, by: Actor) -> Mapping[str, Any]:
    """What is wrong with these changes of the current revision, by path; nothing when they would be taken.

    Raises NotFoundError.
    """
    by.require("review")
    with session.begin():
        event = session.get(Event, event_id)
        if event is None:
            raise NotFoundError("event", event_id)
        old = session.get_one(Revision, (event_id, event.revision))
        try:
            reviews.fixed(session, event, old, wanted)
        except InvalidInputError as error:
            errors: Mapping[str, Any] = error.facts["errors"]
            return errors
    return {}
