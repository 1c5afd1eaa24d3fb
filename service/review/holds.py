"""Who holds an item, as a page tells it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from service.operations.actor import Actor
from service.store.models import ReviewItem

RING = 37.7  # the circumference of the ring that shows the time left, in units of its drawing


@dataclass(frozen=True, slots=True)
class Hold:
    """`state` is one of free, mine, other, decided. `number` is the lease's, `seconds` what is left of it."""

    state: str
    holder: str = ""
    number: int = 0
    seconds: int = 0
    of: int = 1

    @property
    def ring(self) -> str:
        """The time left as a dash of the ring."""
        return f"{RING * min(1, self.seconds / self.of):.1f} {RING}"


def hold_of(item: ReviewItem, by: Actor, now: dt.datetime, lease: int) -> Hold:
    if item.decided_at:
        return Hold("decided")
    if item.holder is None or item.lease_until is None or item.lease_until <= now:
        return Hold("free")
    seconds = int((item.lease_until - now).total_seconds())
    state = "mine" if item.holder_id == by.user_id else "other"
    return Hold(state, item.holder.username, item.lease_number, seconds, lease)
