"""An export that proves itself: its lines, and one more that signs them together with how the database stood."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.formats import jsonl
from service.operations import records
from service.operations.actor import Actor
from service.operations.audit_chain import NOTHING, Head
from service.operations.records import Exported
from service.signing import Seal, Signer
from service.store.models import AuditEntry, Change

KIND = "legation-export-1"


def export(session: Session, wanted: Exported, signer: Signer, *, by: Actor) -> Iterator[str]:
    """The lines, as of one moment. The signature is always over the whole export: who goes on behind a record (`after`)
    is sent the rest alone, but the signature of all, so that his pieces fit together or are found out.
    """
    by.require("read")
    seal = Seal()
    with session.begin():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        told = {"kind": KIND, "filter": _told(wanted), **_standing(session)}
        for record in records.exported(session, dataclasses.replace(wanted, after=None)):
            (line,) = jsonl.write([record.to_json()])
            seal.add(line)
            if wanted.after is None or record.event.id > wanted.after:
                yield line
    yield seal.line(signer, told)


def _told(wanted: Exported) -> dict[str, Any]:
    return {
        "type": sorted(wanted.types),
        "approved_from": wanted.approved_from and wanted.approved_from.isoformat(),
        "approved_to": wanted.approved_to and wanted.approved_to.isoformat(),
        "document": wanted.document_id and str(wanted.document_id),
    }


def _standing(session: Session) -> dict[str, Any]:
    """The database's time, the newest change of the feed, and the head of the audit's chain."""
    last = select(AuditEntry.number, AuditEntry.hash).order_by(AuditEntry.number.desc()).limit(1)
    entry = session.execute(last).one_or_none()
    return {
        "at": session.scalars(select(func.now())).one().isoformat(),
        "changes": session.scalar(select(func.max(Change.seq))) or 0,
        "audit": str(Head(entry.number, entry.hash) if entry else NOTHING),
    }
