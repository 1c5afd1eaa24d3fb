"""What a reviewer asks of the list, as conditions and orders of the database.

Every order has an index that its pages follow, so that the last page costs what the first one does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, func, or_, select, tuple_, union_all

from service.errors import InvalidInputError
from service.operations import search
from service.operations.actor import Actor
from service.operations.claims import ORDERS, is_free, order_by
from service.operations.probes import is_there_for
from service.store.models import STAGES, Event, ReviewItem, Revision

# A field that the machine is less sure of than this is marked for the reviewer to check first: wrong more than once in
# ten times. docs/quality.md tells how many that are, and how many of the wrong ones are among them. The database has
# the same bound in its function record_unsure, which changes by a migration.
CHECK_BELOW = 0.9
UNSURE = Revision.__table__.c.unsure
HOLDERS = ("free", "held", "mine")
ASSIGNED = ("me", "anybody", "nobody")
REASONS = ("trigger", "modality", "date", "place", "participants", "details", "attributed_to")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which undecided items are wanted, and in which of ORDERS: of these families; held so (HOLDERS); unsure in this
    field (REASONS); at this stage, else such as wait for readers; left to somebody (ASSIGNED); put off until later, or
    not; of this document; as certain as this; with these words in the record or its document.
    """

    families: tuple[str, ...] = ()
    holder: str | None = None
    reason: str | None = None
    stage: str | None = None
    assigned: str | None = None
    is_snoozed: bool = False
    document_id: UUID | None = None
    least: float | None = None
    most: float | None = None
    text: str = ""
    order: str = "priority"

    def check(self) -> None:
        """Raises InvalidInputError."""
        search.Wanted(self.text).check()
        known: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
            "order": (self.order, tuple(ORDERS)),
            "holder": (self.holder, HOLDERS),
            "reason": (self.reason, REASONS),
            "stage": (self.stage, STAGES),
            "assigned": (self.assigned, ASSIGNED),
        }
        errors = {
            name: [f"Must be one of {', '.join(values)}."]
            for name, (value, values) in known.items()
            if value is not None and value not in values
        }
        if errors:
            raise InvalidInputError(errors)

    def to_json(self) -> dict[str, Any]:
        """What it asks for beyond the usual."""
        values = {name: value for name, value in asdict(self).items() if value != getattr(ALL, name)}
        return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Filter:
        """The filter that `to_json` made this of, even if some of it is not known any more."""
        known = {name: value for name, value in values.items() if name in cls.__slots__}
        families, document_id = tuple(known.pop("families", ())), known.pop("document_id", None)
        return cls(families=families, document_id=UUID(document_id) if document_id else None, **known)

    @property
    def is_by_record(self) -> bool:
        """Whether it asks for what only the record itself tells."""
        return bool(self.reason or self.text)


ALL = Filter()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in an order: by a key (its priority, the microsecond when it is due), then by its id."""

    key: int
    id: UUID

    @classmethod
    def of(cls, key: int, id: str) -> Place:
        """From the parts of a cursor."""
        return cls(key, UUID(id))


def place_in(order: str, item: ReviewItem | Row[Any]) -> Place:
    keys = {"priority": item.priority, "uncertain": (item.due - EPOCH) // dt.timedelta(microseconds=1)}
    return Place(keys.get(order, 0), item.event_id)


def listed(wanted: Filter, by: Actor) -> Select[Any]:
    """The items that the filter lets through, its reason apart, with what places them in any order."""
    placed = select(ReviewItem.event_id, ReviewItem.priority, ReviewItem.due)
    return cast("Select[Any]", placed.where(*_conditions(wanted, by)))


def unsure_among(items: Select[Any], reason: str, order: str) -> Select[Any]:
    """Those of some ordered items whose record is unsure in this field, in the same order."""
    near = items.subquery()
    return (
        select(near)
        .join(Event, Event.id == near.c.event_id)
        .join(Revision, (Revision.event_id == Event.id) & (Revision.number == Event.revision))
        .where(UNSURE.contains([reason]))
        .order_by(*_keys(near, order))
    )


def _keys(items: Subquery, order: str) -> tuple[ColumnElement[Any], ...]:
    keys: dict[str, tuple[ColumnElement[Any], ...]] = {
        "priority": (items.c.priority.desc(),),
        "uncertain": (items.c.due,),
    }
    return (*keys.get(order, ()), items.c.event_id)


def is_for(by: Actor) -> ColumnElement[bool]:
    """Whether an item is one for this person to work on: of his families, not read by him before, and there for him."""
    is_unread = or_(ReviewItem.stage == "first", ~ReviewItem.readers.contains([by.user_id]))
    his = and_(is_unread, is_there_for(by))
    return and_(his, ReviewItem.family.in_(sorted(by.families))) if by.families else his


def _conditions(wanted: Filter, by: Actor) -> Iterator[ColumnElement[bool]]:
    later = and_(ReviewItem.ready_at > func.now(), ReviewItem.ready_at > ReviewItem.created_at)
    yield ReviewItem.decided_at.is_(None)
    yield is_for(by)
    yield ReviewItem.stage.in_(_stages(wanted))
    yield later if wanted.is_snoozed else ReviewItem.ready_at <= func.now()
    yield from _chosen(wanted)
    if wanted.holder:
        yield _holding(wanted.holder, by)
    if wanted.assigned:
        yield _left_to(wanted.assigned, by)
    if wanted.text:
        yield ReviewItem.event_id.in_(search.events_with(wanted.text))


def _stages(wanted: Filter) -> tuple[str, ...]:
    if wanted.stage:
        return (wanted.stage,)
    is_own = wanted.holder == "mine" or wanted.assigned == "me"
    return ("first", "second", "adjudication") if is_own else ("first", "second")


def _chosen(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.families:
        yield ReviewItem.family.in_(wanted.families)
    if wanted.document_id:
        yield ReviewItem.document_id == wanted.document_id
    if wanted.least is not None:
        yield ReviewItem.confidence >= wanted.least
    if wanted.most is not None:
        yield ReviewItem.confidence <= wanted.most


def _holding(holder: str, by: Actor) -> ColumnElement[bool]:
    is_held = and_(ReviewItem.holder_id.is_not(None), ReviewItem.lease_until > func.now())
    match holder:
        case "mine":
            return and_(is_held, ReviewItem.holder_id == by.user_id)
        case "held":
            return is_held
        case _:
            return is_free()


def _left_to(whom: str, by: Actor) -> ColumnElement[bool]:
    match whom:
        case "me":
            return ReviewItem.assignee_id == by.user_id
        case "anybody":
            return ReviewItem.assignee_id.is_not(None)
        case _:
            return ReviewItem.assignee_id.is_(None)


def ordered(items: Select[Any], order: str, *, after: Place | None, limit: int) -> Select[Any]:
    """The first of the items, or those that come after a place, in an order of ORDERS."""
    if after is None:
        return items.order_by(*order_by(order)).limit(limit)
    is_behind = ReviewItem.event_id > after.id
    match order:
        case "priority":
            return _behind_in_priority(items, after, limit)
        case "uncertain":
            due = EPOCH + dt.timedelta(microseconds=after.key)
            is_behind = tuple_(ReviewItem.due, ReviewItem.event_id) > (due, after.id)
    return items.where(is_behind).order_by(*order_by(order)).limit(limit)


def _behind_in_priority(items: Select[Any], after: Place, limit: int) -> Select[Any]:
    """The rest of the same priority, then the lower ones: as one condition, the index could not begin at the place."""
    same = items.where(ReviewItem.priority == after.key, ReviewItem.event_id > after.id)
    lower = items.where(ReviewItem.priority < after.key)
    parts = [part.order_by(*order_by("priority")).limit(limit).subquery() for part in (same, lower)]
    both = union_all(*(select(part) for part in parts)).subquery()
    return select(both).order_by(*_keys(both, "priority")).limit(limit)
