"""A document that replaces another one, its older version: what becomes of the records, once it is drafted.

What stands in the new text as it stood in the old one keeps id and decision, and from now on stands on the new text.
What people decided and the new text says differently, or not at all, stays in force as it is and comes back into the
review. Drafts that nobody decided are superseded by those of the new text. docs/adr/0026 tells why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, exists, select
from sqlalchemy.orm import Session, aliased, undefer

from service.operations import audit, claims, lifecycle, reviews
from service.operations.rebasing import Block, Rebasing
from service.operations.record_schema import EDITABLE
from service.operations.redrafting import body_of
from service.operations.revisions import add_revision, evidence_in
from service.store.models import Document, Event, ReviewItem, Revision, Run
from workers.extraction.records import EventRecord, Evidence

DIFFERENT = "The newest version of the document says this differently."
GONE = "Not in the newest version of the document."
NEWER = "There is a newer version of the document."
NOT_FOUND = "Its words do not stand once in the newest version of the document."


def is_outdated(session: Session, document: Document) -> bool:
    """Whether a newer version has been drafted: nothing new of this one comes into the review any more."""
    newer = select(Document.id).where(Document.series == document.series, Document.id > document.id, has_been_drafted())
    return session.scalar(newer.limit(1)) is not None


def to_compare(session: Session, document: Document) -> Document | None:
    """The newest older version that has been drafted, locked, with its text; None for a document that has been drafted
    before, when it was compared.
    """
    drafted = select(Run.id).where(Run.document_id == document.id, Run.outcome == "drafted").limit(1)
    if document.replaces is None or session.scalar(drafted):
        return None
    wanted = select(Document).where(Document.series == document.series, Document.id < document.id, has_been_drafted())
    locked = wanted.order_by(Document.id.desc()).limit(1).with_for_update(key_share=True)
    return session.scalar(locked.options(undefer(Document.text)).execution_options(populate_existing=True))


def has_been_drafted(document: type[Document] = Document) -> Exists:
    """Whether a document of the query has been drafted at least once."""
    return exists().where(Run.document_id == document.id, Run.outcome == "drafted")


def no_older_waits() -> ColumnElement[bool]:
    """Whether no older version of a document of the query waits for its drafting, or is at it."""
    older = aliased(Document)
    is_older = (older.series == Document.series) & (older.id < Document.id)
    return ~exists().where(is_older, older.state.in_(("received", "reading", "drafting")))


@dataclass(frozen=True, slots=True)
class Old:
    """A record of the older version, locked: where it stands, what it says now, and what the machine had drafted."""

    event: Event
    item: ReviewItem
    here: str
    current: Revision
    draft: Revision | None


class Replacement:
    """What a run found in a new version, compared with the records of the version before."""

    def __init__(
        self, session: Session, old: Document, new: Document, run_id: UUID, found: Mapping[str, EventRecord]
    ) -> None:
        self._session, self._run_id, self._found = session, run_id, found
        self._old_id, self._new_id = old.id, new.id
        self._rebasing = Rebasing(old.text, new.text)
        self._free = dict(found)  # what no record of the old version has become yet

    def carry_over(self) -> tuple[set[str], list[tuple[Event, str | None]]]:
        """Carries the records over. Returns the keys of those that are known by that, and the drafts that are to be
        superseded with the key of what takes the place of each.
        """
        olds = [self._lock(event) for event in self._events()]
        matched = self._match(olds)
        superseded: list[tuple[Event, str | None]] = []
        known: set[str] = set()
        for old in olds:
            key = matched.get(old.event.id)
            if old.here in ("draft", "second", "adjudication", "redraft"):
                if old.draft:
                    superseded.append((old.event, key))
                else:
                    old.item.note = old.item.note or NEWER
            elif old.here == "superseded":
                continue
            elif old.draft is None:
                self._carry_persons(old)
            elif self._carry(old, key):
                known.add(str(key))
        return known, superseded

    def supersede(self, event: Event, by: UUID | None) -> None:
        """Ends a draft of the old version."""
        item = self._session.get_one(ReviewItem, event.id)
        here, was = lifecycle.standing(event, item), reviews.audit_view(event)
        reviews.end(self._session, item, event, "superseded", event.revision)
        event.superseded_by = by
        item.stage = "first"
        lifecycle.check_led(here, "replaced", event, item)
        self._note(event, was)

    def _events(self) -> Sequence[Event]:
        of_old = Event.document_id == self._old_id, Event.gold_of.is_(None)
        return self._session.scalars(select(Event).where(*of_old).order_by(Event.id)).all()

    def _lock(self, event: Event) -> Old:
        session = self._session
        item = claims.locked(session, event.id)
        session.refresh(event)
        current = session.get_one(Revision, (event.id, event.revision))
        draft = session.get_one(Revision, (event.id, event.draft_revision)) if event.draft_revision else None
        return Old(event, item, lifecycle.standing(event, item), current, draft)

    # Which is which

    def _match(self, olds: Sequence[Old]) -> dict[UUID, str]:
        """For each record of the machine's the key of what it is in the new version, if it is there: the same words in
        the same sentences before the same trigger, and that before the only one of its kind in a changed sentence.
        """
        drafted = [old for old in olds if old.draft]
        matched: dict[UUID, str] = {}
        for find in (self._alike, self._at_same_trigger, self._in_changed_sentence):
            open_yet = [old for old in drafted if old.event.id not in matched]
            for old in open_yet:
                if key := find(old, open_yet):
                    matched[old.event.id] = key
                    del self._free[key]
        return matched

    def _alike(self, old: Old, _: Sequence[Old]) -> str | None:
        near = (key for key in self._near(old) if self._is_unchanged(old, self._free[key]))
        return next(near, None)

    def _at_same_trigger(self, old: Old, _: Sequence[Old]) -> str | None:
        near = self._near(old)
        like = [key for key in near if _kind(self._free[key]) == _kind_of(old)]
        return next(iter(like or (near if len(near) == 1 else ())), None)

    def _near(self, old: Old) -> list[str]:
        """What is found of the same family at the same trigger."""
        assert old.draft
        triggers = [one for one in evidence_in(old.draft) if one.field == "trigger"]
        starts = {moved.start for one in triggers if (moved := self._rebasing.moved(one))}
        same = (key for key, found in self._free.items() if found.type == old.event.type)
        return [key for key in same if self._free[key].trigger.start in starts]

    def _in_changed_sentence(self, old: Old, others: Sequence[Old]) -> str | None:
        block, kind = self._block(old), _kind_of(old)
        if block is None or block.is_same:
            return None
        here = [key for key, found in self._free.items() if _kind(found) == kind]
        like = [key for key in here if self._rebasing.is_in(block, self._free[key].trigger.start)]
        rivals = [one for one in others if _kind_of(one) == kind and self._block(one) == block]
        return like[0] if len(like) == len(rivals) == 1 else None

    def _block(self, old: Old) -> Block | None:
        assert old.draft
        return self._rebasing.block_of(next(one.start for one in evidence_in(old.draft) if one.field == "trigger"))

    def _is_unchanged(self, old: Old, found: EventRecord) -> bool:
        assert old.draft
        moved = self._rebasing.moved_all(evidence_in(old.draft))
        return moved is not None and {_place(one) for one in moved} == {_place(one) for one in found.evidence}

    # What becomes of it

    def _carry(self, old: Old, key: str | None) -> bool:
        """A decided record of the machine's. Returns whether the new version's draft has become its own."""
        if key is None:
            self._reopen(old, GONE)
            return False
        found, event = self._found[key], old.event
        assert old.draft
        is_same = self._is_unchanged(old, found) and _says_the_same(old.draft, found)
        stands_here = old.current.document_id == self._old_id
        rebased = self._rebasing.moved_all(evidence_in(old.current)) if is_same and stands_here else None
        is_kept = rebased is not None or (is_same and not stands_here)
        if not is_kept and old.here == "retracted":
            return False  # it is over; what the new version says is a draft of its own
        was = reviews.audit_view(event)
        event.document_id, event.key, old.item.document_id = self._new_id, key, self._new_id
        event.run_id, event.draft_revision = self._run_id, self._add(old, found.evidence, draft=found)
        if rebased is not None:
            event.revision = self._add(old, rebased)
        if not is_kept:
            self._back(old, DIFFERENT)
        lifecycle.check_led(old.here, "replaced", event, old.item)
        self._note(event, was, event.draft_revision)
        return True

    def _carry_persons(self, old: Old) -> None:
        """A decided record that a person made."""
        rebased = self._rebasing.found_all(evidence_in(old.current))
        if rebased is None or old.current.document_id != self._old_id:
            self._reopen(old, NOT_FOUND)
            return
        was, event = reviews.audit_view(old.event), old.event
        event.document_id = old.item.document_id = self._new_id
        event.revision = self._add(old, rebased)
        lifecycle.check_led(old.here, "replaced", event, old.item)
        self._note(event, was)

    def _reopen(self, old: Old, note: str) -> None:
        if old.here == "retracted":
            return
        was = reviews.audit_view(old.event)
        self._back(old, note)
        lifecycle.check_led(old.here, "replaced", old.event, old.item)
        self._note(old.event, was)

    def _back(self, old: Old, note: str) -> None:
        """Into the review; what was decided is in force until it is decided anew."""
        item = old.item
        item.decided_at, item.stage, item.note, item.readers = None, "first", note, []
        item.first_revision = item.second_revision = None

    def _add(self, old: Old, evidence: Sequence[Evidence], *, draft: EventRecord | None = None) -> int:
        """A revision in the new text: this draft, or what the record says now by the decision that it had."""
        return add_revision(
            self._session,
            old.event.id,
            body_of(draft) if draft else old.current.body,
            evidence,
            run_id=self._run_id if draft else None,
            decision_id=None if draft else old.current.decision_id,
            document_id=self._new_id,
        )

    def _note(self, event: Event, was: dict[str, object], made: int | None = None) -> None:
        after = {**reviews.audit_view(event, made), "document": str(event.document_id), "replaced": str(self._old_id)}
        audit.note(self._session, "event.replaced", ("event", event.id), by=None, before=was, after=after)


def _place(one: Evidence) -> tuple[str, int, int]:
    return one.field, one.start, one.end


def _says_the_same(draft: Revision, found: EventRecord) -> bool:
    now = body_of(found)
    return all(draft.body[name] == now[name] for name in EDITABLE)


def _kind(found: EventRecord) -> tuple[str, object]:
    return found.type, found.details["action"]


def _kind_of(old: Old) -> tuple[str, object]:
    assert old.draft
    return old.event.type, old.draft.body["details"]["action"]
