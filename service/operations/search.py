"""Full-text search over documents and the records of them, by PostgreSQL's own.

Of documents the title and the text are searched, of records what they say now: an earlier revision is not found. The
words are taken as English; accents, and characters that nobody sees, make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Double,
    Integer,
    Row,
    Select,
    Subquery,
    cast,
    column,
    func,
    literal,
    null,
    select,
    tuple_,
    union,
    union_all,
    values,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from service.errors import InvalidInputError
from service.operations import probes
from service.operations.actor import Actor
from service.operations.excerpts import END, FOUND, Excerpt, excerpt
from service.operations.records import Record, select_records
from service.storable import unstorable
from service.store.models import Document, DocumentSegment, Event, Revision
from service.store.session import plan_for_values

KINDS = ("record", "document")
LONGEST_TEXT = 200
# Ranking reads every match: of more than these, only the newest are ranked.
MOST_RANKED = 1000
BY_LENGTH = 1  # a long text has more of every word
WORDS = Revision.__table__.c.words
MARKS = f"HighlightAll=true, StartSel={FOUND}, StopSel={END}"

_QUOTES = re.compile("[“”„«»]")
# What the index has as blanks; a hyphen means "not" only in front of a word.
_BLANKS = re.compile(r"[_@/~<>&]|(?<=\S)-")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: `text` as people type it (words, "a phrase", or, -without); `family` and `state` are of
    records, and leave documents out.
    """

    text: str
    kind: str | None = None
    family: str | None = None
    state: str | None = None

    def check(self) -> None:
        """Raises InvalidInputError."""
        if len(self.text) > LONGEST_TEXT:
            raise InvalidInputError({"q": [f"Must not be longer than {LONGEST_TEXT} characters."]})
        if complaint := unstorable(self.text):
            raise InvalidInputError({"q": [complaint]})

    @property
    def kinds(self) -> tuple[str, ...]:
        is_of_records = self.family is not None or self.state is not None
        possible = ("record",) if is_of_records else KINDS
        return tuple(kind for kind in possible if self.kind in (kind, None))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result stands in the order: the best first, the newest of equals."""

    rank: float
    id: UUID

    @classmethod
    def of(cls, rank: float, id: str) -> Place:
        """From the parts of a cursor."""
        return cls(rank, UUID(id))


@dataclass(frozen=True, slots=True)
class Found:
    """A document, or a record of it, with the words that were found in their surroundings."""

    place: Place
    document: Document
    record: Record | None
    excerpt: Excerpt

    @property
    def kind(self) -> str:
        return "record" if self.record else "document"


def search(
    session: Session, wanted: Wanted, *, by: Actor, limit: int = 20, after: Place | None = None
) -> Sequence[Found]:
    """What has the words, the best first; `after` is the last place of the page before. Raises InvalidInputError."""
    by.require("read")
    wanted.check()
    query = _query(wanted.text)
    if not wanted.kinds:
        return []
    with session.begin():
        plan_for_values(session)
        hits = session.execute(_page(wanted, query, after, by).limit(limit)).all()
        found = _found_documents(session, query, hits) | _found_records(session, query, hits)
    return [found[hit.id] for hit in hits if hit.id in found]


def events_with(text: str) -> CompoundSelect[UUID]:
    """The ids of records that have these words, themselves or in their document: of many, those of the newest."""
    query = _query(text)
    current = (Revision.event_id == Event.id) & (Revision.number == Event.revision)
    saying = select(Event.id).join(Revision, current).where(WORDS.op("@@")(query)).order_by(Event.id.desc())
    segments = select(DocumentSegment.document_id).where(DocumentSegment.vector.op("@@")(query))
    documents = segments.order_by(DocumentSegment.document_id.desc()).limit(MOST_RANKED)
    reported = select(Event.id).where(Event.document_id.in_(documents))
    return union(select(saying.limit(MOST_RANKED).subquery().c.id), reported)


def _query(text: str) -> ColumnElement[Any]:
    """Any text makes a query; one without words finds nothing."""
    said = _BLANKS.sub(" ", _QUOTES.sub('"', text))
    return func.websearch_to_tsquery("english", func.folded(said))


def _page(wanted: Wanted, query: ColumnElement[Any], after: Place | None, by: Actor) -> Select[Any]:
    ranked = {"record": _records, "document": _documents}
    hits = union_all(*(ranked[kind](wanted, query, by) for kind in wanted.kinds)).subquery()
    page = select(hits).order_by(hits.c.rank.desc(), hits.c.id.desc())
    if after:
        page = page.where(tuple_(hits.c.rank, hits.c.id) < tuple_(literal(after.rank, Double), literal(after.id)))
    return page


def _documents(wanted: Wanted, query: ColumnElement[Any], by: Actor) -> Select[Any]:
    """Each document once, by the piece of its text that ranks best."""
    segment = DocumentSegment
    newest = (
        select(segment.document_id.label("id"), segment.start, segment.end, _rank(segment.vector.expression, query))
        .where(segment.vector.op("@@")(query))
        .order_by(segment.document_id.desc(), segment.start.desc())
        .limit(MOST_RANKED)
        .subquery()
    )
    best = select(literal("document").label("kind"), newest).ext(distinct_on(newest.c.id))
    return best.order_by(newest.c.id, newest.c.rank.desc(), newest.c.start)


def _records(wanted: Wanted, query: ColumnElement[Any], by: Actor) -> Select[Any]:
    no_place = cast(null(), Integer)
    newest = (
        select(Event.id, no_place.label("start"), no_place.label("end"), _rank(WORDS, query))
        .join(Revision, (Revision.event_id == Event.id) & (Revision.number == Event.revision))
        .where(WORDS.op("@@")(query), probes.is_listed_for(by))
        .order_by(Event.id.desc())
        .limit(MOST_RANKED)
    )
    for own, value in ((Event.type, wanted.family), (Event.state, wanted.state)):
        newest = newest.where(own == value) if value is not None else newest
    return select(literal("record").label("kind"), newest.subquery())


def _rank(vector: ColumnElement[Any], query: ColumnElement[Any]) -> ColumnElement[float]:
    """In double precision, which comes back from a client as it went."""
    return cast(func.ts_rank_cd(vector, query, BY_LENGTH), Double).label("rank")


def _found_documents(session: Session, query: ColumnElement[Any], hits: Sequence[Row[Any]]) -> dict[UUID, Found]:
    places = {hit.id: Place(hit.rank, hit.id) for hit in hits if hit.kind == "document"}
    if not places:
        return {}
    at = _places([hit for hit in hits if hit.id in places])
    piece = func.substring(Document.text, at.c.start + 1, at.c.end - at.c.start)
    wanted = select(Document, piece, _marked(piece, query), at.c.start).join(at, at.c.id == Document.id)
    return {
        document.id: Found(places[document.id], document, None, excerpt(text, marked, start))
        for document, text, marked, start in session.execute(wanted)
    }


def _places(hits: Sequence[Row[Any]]) -> Subquery:
    listed = values(column("id", UuidType), column("start", Integer), column("end", Integer), name="hit")
    return select(listed.data([(hit.id, hit.start, hit.end) for hit in hits])).subquery()


def _found_records(session: Session, query: ColumnElement[Any], hits: Sequence[Row[Any]]) -> dict[UUID, Found]:
    places = {hit.id: Place(hit.rank, hit.id) for hit in hits if hit.kind == "record"}
    if not places:
        return {}
    words = func.record_words(Revision.body)
    wanted = select_records().add_columns(words, _marked(words, query)).where(Event.id.in_(places))
    return {
        event.id: Found(
            places[event.id], event.document, Record(event, *parts), excerpt(said, marked, length=len(said))
        )
        for event, *parts, said, marked in session.execute(wanted)
    }


def _marked(text: ColumnElement[str], query: ColumnElement[Any]) -> ColumnElement[str]:
    return func.ts_headline("english", func.searchable(text), query, MARKS)
