"""Hidden checks: a copy of a draft whose right answer is known, handed to one reviewer in place of the next item.

For him it is an item like any other. For everybody else it is not there, and nobody ever publishes, counts or exports
it. What it copies is not shown beside it. operations/gold_items.py says which records are copied, and who was right.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from service.operations import audit
from service.operations.actor import Actor
from service.operations.lifecycle import UNDO_WITHIN
from service.operations.ranking import expected_edits, place_among_uncertain
from service.operations.revisions import add_revision, evidence_in
from service.store.models import Decision, Event, GoldItem, ReviewItem, ReviewRule, Revision

KNOWN = ("approved", "rejected")


def draw(session: Session, instead_of: ReviewItem, by: Actor) -> ReviewItem | None:
    """With the chance that the family's rules give, a new check for this person in place of this item; None where the
    lot is against it, or no record is left that he could be checked on. In the caller's transaction.
    """
    if instead_of.stage != "first" or instead_of.only_for is not None:
        return None
    is_drawn = select(ReviewRule.family).where(ReviewRule.family == instead_of.family)
    if session.scalar(is_drawn.where(func.random() < ReviewRule.gold_share)) is None:
        return None
    gold = session.scalar(_fit_for(by, instead_of.family))
    return _copy(session, gold, instead_of, by) if gold else None


def _fit_for(by: Actor, family: str) -> Select[Event]:
    """One of the records with a known answer that this person has not decided, read, marked or been given."""
    copied = aliased(Event)
    was_his = exists().where(Decision.event_id == Event.id, Decision.by == by.user_id)
    was_given = exists().where(copied.gold_of == Event.id, copied.key == _key(by))
    return (
        select(Event)
        .join(GoldItem, GoldItem.event_id == Event.id)
        .join(ReviewItem, ReviewItem.event_id == Event.id)
        .where(
            Event.type == family,
            Event.state.in_(KNOWN),
            ReviewItem.decided_at.is_not(None),
            GoldItem.by != by.user_id,
            ~ReviewItem.readers.contains([by.user_id]),
            ~was_his,
            ~was_given,
        )
        .order_by(func.random())
        .limit(1)
    )


def _key(by: Actor) -> ColumnElement[str]:
    return func.concat("gold:", Event.id, ":", str(by.user_id))


def _copy(session: Session, gold: Event, instead_of: ReviewItem, by: Actor) -> ReviewItem | None:
    """The machine's draft as a new record. None when the same person's other claim has been given it just now."""
    draft = session.get_one(Revision, (gold.id, gold.draft_revision))
    row = insert(Event).values(
        id=_id_beside(gold.id),
        document_id=gold.document_id,
        run_id=gold.run_id,
        key=f"gold:{gold.id}:{by.user_id}",
        type=gold.type,
        state="draft",
        revision=1,
        draft_revision=1,
        gold_of=gold.id,
    )
    event_id = session.scalar(row.on_conflict_do_nothing().returning(Event.id))
    if event_id is None:
        return None
    add_revision(session, event_id, draft.body, evidence_in(draft), run_id=draft.run_id, at=draft.at)
    item = _item(event_id, gold, draft, instead_of, by)
    session.add(item)
    session.flush()
    document = str(gold.document_id)
    after = {"state": "draft", "revision": 1, "document": document, "gold_of": str(gold.id)}
    audit.note(session, "gold.drawn", ("event", event_id), by=by, after=after)
    return item


def _item(event_id: UUID, gold: Event, draft: Revision, instead_of: ReviewItem, by: Actor) -> ReviewItem:
    """In the review as if it had come when the item came that it takes the place of."""
    confidence, since = draft.body["confidence"], instead_of.created_at
    edits = expected_edits(confidence)
    return ReviewItem(
        event_id=event_id,
        family=gold.type,
        document_id=gold.document_id,
        stage="first",
        priority=instead_of.priority,
        confidence=confidence.get("record", 0.0),
        expected_edits=edits,
        due=place_among_uncertain(since, edits),
        created_at=since,
        ready_at=since,
        lease_number=0,
        readers=[],
        only_for=by.user_id,
    )


def _id_beside(event_id: UUID) -> UUID:
    """A UUIDv7 of the same millisecond: the time in an id must not tell that it was made later than its document's."""
    moment = event_id.int >> 80
    return UUID(int=moment << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62))


# Who sees what


def is_there_for(by: Actor) -> ColumnElement[bool]:
    """Whether a review item of the query is there for this person: no check of another's."""
    return or_(ReviewItem.only_for.is_(None), ReviewItem.only_for == by.user_id)


def is_known_to(by: Actor) -> ColumnElement[bool]:
    """Whether an event of the query may be read by this person: checks by those whom they are for, and by those who see
    how the checks come out.
    """
    if "adjudicate" in by.scopes:
        return Event.id.is_not(None)
    item = aliased(ReviewItem)
    return Event.gold_of.is_(None) | exists().where(item.event_id == Event.id, item.only_for == by.user_id)


def is_listed_for(by: Actor) -> ColumnElement[bool]:
    """Whether an event of the query is among its document's records for this person: his checks are, as long as he must
    not know them for what they are, which is as long as he can undo his answer; what they copy is not.
    """
    is_check = Event.gold_of.is_not(None)
    return or_(and_(~is_check, ~is_copied_for(by)), and_(is_check, _is_open_for(by, Event.id)))


def is_copied_for(by: Actor) -> Exists:
    """Whether an event of the query has a copy before this person that he must not know for what it is."""
    check = aliased(Event)
    return exists().where(check.gold_of == Event.id, _is_open_for(by, check.id))


def _is_open_for(by: Actor, event_id: InstrumentedAttribute[UUID]) -> Exists:
    item, decision = aliased(ReviewItem), aliased(Decision)
    recently = decision.at > func.now() - UNDO_WITHIN
    is_decided = item.decided_at.is_not(None) & ~exists().where(decision.event_id == item.event_id, recently)
    return exists().where(item.event_id == event_id, item.only_for == by.user_id, ~is_decided)
