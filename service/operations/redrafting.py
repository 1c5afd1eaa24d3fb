"""A document drafted anew: which of its records people have to look at again.

A record is found again by its key, which comes from places in the text. One that comes out as the machine drafted it
before is left alone, whatever people decided on it. One that comes out differently is to be looked at (again); what
people decided stays in force until they decide anew. Records that people made are none of the machine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.operations import audit, claims, lifecycle, reviews
from service.operations.ranking import expected_edits, place_among_uncertain
from service.operations.record_schema import EDITABLE
from service.operations.revisions import add_revision
from service.store.models import Event, ReviewItem, Revision
from workers.extraction.records import EventRecord

AGAIN = "The machine drafts this differently now."
SENT_BACK = "It was sent back, and has been drafted again."


def update_known(session: Session, document_id: UUID, run_id: UUID, found: Mapping[str, EventRecord]) -> set[str]:
    """Brings the document's records up to what a run found, by key; returns the keys that were known."""
    machines = Event.document_id == document_id, Event.run_id.is_not(None)
    events = session.scalars(select(Event).where(*machines).order_by(Event.id)).all()
    for event in events:
        item = claims.locked(session, event.id)
        session.refresh(event)
        if event.key in found:
            _update(session, item, event, found[event.key], run_id)
        elif item.stage == "redraft":
            _end(session, item, event)
    return {event.key for event in events}


def _update(session: Session, item: ReviewItem, event: Event, found: EventRecord, run_id: UUID) -> None:
    here = lifecycle.standing(event, item)
    is_same = _is_same(session, event, found)
    if here != "redraft" and is_same:
        return
    before = reviews.audit_view(event)
    number = add_revision(session, event.id, body_of(found), found.evidence, run_id=run_id)
    is_machines = event.revision == event.draft_revision
    event.draft_revision, event.run_id = number, run_id
    if here in ("draft", "redraft") and is_machines:
        event.revision = number
        rank(session, item, found)
    if here == "redraft":
        item.stage, item.note = "first", item.note or SENT_BACK
        lifecycle.check_led(here, "drafted", event, item)
    elif here in ("approved", "rejected"):
        item.decided_at, item.stage, item.note, item.readers = None, "first", AGAIN, []
        item.first_revision = item.second_revision = None
        lifecycle.check_led(here, "drafted", event, item)
    after = reviews.audit_view(event, number)
    audit.note(session, "event.redrafted", ("event", event.id), by=None, before=before, after=after)


def _is_same(session: Session, event: Event, found: EventRecord) -> bool:
    """Whether the machine drafts what it drafted before: the values that people can change, not how sure it is."""
    before = session.get_one(Revision, (event.id, event.draft_revision)).body
    now = body_of(found)
    return all(before[name] == now[name] for name in EDITABLE)


def _end(session: Session, item: ReviewItem, event: Event) -> None:
    """A record that was sent back and is not drafted any more."""
    before = reviews.audit_view(event)
    reviews.end(session, item, event, "superseded", event.revision)
    item.stage = "first"
    lifecycle.check_led("redraft", "drafted", event, item)
    audit.note(session, "event.redrafted", ("event", event.id), by=None, before=before, after=reviews.audit_view(event))


def body_of(found: EventRecord) -> dict[str, Any]:
    body = found.to_json()
    del body["evidence"]
    return body


def rank(session: Session, item: ReviewItem, found: EventRecord) -> None:
    """Where the item stands in each order."""
    item.confidence = found.confidence.get("record", 0.0)
    item.expected_edits = expected_edits(found.confidence)
    item.due = place_among_uncertain(item.created_at or claims.now(session), item.expected_edits)
