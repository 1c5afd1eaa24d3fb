"""Revisions of a record: adding one with its evidence, and reading what one holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.operations import reading
from service.store.models import Event, EvidenceItem, Revision
from workers.extraction.records import Evidence


def evidence_of(item: EvidenceItem) -> Evidence:
    """What is stored, as the core's value."""
    return Evidence(item.field, item.start, item.end, item.quote, item.prefix, item.suffix, item.rule)


def evidence_in(revision: Revision) -> list[Evidence]:
    return [evidence_of(item) for item in revision.evidence]


def add_revision(
    session: Session,
    event_id: UUID,
    body: dict[str, Any],
    evidence: Sequence[Evidence],
    *,
    decision_id: UUID | None = None,
    run_id: UUID | None = None,
    at: dt.datetime | None = None,
    document_id: UUID | None = None,
) -> int:
    """Adds a revision, made by a decision or a run (`at` None for now), to the caller's transaction; returns its
    number. Its evidence counts in the text of this document, None for the one that the record is of. The caller holds
    the lock on the record's review item, or has just made the record.
    """
    of = document_id or session.scalars(select(Event.document_id).where(Event.id == event_id)).one()
    last = session.scalar(select(func.max(Revision.number)).where(Revision.event_id == event_id))
    number = (last or 0) + 1
    made = Revision(event_id=event_id, number=number, document_id=of, body=body, decision_id=decision_id, run_id=run_id)
    if at:
        made.at = at
    session.add(made)
    session.flush()
    stretches = [(item.start, item.end) for item in evidence]
    citations = reading.original_of(session, of, stretches).cite(stretches)
    session.add_all(
        EvidenceItem(
            event_id=event_id,
            revision=number,
            position=position,
            field=item.field,
            start=item.start,
            end=item.end,
            quote=item.quote,
            prefix=item.prefix,
            suffix=item.suffix,
            rule=item.rule,
            original=citation.to_json(),
        )
        for position, (item, citation) in enumerate(zip(evidence, citations, strict=True))
    )
    return number
