"""Two pairs of eyes: a share of each family's records is read by a second person, who does not see the first answer.

Both answers are kept as revisions that are not current. When they agree, the first becomes current; else somebody who
adjudicates settles the fields that differ. Nobody reads a record twice, and nobody settles what he has read.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy.orm import Session

from service.operations import claims
from service.operations.record_schema import EDITABLE
from service.store.models import Decision, Event, ReviewItem, ReviewRule, Revision


def is_asked_for(session: Session, event: Event) -> bool:
    """Whether a second person is to read this record: a matter of its id, so that nobody can know or steer it."""
    rule = session.get(ReviewRule, event.type)
    return rule is not None and event.gold_of is None and drawn(event.id) < rule.second_share


def drawn(event_id: UUID) -> float:
    """A number in [0, 1) that is the record's own."""
    return int.from_bytes(hashlib.sha256(event_id.bytes).digest()[:8]) / 2**64


def begin(item: ReviewItem, decision: Decision, revision: int) -> None:
    """The first reading is done: the item goes to a second reader."""
    claims.free(item)
    item.stage, item.first_revision, item.assignee_id = "second", revision, None
    item.readers = [*item.readers, decision.by]


def conclude(session: Session, item: ReviewItem, event: Event, decision: Decision, revision: int) -> None:
    """The second reading is done: where both agree the record is decided, else somebody settles it."""
    assert item.first_revision is not None
    item.second_revision = revision
    item.readers = [*item.readers, decision.by]
    claims.free(item)
    first = session.get_one(Revision, (event.id, item.first_revision))
    second = session.get_one(Revision, (event.id, revision))
    if not agree(session, first, second):
        item.stage, item.assignee_id = "adjudication", None
        return
    event.revision = first.number
    event.state = "rejected" if is_rejection(session, first) else "approved"
    item.decided_at = claims.now(session)


def agree(session: Session, first: Revision, second: Revision) -> bool:
    """Whether two answers are the same: both reject, or both accept the same record, whatever their evidence."""
    if is_rejection(session, first) or is_rejection(session, second):
        return is_rejection(session, first) and is_rejection(session, second)
    return all(first.body[name] == second.body[name] for name in EDITABLE)


def is_rejection(session: Session, answer: Revision) -> bool:
    assert answer.decision_id is not None
    return session.get_one(Decision, answer.decision_id).decision == "reject"
