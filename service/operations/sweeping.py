"""Finds what was dropped: documents whose worker died, and documents whose ring was lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from service.dispatch import Dispatch
from service.operations import deliveries, drafting, idempotency
from service.store.models import Document, Run, SignIn

# A ring is repeated when nobody came for this long. A repeated ring costs one empty query.
RING_AGAIN = dt.timedelta(seconds=15)
RINGS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found, as numbers of documents."""

    returned: int
    failed: int
    rung: int


def sweep(
    session: Session, *, dispatch: Dispatch, attempts: int, idempotency_hours: int = 24, webhook_log_days: int = 30
) -> Sweep:
    """One round: ends leases that ran out (failing documents that had their attempts), rings for all that wait, and
    forgets old sign-ins, the answers to requests that are older than `idempotency_hours`, and deliveries to webhooks
    that ended `webhook_log_days` ago.
    """
    failed = _end_leases(session, attempts)
    waiting = _due(session)
    rung = 0
    for document_id in waiting:
        if not dispatch.ring(document_id):
            break
        rung += 1
    _forget_sign_ins(session)
    idempotency.forget(session, hours=idempotency_hours)
    deliveries.forget(session, days=webhook_log_days)
    return Sweep(returned=failed.count(False), failed=failed.count(True), rung=rung)


def _end_leases(session: Session, attempts: int) -> list[bool]:
    with session.begin():
        lost = (
            select(Document).where(Document.lease_until < func.now()).with_for_update(skip_locked=True, key_share=True)
        )
        documents = session.scalars(lost).all()
        ids = [document.id for document in documents]
        left = Run.document_id.in_(ids), Run.outcome.is_(None)
        session.execute(update(Run).where(*left).values(outcome="abandoned", ended_at=func.now()))
        detail = "The worker that drafted it ended without an answer each time."
        return [
            drafting.end_attempt(session, document, "worker_lost", detail, attempts=attempts) for document in documents
        ]


def _due(session: Session) -> list[UUID]:
    """Documents that wait and were not rung lately. A document just given back is due at once."""
    with session.begin():
        waiting = (
            select(Document.id)
            .where(Document.state == "received", _rung_before_last_attempt_or_long_ago())
            .order_by(Document.id)
            .limit(RINGS_AT_ONCE)
            .with_for_update(skip_locked=True, key_share=True)
        )
        ids = list(session.scalars(waiting))
        session.execute(update(Document).where(Document.id.in_(ids)).values(rung_at=func.now()))
        return ids


def _rung_before_last_attempt_or_long_ago() -> ColumnElement[bool]:
    last_attempt = select(func.max(Run.started_at)).where(Run.document_id == Document.id).scalar_subquery()
    return (Document.rung_at < func.now() - RING_AGAIN) | (Document.rung_at < last_attempt)


def _forget_sign_ins(session: Session) -> None:
    with session.begin():
        session.execute(delete(SignIn).where(SignIn.expires_at < func.now() - dt.timedelta(days=7)))
