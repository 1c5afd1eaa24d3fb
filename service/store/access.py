"""What lets a program in, as one condition: asked with each request, and again and again for readers who stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.sql.roles import ExpressionElementRole

from service.store.models import ApiKey, User


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A key as a request came with it, with the limits of its own where it has some."""

    id: UUID
    secret_sha256: str = field(repr=False)
    rate_limit: int | None = None
    documents_in_work: int | None = None


def lets_in(secret_sha256: str | ExpressionElementRole[str]) -> ColumnElement[bool]:
    """Whether a key, joined with its owner, lets in whoever has this secret: its newest one, or the one before while
    the two overlap. By the database's clock.
    """
    before = (ApiKey.previous_sha256 == secret_sha256) & (ApiKey.previous_until > func.now())
    has_time = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now())
    is_secret = or_(ApiKey.secret_sha256 == secret_sha256, before)
    return is_secret & has_time & ApiKey.revoked_at.is_(None) & User.disabled_at.is_(None)
