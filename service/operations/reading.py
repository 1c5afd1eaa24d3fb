"""A worker's side of reading: take a document that has no text yet, and keep what was read or why it was refused.

As with drafting, a document is taken by a lease with a random token, and attempts are counted before the work. What is
inside of a document, an attachment or a member of an archive, becomes a document of its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from service.errors import BombError, DraftLeaseLostError, RefusedError, TooMuchInsideError
from service.operations import audit, documents
from service.operations.actor import Actor
from service.store.models import Content, Document, DocumentPage, DocumentPart, DocumentPlace, new_id
from workers.readers import language
from workers.readers.citing import Original, Span
from workers.readers.kinds import UNKNOWN
from workers.readers.reading import TEXT, Child, Page, Place, Reading, Told, Word

DEEPEST = 3
"""Of what is inside of what: a file in an archive that is attached to a message."""
MOST_INSIDE = 1_000
LONGEST_LINE = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Unread:
    """A document to read, under a lease."""

    document_id: UUID
    token: UUID
    original: bytes
    declared: str


def take(session: Session, *, lease: int, attempts: int) -> Unread | None:
    """The oldest document that waits to be read, if there is one, for `lease` seconds."""
    waits = Document.state == "received", Document.text.is_(None), Document.attempts < attempts
    wanted = select(Document).where(*waits).order_by(Document.id).limit(1)
    with session.begin():
        document = session.scalar(wanted.with_for_update(skip_locked=True, key_share=True))
        if document is None:
            return None
        token = uuid4()
        document.state, document.attempts = "reading", document.attempts + 1
        document.lease_token, document.lease_until = token, func.now() + dt.timedelta(seconds=lease)
        sha256 = Content.sha256 == document.content_sha256
        original = session.scalars(select(Content.original).where(sha256)).one()
        return Unread(document.id, token, original, document.media_type)


def record(session: Session, unread: Unread, reading: Reading) -> list[UUID]:
    """Keeps what was read: the document waits for its drafting then, or is unpacked where it has no text of its own.
    Returns the documents to ring for. Raises DraftLeaseLostError, RefusedError when there is too much inside.
    """
    with session.begin():
        document = _held(session, unread)
        _keep_text(session, document, reading)
        tell(document, reading.told)
        inside = _keep_children(session, document, reading.children)
        document.lease_token = document.lease_until = None
        document.state, document.attempts = ("received", 0) if reading.text else ("unpacked", document.attempts)
        after = {"media_type": document.media_type, "characters": document.characters, "parts": len(reading.children)}
        audit.note(session, "document.read", ("document", document.id), by=None, after=after)
    return [*inside, *([document.id] if reading.text else [])]


def refuse(session: Session, unread: Unread, refused: RefusedError) -> None:
    """Ends a document that cannot be read; it stays, and can be replayed. Raises DraftLeaseLostError."""
    with session.begin():
        document = _held(session, unread)
        document.lease_token = document.lease_until = None
        document.state, document.failure = "failed", refused.failure
        document.failure_detail = refused.detail or (refused.__doc__ or "").strip()
        after = {"failure": document.failure, "attempts": document.attempts}
        audit.note(session, "document.failed", ("document", document.id), by=None, after=after)


def _held(session: Session, unread: Unread) -> Document:
    held = select(Document).where(Document.id == unread.document_id, Document.lease_token == unread.token)
    document = session.scalar(held.with_for_update(key_share=True).execution_options(populate_existing=True))
    if document is None:
        raise DraftLeaseLostError()
    return document


def _keep_text(session: Session, document: Document, reading: Reading) -> None:
    document.media_type, document.encoding = reading.media_type, reading.encoding
    if reading.text:
        document.text, document.characters = reading.text, len(reading.text)
    session.add_all(
        DocumentPlace(
            document_id=document.id, start=one.start, end=one.end, kind=one.kind, number=one.number, label=one.label
        )
        for one in reading.places
    )
    session.add_all(
        DocumentPage(
            document_id=document.id,
            number=page.number,
            width=page.width,
            height=page.height,
            start=page.start,
            end=page.end,
            words=[[word.start, word.end, word.x0, word.y0, word.x1, word.y1] for word in page.words],
        )
        for page in reading.pages
    )


def tell(document: Document, told: Mapping[str, Told]) -> None:
    """What the document tells of itself, where nobody has told it: what a person took away stays away."""
    found = {name: (_usable(name, one.value), one.origin) for name, one in told.items() if name not in document.origins}
    new = {name: pair for name, pair in found.items() if pair[0] is not None and getattr(document, name) is None}
    for name, (value, _) in new.items():
        setattr(document, name, value)
    document.origins = {**document.origins, **{name: origin for name, (_, origin) in new.items()}}


def _usable(name: str, value: str) -> str | dt.date | None:
    if name == "published":
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return None  # no day that there is
    if name == "language":
        return value if re.fullmatch(language.TAG, value) else None
    return " ".join(_CONTROL.sub(" ", value).split())[:LONGEST_LINE] or None


def _keep_children(session: Session, document: Document, children: Sequence[Child]) -> list[UUID]:
    """The ids of those that are new; the same bytes are the same document, wherever they are."""
    if not children:
        return []
    root = document.root_id or document.id
    if document.depth >= DEEPEST:
        raise BombError(f"It holds documents in documents, more than {DEEPEST} deep.")
    inside = session.scalars(select(func.count()).where(Document.root_id == root)).one()
    if inside + len(children) > MOST_INSIDE:
        raise TooMuchInsideError(f"More than {MOST_INSIDE:,} documents are in it, and in what is in it.")
    new = []
    for part, child in enumerate(children, 1):
        child_id, is_new = _keep_child(session, document, root, child)
        name = _CONTROL.sub("", child.name)[:LONGEST_LINE] or f"part {part}"
        session.add(DocumentPart(parent_id=document.id, part=part, name=name, document_id=child_id))
        new += [child_id] if is_new else []
    return new


def _keep_child(session: Session, parent: Document, root: UUID, child: Child) -> tuple[UUID, bool]:
    sha256, child_id = hashlib.sha256(child.original).hexdigest(), new_id()
    session.execute(insert(Content).values(sha256=sha256, original=child.original).on_conflict_do_nothing())
    name = PurePosixPath(child.name.replace("\\", "/")).name
    row = insert(Document).values(
        id=child_id,
        series=child_id,
        content_sha256=sha256,
        media_type=UNKNOWN,
        filename=_CONTROL.sub("", name)[:LONGEST_LINE] or None,
        priority=parent.priority,
        tags=list(parent.tags),
        created_by=parent.created_by,
        created_with=parent.created_with,
        root_id=root,
        depth=parent.depth + 1,
        state="received",
    )
    made = session.scalar(row.on_conflict_do_nothing(index_elements=["content_sha256"]).returning(Document.id))
    if made is None:
        return session.scalars(select(Document.id).where(Document.content_sha256 == sha256)).one(), False
    after = {"sha256": sha256, "parent": str(parent.id)}
    audit.note(session, "document.submitted", ("document", made), by=None, after=after)
    return made, True


# What others ask for


@dataclass(frozen=True, slots=True)
class Part:
    """A document inside of another one, under the name that it has there."""

    part: int
    name: str
    document_id: UUID


def parts_of(session: Session, document_ids: Sequence[UUID]) -> dict[UUID, list[Part]]:
    """What is inside of each of these documents, in order."""
    found: dict[UUID, list[Part]] = {document_id: [] for document_id in document_ids}
    wanted = select(DocumentPart).where(DocumentPart.parent_id.in_(document_ids))
    with session.begin():
        for one in session.scalars(wanted.order_by(DocumentPart.parent_id, DocumentPart.part)):
            found[one.parent_id].append(Part(one.part, one.name, one.document_id))
    return found


def parents_of(session: Session, document_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """In which documents each of these is."""
    found: dict[UUID, list[UUID]] = {document_id: [] for document_id in document_ids}
    wanted = select(DocumentPart.document_id, DocumentPart.parent_id).where(DocumentPart.document_id.in_(document_ids))
    with session.begin():
        for document_id, parent_id in session.execute(wanted.distinct().order_by(DocumentPart.parent_id)):
            found[document_id].append(parent_id)
    return found


def places_of(session: Session, document_id: UUID, *, by: Actor) -> list[tuple[Place, Span | None]]:
    """Where each stretch of the text stands in the original, in order, and its bytes where those are known. Raises
    NotFoundError.
    """
    documents.get(session, document_id, by=by)
    with session.begin():
        original = original_of(session, document_id)
    return list(zip(original.places, original.bytes_of_places(), strict=True))


def pages_of(session: Session, document_id: UUID, *, by: Actor) -> Sequence[DocumentPage]:
    """The pages with their words, in order. Raises NotFoundError."""
    documents.get(session, document_id, by=by)
    with session.begin():
        wanted = select(DocumentPage).where(DocumentPage.document_id == document_id)
        return session.scalars(wanted.order_by(DocumentPage.number)).all()


def original_of(session: Session, document_id: UUID, stretches: Sequence[tuple[int, int]] = ()) -> Original:
    """The map from a document's text to its original, in the caller's transaction; the words of those pages alone that
    have some of these stretches.
    """
    document = session.get_one(Document, document_id)
    if document.media_type == TEXT:
        text = session.scalars(select(Document.text).where(Document.id == document_id)).one()
        return Original.of_plain_text(text, document.encoding, document.content_sha256)
    places = select(DocumentPlace).where(DocumentPlace.document_id == document_id).order_by(DocumentPlace.start)
    return Original(
        tuple(Place(one.start, one.end, one.kind, one.number, one.label) for one in session.scalars(places)),
        pages_with(session, document_id, stretches),
    )


def pages_with(session: Session, document_id: UUID, stretches: Sequence[tuple[int, int]]) -> tuple[Page, ...]:
    """The pages that have some of these stretches of a text, with their words, in the caller's transaction."""
    bounds = select(DocumentPage.number, DocumentPage.start, DocumentPage.end)
    found = session.execute(bounds.where(DocumentPage.document_id == document_id)).all()
    needed = [n for n, first, last in found if any(first < end and last > start for start, end in stretches)]
    wanted = select(DocumentPage).where(DocumentPage.document_id == document_id, DocumentPage.number.in_(needed))
    pages = session.scalars(wanted.options(undefer(DocumentPage.words)).order_by(DocumentPage.number))
    return tuple(Page(one.number, one.width, one.height, one.start, one.end, _words(one)) for one in pages)


def _words(page: DocumentPage) -> tuple[Word, ...]:
    return tuple(Word(int(start), int(end), *corners) for start, end, *corners in page.words)
