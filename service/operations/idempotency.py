"""Requests that are carried out once however often they are sent, by the key that their sender gave them.

A request claims its key, does its work, and leaves its answer; whoever sends it again gets that answer. The claim is a
lease: a request that is killed loses it after a while, and the next one with the key goes on. What was done is noted in
the transaction that did it, so that going on never means doing it again. A request that only seemed to be dead finds
its token gone, and is refused before it commits.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.errors import IdempotencyKeyReusedError, RequestInProgressError
from service.operations.actor import Actor
from service.store.models import IdempotencyKey

# Longer than a request works between claim and commit: three seconds for the longest document.
LEASE = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry a request out. `document_id` and `outcome` tell what an earlier try has done already."""

    token: UUID
    document_id: UUID | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The first answer to a request, as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes


def claim(session: Session, key: str, fingerprint: str, *, by: Actor) -> Claim | Answer:
    """The claim on a key of the actor's API key, or the answer where there is one. `fingerprint` tells requests apart.

    Raises IdempotencyKeyReusedError for another request, RequestInProgressError while the same one is carried out.
    """
    assert by.key_id is not None, "requests with idempotency keys come with API keys"
    with session.begin():
        if claimed := _claimed(session, key, fingerprint, by.key_id):
            return claimed
        known = session.get(IdempotencyKey, (by.key_id, key), populate_existing=True)
        if known and known.fingerprint != fingerprint:
            raise IdempotencyKeyReusedError()
        if known and known.status and known.body is not None:
            return Answer(known.status, known.headers or {}, known.body)
        left = known.claimed_until - session.scalars(select(func.now())).one() if known else dt.timedelta()
        raise RequestInProgressError(retry_after=max(1, round(left.total_seconds())))


def _claimed(session: Session, key: str, fingerprint: str, api_key_id: UUID) -> Claim | None:
    """A new claim, or one taken over from a request that has let it run out."""
    row = insert(IdempotencyKey).values(
        api_key_id=api_key_id, key=key, fingerprint=fingerprint, token=uuid4(), claimed_until=func.now() + LEASE
    )
    given = row.excluded
    taken = row.on_conflict_do_update(
        index_elements=[IdempotencyKey.api_key_id, IdempotencyKey.key],
        set_={"token": given.token, "claimed_until": given.claimed_until},
        where=(
            (IdempotencyKey.fingerprint == given.fingerprint)
            & IdempotencyKey.status.is_(None)
            & (IdempotencyKey.claimed_until <= func.now())
        ),
    )
    found = session.execute(
        taken.returning(IdempotencyKey.token, IdempotencyKey.document_id, IdempotencyKey.outcome)
    ).one_or_none()
    return Claim(*found) if found else None


def note_outcome(session: Session, claim: Claim, document_id: UUID, outcome: str) -> None:
    """Notes what was done, in the caller's transaction. Raises RequestInProgressError when another has the claim."""
    noted = update(IdempotencyKey).where(_held(claim)).values(document_id=document_id, outcome=outcome)
    if session.scalar(noted.returning(IdempotencyKey.key)) is None:
        raise RequestInProgressError(retry_after=1)


def keep(session: Session, claim: Claim, answer: Answer) -> None:
    """Leaves the answer for those who ask again. Who has lost the claim leaves none: the other one does."""
    with session.begin():
        told = {"status": answer.status, "headers": answer.headers, "body": answer.body}
        session.execute(update(IdempotencyKey).where(_held(claim)).values(told))


def release(session: Session, claim: Claim) -> None:
    """Gives the claim back without an answer, so that the same request can be tried again at once."""
    with session.begin():
        session.execute(update(IdempotencyKey).where(_held(claim)).values(claimed_until=func.now()))


def _held(claim: Claim) -> ColumnElement[bool]:
    return (IdempotencyKey.token == claim.token) & IdempotencyKey.status.is_(None)


def forget(session: Session, *, hours: int) -> None:
    """Forgets keys so long after their first use."""
    with session.begin():
        old = IdempotencyKey.created_at < func.now() - dt.timedelta(hours=hours)
        session.execute(delete(IdempotencyKey).where(old))
