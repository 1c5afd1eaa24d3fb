"""Records that people make: one that the machine missed, two out of one, one out of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, undefer

from service.errors import InvalidInputError, NotFoundError, NotMergeableError
from service.operations import audit, changes, claims, joining, lifecycle, reviews
from service.operations.actor import Actor
from service.operations.changes import Body
from service.operations.claims import Lease
from service.operations.revisions import add_revision, evidence_in
from service.store.models import Decision, Document, Event, ReviewItem, Revision, new_id
from workers.extraction.families import FAMILY_OF
from workers.extraction.records import Evidence

# What the machine is sure of in a record that a person made: nothing.
UNSURE = 0.0


def add(
    session: Session, document_id: UUID, family: str, wanted: Mapping[str, Any], *, by: Actor, seconds: int
) -> Lease:
    """Adds a record that the machine missed, as a draft that the person holds, to be filled in and approved like any
    other. `wanted` are its fields as changes (see operations/changes.py); "details/action" and evidence for the field
    "trigger" are needed. Raises InvalidInputError, NotFoundError, FamilyNotYoursError.
    """
    by.require("review")
    if family not in FAMILY_OF:
        raise InvalidInputError({"type": [f"Must be one of {', '.join(FAMILY_OF)}."]})
    with session.begin():
        document = session.get(Document, document_id, options=[undefer(Document.text)], populate_existing=True)
        if document is None:
            raise NotFoundError("document", document_id)
        body, evidence = _new_record(document.text, family, wanted)
        event = _new_event(document_id, family)
        item = _store(session, event, body, evidence, "add", by)
        claims.refuse_if_not_his(item, by)
        return claims.hold(session, item, by, seconds)


def _new_record(text: str, family: str, wanted: Mapping[str, Any]) -> tuple[Body, list[Evidence]]:
    blank: Body = {"type": family, "modality": "occurred", "background": False, "date": None, "place": None}
    blank |= {"participants": [], "attributed_to": [], "details": {}, "confidence": {}, "rules": []}
    changed = changes.apply(family, blank, wanted)
    evidence = changes.carry_evidence(changed, [], changes.point(text, wanted.get("evidence", [])))
    if not any(item.field == "trigger" for item in evidence):
        raise InvalidInputError({"evidence": ["Point at the words that report the event: the field 'trigger'."]})
    return changed.body, evidence


def _new_event(document_id: UUID, family: str, made_from: UUID | None = None) -> Event:
    """Its key is its own: no run of the machine finds it."""
    event_id = new_id()
    return Event(
        id=event_id, document_id=document_id, key=f"person:{event_id}", type=family, made_from=made_from, state="draft"
    )


def _store(
    session: Session,
    event: Event,
    body: Body,
    evidence: Sequence[Evidence],
    how: str,
    by: Actor,
    batch: UUID | None = None,
) -> ReviewItem:
    """A new record with the decision that made it, which was on no revision of it."""
    event.revision = 1
    session.add(event)
    session.flush()
    decision = Decision(
        id=new_id(),
        event_id=event.id,
        on_revision=0,
        decision=how,
        changes=[],
        from_state="draft",
        from_stage="first",
        batch_id=batch,
        by=by.user_id,
        key_id=by.key_id,
    )
    session.add(decision)
    session.flush()
    add_revision(session, event.id, body, evidence, decision_id=decision.id)
    item = ReviewItem(
        event_id=event.id,
        family=event.type,
        document_id=event.document_id,
        confidence=UNSURE,
        readers=[],
        lease_number=0,
        stage="first",
    )
    session.add(item)
    session.flush()
    session.refresh(item)
    after = {**reviews.audit_view(event), "document": str(event.document_id), "type": event.type}
    after |= {"made_from": str(event.made_from)} if event.made_from else {}
    audit.note(session, "event.added", ("event", event.id), by=by, after=after)
    return item


def split(
    session: Session,
    event_id: UUID,
    moved: Sequence[str],
    *,
    revision: int,
    by: Actor,
    seconds: int,
    lease: int | None = None,
) -> tuple[Lease, Lease]:
    """Makes two drafts out of one: the participants `moved`, as in ("participants/1",), leave the record for a new one,
    which has all else in common with it but the other participants of their roles. The person holds both.

    Raises InvalidInputError and what `decide` raises.
    """
    by.require("review")
    with session.begin():
        item, event = reviews.locked(session, event_id, revision=revision)
        here = lifecycle.check(event, item, "split")
        reviews.check_hold(session, item, by, lease)
        old = session.get_one(Revision, (event.id, event.revision))
        staying, leaving = _parts(old.body, moved)
        before, batch = reviews.audit_view(event), new_id()
        decision = reviews.begin(session, item, event, "split", by, batch=batch)
        _revise(session, event, old, decision, dict.fromkeys(staying))
        body, evidence, _ = _with(event.type, old, dict.fromkeys(leaving))
        new = _new_event(event.document_id, event.type, made_from=event.id)
        new.gold_of = event.gold_of
        second = _store(session, new, body, evidence, "split", by, batch)
        second.priority, second.only_for = item.priority, item.only_for
        lifecycle.check_led(here, "split", event, item)
        after = {**reviews.audit_view(event), "into": str(new.id), "changes": decision.changes}
        audit.note(session, "event.split", ("event", event.id), by=by, before=before, after=after)
        return claims.hold(session, item, by, seconds), claims.hold(session, second, by, seconds)


def _parts(body: Body, moved: Sequence[str]) -> tuple[list[str], list[str]]:
    """What each of the two records loses: the old one the moved participants, the new one others of their roles."""
    paths = {f"participants/{i}": item["role"] for i, item in enumerate(body["participants"])}
    if unknown := [path for path in moved if path not in paths]:
        raise InvalidInputError({"moved": [f"The record has no {', '.join(unknown)}."]})
    roles = {paths[path] for path in moved}
    return list(dict.fromkeys(moved)), [path for path, role in paths.items() if role in roles and path not in moved]


def _with(family: str, old: Revision, wanted: Mapping[str, Any]) -> tuple[Body, list[Evidence], list[dict[str, Any]]]:
    changed = changes.apply(family, old.body, wanted)
    evidence = changes.carry_evidence(changed, evidence_in(old), [])
    made = changes.differences(old.body, changed.body)
    return {**changed.body, "confidence": changes.carry_confidence(changed, made)}, evidence, made


def _revise(session: Session, event: Event, old: Revision, decision: Decision, wanted: Mapping[str, Any]) -> None:
    body, evidence, decision.changes = _with(event.type, old, wanted)
    session.add(decision)
    session.flush()
    event.revision = add_revision(session, event.id, body, evidence, decision_id=decision.id)


def merge(
    session: Session, event_id: UUID, other_id: UUID, *, revision: int, by: Actor, lease: int | None = None
) -> int:
    """Makes one draft out of two of the same document and family, and returns its new revision: it takes over the
    other's evidence, its participants and sources, and what it left open itself. The other is superseded by it.

    Raises NotMergeableError and what `decide` raises, for either of the two.
    """
    by.require("review")
    if event_id == other_id:
        raise NotMergeableError("A record cannot be made one with itself.")
    with session.begin():
        for one in sorted((event_id, other_id)):  # always in this order, so that two people never wait for each other
            claims.locked(session, one)
        item, event = reviews.locked(session, event_id, revision=revision)
        other_item, other = claims.locked(session, other_id), session.get_one(Event, other_id, populate_existing=True)
        _refuse_unlike(event, other)
        here, there = lifecycle.check(event, item, "merge"), lifecycle.check(other, other_item, "absorb")
        reviews.check_hold(session, item, by, lease)
        reviews.check_hold(session, other_item, by, None)
        before, batch = reviews.audit_view(event), new_id()
        decision = reviews.begin(session, item, event, "merge", by, batch=batch)
        _join(session, event, other, decision)
        absorbed = reviews.begin(session, other_item, other, "absorb", by, batch=batch)
        _absorb(session, other_item, other, event, absorbed, by)
        lifecycle.check_led(here, "merge", event, item)
        lifecycle.check_led(there, "absorb", other, other_item)
        after = {**reviews.audit_view(event), "took": str(other_id), "changes": decision.changes}
        audit.note(session, "event.merged", ("event", event.id), by=by, before=before, after=after)
    return event.revision


def _refuse_unlike(event: Event, other: Event) -> None:
    """A hidden check is made one with no record that is published."""
    if event.gold_of or other.gold_of:
        raise NotMergeableError()
    if event.document_id != other.document_id:
        raise NotMergeableError("They are told in different documents.")
    if event.type != other.type:
        raise NotMergeableError("They are of different families.")


def _join(session: Session, event: Event, other: Event, decision: Decision) -> None:
    old = session.get_one(Revision, (event.id, event.revision))
    taken = session.get_one(Revision, (other.id, other.revision))
    joined = joining.join(old.body, taken.body)
    decision.changes = changes.differences(old.body, joined.body)
    evidence = joining.join_evidence(evidence_in(old), evidence_in(taken), joined)
    session.add(decision)
    session.flush()
    event.revision = add_revision(session, event.id, joined.body, evidence, decision_id=decision.id)


def _absorb(session: Session, item: ReviewItem, other: Event, into: Event, decision: Decision, by: Actor) -> None:
    before = reviews.audit_view(other)
    session.add(decision)
    session.flush()
    other.superseded_by = into.id
    reviews.end(session, item, other, "superseded", other.revision)
    after = {**reviews.audit_view(other), "superseded_by": str(into.id)}
    audit.note(session, "event.absorbed", ("event", other.id), by=by, before=before, after=after)
