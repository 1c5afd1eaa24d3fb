"""The proof that the audit is whole: every entry is as it was written, and so is every revision that entries name.

The hashes that the database made (migrations 0004 and 0019) are made once more here, by other code, from what is
stored.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, cast, func, select, text, tuple_
from sqlalchemy.orm import Session

from service.errors import AuditBrokenError, InvalidInputError
from service.operations import audit
from service.store.models import AuditEntry, AuditNote, EvidenceItem, Revision

ENTRIES_AT_A_TIME = 500
Stored = Row[*tuple[Any, ...]]
SEPARATOR = "\x1f"
HEAD = re.compile(r"([0-9]+):([0-9a-f]{64})")

STORED = (
    select(
        AuditEntry.number,
        AuditEntry.at,
        AuditEntry.actor_id,
        AuditEntry.key_id,
        AuditEntry.action,
        AuditEntry.subject_kind,
        AuditEntry.subject_id,
        cast(AuditEntry.before, Text).label("before"),
        cast(AuditEntry.after, Text).label("after"),
        AuditEntry.previous_hash,
        AuditEntry.hash,
    )
    .order_by(AuditEntry.number)
    .execution_options(yield_per=ENTRIES_AT_A_TIME)
)

# A hash of the first way leaves open in which document's text the evidence counts.
UNTOLD_REVISION = text(
    """
    select event_id, number from revisions
    where not exists (
        select from audit_entries entry
        where entry.subject_id = revisions.event_id and entry.subject_kind = 'event'
            and entry.after #>> array['revisions', revisions.number::text] like '2:%'
    )
    order by event_id, number limit 1
    """
)

# A record that does not stand as the last entry on it says.
STANDING_OTHERWISE = text(
    """
    select events.id, events.state, events.revision, said.number
    from events left join lateral (
        select entry.number, entry.after from audit_entries entry
        where entry.subject_id = events.id and entry.subject_kind = 'event'
            and entry.after ?& array['state', 'revision']
        order by entry.number desc limit 1
    ) said on true
    where (events.state, events.revision::text) is distinct from (said.after ->> 'state', said.after ->> 'revision')
    order by events.id limit 1
    """
)

# A record that is not of the document that the last entry on that says.
OF_ANOTHER_DOCUMENT = text(
    """
    select events.id, events.document_id, said.number
    from events left join lateral (
        select entry.number, entry.after from audit_entries entry
        where entry.subject_id = events.id and entry.subject_kind = 'event' and entry.after ? 'document'
        order by entry.number desc limit 1
    ) said on true
    where events.document_id::text is distinct from said.after ->> 'document'
    order by events.id limit 1
    """
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain: it stands for all that came before."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, written: str) -> Head:
        """From NUMBER:HASH. Raises InvalidInputError."""
        found = HEAD.fullmatch(written.strip())
        if found is None:
            raise InvalidInputError({"head": ["Must be NUMBER:HASH, as verifying printed it."]})
        return cls(int(found[1]), found[2])


NOTHING = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class Proof:
    """What fits: all entries up to the last one, and so many hashes of revisions in them."""

    head: Head
    revisions: int


@dataclass(frozen=True, slots=True)
class Pin:
    """What an entry says of a revision."""

    entry: int
    event_id: UUID
    revision: int
    hash: str


def verify(session: Session, *, expected: Head | None = None) -> Proof:
    """Goes through the whole chain, in bounded memory, as of one moment. Raises AuditBrokenError, which names the first
    entry that does not fit.

    Whoever can write to the database can make a whole new chain that fits. `expected`, a head that was kept elsewhere,
    shows that: it must be in the chain.
    """
    head, revisions = NOTHING, 0
    with session.begin():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        for batch in session.execute(STORED).partitions():
            head, pins = _follow(session, batch, head, expected)
            revisions += pins
        _check_end(head, expected)
        _check_records(session)
    return Proof(head, revisions)


def entry_hash(entry: Stored) -> str:
    fields = (
        entry.number,
        audit.moment(entry.at),
        entry.actor_id,
        entry.key_id,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.before,
        entry.after,
        entry.previous_hash,
    )
    return _sha256(SEPARATOR.join("" if field is None else str(field) for field in fields))


def revision_hashes(revision: Stored, evidence: Iterable[Stored]) -> tuple[str, str]:
    """Of a revision's body, as the database writes it, and of its evidence in order: without the document in whose text
    that counts, as entries of older versions have it, and with it.
    """
    backing = [
        json.dumps([e.field, e.start, e.end, e.quote, e.prefix, e.suffix, e.rule], ensure_ascii=False) for e in evidence
    ]
    first = _sha256(SEPARATOR.join([revision.body, *backing]))
    second = _sha256(SEPARATOR.join([revision.body, str(revision.document_id), *backing]))
    return first, f"2:{second}"


def _sha256(written: str) -> str:
    return hashlib.sha256(written.encode()).hexdigest()


# The entries


def _follow(session: Session, batch: Sequence[Stored], head: Head, expected: Head | None) -> tuple[Head, int]:
    """Goes on from `head` through the batch, to a new head and the number of revisions that were looked at. An entry
    that does not fit is told after those before it were checked wholly, so that the first is named.
    """
    pins: list[Pin] = []
    complaint = None
    for entry in batch:
        complaint = _complaint(entry, head, expected)
        if complaint:
            break
        head = Head(entry.number, entry.hash)
        pins += _pins_of(entry)
    _check_pins(session, pins)
    if complaint:
        raise AuditBrokenError(complaint)
    return head, len(pins)


def _complaint(entry: Stored, last: Head, expected: Head | None) -> str | None:
    """What does not fit about an entry that should come after `last`."""
    if entry.number != last.number + 1:
        return f"Entry {last.number + 1} is missing: after {last.number} comes {entry.number}."
    if entry.previous_hash != last.hash:
        return f"Entry {entry.number} does not follow from entry {last.number}: that one was another, or was changed."
    if entry.hash != entry_hash(entry):
        return f"Entry {entry.number} was changed: its hash is not that of what it says."
    if expected and entry.number == expected.number and entry.hash != expected.hash:
        return f"Entry {entry.number} is not the one that was expected: the chain was written anew."
    return None


def _check_end(head: Head, expected: Head | None) -> None:
    if expected and head.number < expected.number:
        raise AuditBrokenError(f"Entry {expected.number} is missing: the chain ends with {head.number}.")


# The revisions that they name


def _pins_of(entry: Stored) -> list[Pin]:
    if entry.subject_kind != "event":
        return []
    told = [json.loads(side).get("revisions", {}) for side in (entry.before, entry.after) if side not in (None, "null")]
    return [
        Pin(entry.number, entry.subject_id, int(number), hash)
        for revisions in told
        for number, hash in revisions.items()
    ]


def _check_pins(session: Session, pins: Sequence[Pin]) -> None:
    stored = dict(_stored({(pin.event_id, pin.revision) for pin in pins}, session))
    for pin in pins:
        hashes = stored.get((pin.event_id, pin.revision), ())
        if pin.hash not in hashes:
            what = "was changed" if hashes else "is missing"
            raise AuditBrokenError(f"Entry {pin.entry} names revision {pin.revision} of {pin.event_id}, which {what}.")


def _stored(wanted: set[tuple[UUID, int]], session: Session) -> Iterator[tuple[tuple[UUID, int], tuple[str, str]]]:
    """The hashes of each of these revisions that is there."""
    revisions = select(
        Revision.event_id, Revision.number, Revision.document_id, cast(Revision.body, Text).label("body")
    ).where(tuple_(Revision.event_id, Revision.number).in_(wanted))
    items = (
        select(*EvidenceItem.__table__.columns)
        .where(tuple_(EvidenceItem.event_id, EvidenceItem.revision).in_(wanted))
        .order_by(EvidenceItem.event_id, EvidenceItem.revision, EvidenceItem.position)
    )
    by_revision = groupby(session.execute(items), lambda item: (item.event_id, item.revision))
    evidence = {revision: list(of) for revision, of in by_revision}
    for revision in session.execute(revisions):
        of = revision.event_id, revision.number
        yield of, revision_hashes(revision, evidence.get(of, ()))


# What no entry says


def _check_records(session: Session) -> None:
    """Nothing is there that the chain does not tell of."""
    if row := session.execute(UNTOLD_REVISION).one_or_none():
        raise AuditBrokenError(f"No entry tells of revision {row.number} of {row.event_id}.")
    if row := session.execute(STANDING_OTHERWISE).one_or_none():
        said = f"entry {row.number} says otherwise" if row.number else "no entry says so"
        raise AuditBrokenError(f"{row.id} is {row.state} at revision {row.revision}, but {said}.")
    if row := session.execute(OF_ANOTHER_DOCUMENT).one_or_none():
        said = f"entry {row.number} says otherwise" if row.number else "no entry says so"
        raise AuditBrokenError(f"{row.id} is of document {row.document_id}, but {said}.")
    if unchained := session.scalar(select(func.count()).select_from(AuditNote)):
        raise AuditBrokenError(f"{unchained} notes were never made entries: the chain was switched off.")
