"""Documents that are no plain text: read by a worker, kept with their places, unpacked, or refused and still there."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy import text as sql

from service.errors import DraftLeaseLostError
from service.operations import documents, drafting, reading, sweeping
from service.operations.actor import Actor
from service.operations.documents import Upload
from service.services import Services
from service.store.models import Document, DocumentSegment
from workers.readers import kinds
from workers.readers.reading import Child, Page, Place, Reading, Told, Word
from workers.reading import Reader

PAGE = b"""<!doctype html><html lang="en"><head><title>Talks</title><meta property="og:site_name" content="Daily">
<meta property="article:published_time" content="2024-06-19"></head><body><article><h1>Talks at the Grey Line</h1>
<p>The president of Norvale arrived in Sudmark on Tuesday for two days of talks about the border, her office said.</p>
<p>The ministers will sign the agreement in September, according to the spokeswoman of the commission.</p></article>
</body></html>"""
IN_FRENCH = (
    "Le président de la Norvale est arrivé mardi au Sudmark pour deux jours de pourparlers sur la frontière, a annoncé "
    "son bureau. Les ministres signeront l'accord en septembre, selon la porte-parole de la commission internationale."
)


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def submit(services: Services, by: Actor, original: bytes, **told: Any) -> UUID:
    upload = Upload(original=original, text=None, encoding=None, media_type=kinds.looks_like(original), **told)
    with services.sessions() as session:
        return documents.submit(session, upload, by=by, dispatch=services.dispatch).document.id


def read_all(services: Services) -> None:
    reader = Reader(services)
    while reader.read_waiting():
        pass


def found(services: Services, document_id: UUID, by: Actor) -> Document:
    with services.sessions() as session:
        return documents.get_with_text(session, document_id, by=by)


def test_a_page_is_read_and_waits_for_its_drafting(services: Services, administrator: Actor) -> None:
    document_id = submit(services, administrator, PAGE)
    before = found(services, document_id, administrator)
    assert (before.state, before.text, before.characters, before.media_type) == ("received", None, None, kinds.HTML)
    with services.sessions() as session:
        assert drafting.take(session, documents=9, characters=9999, lease=9, attempts=3) == []
    read_all(services)
    after = found(services, document_id, administrator)
    assert (after.state, after.attempts, after.title, after.source) == (
        "received",
        0,
        "Talks at the Grey Line",
        "Daily",
    )
    assert (str(after.published), after.language) == ("2024-06-19", "en")
    assert after.origins == {
        "title": "html:h1", "source": "html:og:site_name", "published": "html:date", "language": "text:detected",
    }  # fmt: skip
    with services.sessions() as session:
        places = [place for place, _ in reading.places_of(session, document_id, by=administrator)]
        (job,) = drafting.take(session, documents=9, characters=9999, lease=9, attempts=3)
        assert session.scalars(select(DocumentSegment.document_id)).all() == [document_id], (
            "it is not found by its words"
        )
    assert after.text[places[0].start : places[0].end] == "Talks at the Grey Line"
    assert [one.label for one in places] == ["heading 1", "paragraph 1", "paragraph 2"]
    assert job.source.text == after.text


def test_what_its_sender_tells_is_not_overwritten(services: Services, administrator: Actor) -> None:
    document_id = submit(services, administrator, PAGE, title="Mine", language="en")
    read_all(services)
    document = found(services, document_id, administrator)
    assert (document.title, document.source) == ("Mine", "Daily")
    assert document.origins["title"] == document.origins["language"] == "sender"
    with services.sessions() as session:
        wanted = {"source": "Another"}
        documents.change(session, document_id, wanted, by=administrator, dispatch=services.dispatch)
    assert found(services, document_id, administrator).origins["source"] == "corrected"


def test_an_archive_becomes_its_members(services: Services, administrator: Actor) -> None:
    inner = zipped({"deep.txt": b"A short text within."})
    original = zipped({"../page.html": PAGE, "again.html": PAGE, "inner.zip": inner, "bad.pdf": b"%PDF-1.7 no"})
    document_id = submit(services, administrator, original, priority=5, tags=("batch",))
    read_all(services)
    assert found(services, document_id, administrator).state == "unpacked"
    with services.sessions() as session:
        parts = reading.parts_of(session, [document_id])[document_id]
    page, again, archive, bad = (found(services, part.document_id, administrator) for part in parts)
    assert [part.name for part in parts] == ["../page.html", "again.html", "inner.zip", "bad.pdf"]
    assert page.id == again.id, "the same bytes are the same document"
    assert (page.filename, page.priority, page.tags, page.depth) == ("page.html", 5, ["batch"], 1)
    assert (archive.state, bad.state, bad.failure) == ("unpacked", "failed", "corrupt")
    with services.sessions() as session:
        ((deep,),) = reading.parts_of(session, [archive.id]).values()
        assert reading.parents_of(session, [page.id])[page.id] == [document_id]
    assert found(services, deep.document_id, administrator).text == "A short text within."


def test_what_is_nested_too_deep_is_refused(services: Services, administrator: Actor) -> None:
    original = b"A short text."
    for _ in range(reading.DEEPEST + 1):
        original = zipped({"next": original})
    submit(services, administrator, original)
    read_all(services)
    with services.sessions() as session:
        found = session.execute(select(Document.depth, Document.state, Document.failure).order_by(Document.depth)).all()
    assert [tuple(one) for one in found] == [
        (0, "unpacked", None), (1, "unpacked", None), (2, "unpacked", None), (3, "failed", "bomb"),
    ]  # fmt: skip


def test_more_than_may_be_inside_is_refused(
    services: Services, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_INSIDE", 2)
    document_id = submit(services, administrator, zipped({f"{i}.txt": b"Text %d." % i for i in range(3)}))
    read_all(services)
    document = found(services, document_id, administrator)
    assert (document.state, document.failure) == ("failed", "too_large")
    with services.sessions() as session:
        assert session.scalars(select(Document.id)).all() == [document_id], "nothing of it is kept"


def test_what_cannot_be_read_stays_and_is_read_again(services: Services, administrator: Actor) -> None:
    document_id = submit(services, administrator, b"%PDF-1.7 is no PDF")
    read_all(services)
    failed = found(services, document_id, administrator)
    assert (failed.state, failed.failure, failed.text) == ("failed", "corrupt", None)
    assert failed.failure_detail == "It is no PDF that can be read."
    with services.sessions() as session:
        documents.replay(session, document_id, by=administrator, dispatch=services.dispatch)
    assert found(services, document_id, administrator).state == "received"
    read_all(services)
    assert found(services, document_id, administrator).state == "failed"


def test_other_languages_keep_their_text_and_are_not_drafted(services: Services, administrator: Actor) -> None:
    document_id = submit(services, administrator, f"<!doctype html><p>{IN_FRENCH}</p>".encode())
    read_all(services)
    document = found(services, document_id, administrator)
    assert (document.language, document.text) == ("fr", IN_FRENCH)


def test_a_reader_that_is_lost_is_followed_by_another_whose_answer_counts(
    services: Services, administrator: Actor
) -> None:
    document_id = submit(services, administrator, PAGE)
    with services.sessions() as session:
        lost = reading.take(session, lease=60, attempts=3)
        assert lost
        assert reading.take(session, lease=60, attempts=3) is None
    with services.sessions.begin() as session:
        session.execute(update(Document).values(lease_until=sql("now() - interval '1 second'")))
    with services.sessions() as session:
        assert sweeping.sweep(session, dispatch=services.dispatch, attempts=3).returned == 1
    read_all(services)
    with services.sessions() as session, pytest.raises(DraftLeaseLostError):
        reading.record(session, lost, Reading("Late."))
    assert found(services, document_id, administrator).title == "Talks at the Grey Line"


def test_pages_and_words_are_kept(services: Services, administrator: Actor) -> None:
    document_id = submit(services, administrator, PAGE)
    page = Page(1, 595.2, 841.9, 0, 9, (Word(0, 3, 10.5, 20, 30, 32), Word(4, 9, 33, 20, 60, 32)))
    told = {"title": Told("A\x00 \ntitle", "pdf:Title"), "published": Told("2024-13-01", "pdf:CreationDate")}
    with services.sessions() as session:
        unread = reading.take(session, lease=60, attempts=3)
        assert unread
        kept = Reading("Two words", None, kinds.PDF, (Place(0, 9, "page", 1, "page 1"),), (page,), told, ())
        assert reading.record(session, unread, kept) == [document_id]
        (stored,) = reading.pages_of(session, document_id, by=administrator)
        assert stored.words == [[0, 3, 10.5, 20, 30, 32], [4, 9, 33, 20, 60, 32]]
    document = found(services, document_id, administrator)
    assert (document.title, document.published) == ("A title", None)


def test_names_of_children_are_made_harmless(services: Services, administrator: Actor) -> None:
    document_id = submit(services, administrator, PAGE)
    names = ["..\\..\\boot.ini", "a\r\nSet-Cookie: x", "", "x" * 900]
    children = tuple(Child(name, f"Text {at}.".encode()) for at, name in enumerate(names))
    with services.sessions() as session:
        unread = reading.take(session, lease=60, attempts=3)
        assert unread
        reading.record(session, unread, Reading("", None, kinds.ZIP, children=children))
        parts = reading.parts_of(session, [document_id])[document_id]
        kept = [documents.get(session, part.document_id, by=administrator).filename for part in parts]
    assert kept == ["boot.ini", "aSet-Cookie: x", None, "x" * 500]
    assert [part.name for part in parts] == [names[0], "aSet-Cookie: x", "part 3", "x" * 500]
