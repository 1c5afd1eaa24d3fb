"""Builds states that the product can reach, through its own operations."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text as sql
from sqlalchemy import update

from service.operations import documents, drafting, reviews, second_reading
from service.operations.actor import Actor
from service.operations.documents import Upload
from service.operations.drafting import Drafts
from service.operations.reviews import Verdict
from service.services import Services
from service.store.models import Decision, Document
from workers.extraction.records import Attribution, EventDate, EventRecord, Evidence, Participant, Place

STORY = (
    "NORVALE (Example Wire) - President Ada Larsen of Norvale arrived in Sudmark on Tuesday for two days of talks, "
    "her office said.\n\n"
    "Hours later, soldiers of Norvale crossed the Grey Line into Sudmark, wounding two guards.\n"
)


def create_document(services: Services, by: Actor, text: str = STORY, **metadata: Any) -> Document:
    upload = Upload(original=text.encode(), text=text, encoding="utf-8", media_type="text/plain", **metadata)
    with services.sessions() as session:
        return documents.submit(session, upload, by=by, dispatch=services.dispatch).document


def create_drafted_document(
    services: Services,
    by: Actor,
    text: str = STORY,
    records: Sequence[EventRecord] | None = None,
    *,
    sketch: Sequence[int] = (),
    **metadata: Any,
) -> tuple[Document, list[UUID]]:
    """A drafted document and the ids of its events, which wait for review; `records` are the drafts of its STORY."""
    document = create_document(services, by, text, **metadata)
    with services.sessions() as session:
        jobs = drafting.take(session, documents=1, characters=1_000_000, lease=60, attempts=3)
    assert [job.document_id for job in jobs] == [document.id], "another document was waiting too"
    drafts = Drafts(story_records(text) if records is None else records, (), "test", "no parser", sketch)
    with services.sessions() as session:
        events = drafting.record(session, jobs[0], drafts)
        return documents.get(session, document.id, by=by), events


def create_failed_document(
    services: Services,
    by: Actor,
    text: str = STORY,
    *,
    failure: str = "parser_error",
    detail: str = "ValueError in the parser.",
    **metadata: Any,
) -> Document:
    document = create_document(services, by, text, **metadata)
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=1_000_000, lease=60, attempts=1)
    assert job.document_id == document.id, "another document was waiting too"
    with services.sessions() as session:
        drafting.fail(session, job, failure, detail, attempts=1)
        return documents.get(session, document.id, by=by)


def create_decision(
    services: Services, event_id: UUID, decision: str = "approve", *, by: Actor, revision: int = 1, **more: Any
) -> int:
    """A decision on a record that nobody holds; `more` is as in Verdict. Returns the number of the new revision."""
    with services.sessions() as session:
        return reviews.decide(session, event_id, Verdict(decision, **more), revision=revision, by=by)


def create_pair(
    services: Services, administrator: Actor, readers: tuple[Actor, Actor], *, text: str = STORY, **changes: Any
) -> UUID:
    """A visit that two people read and agree on, with these changes to it. Visits are read by two from now on."""
    with services.sessions() as session:
        second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    _, (event_id,) = create_drafted_document(services, administrator, text, [visit(text)])
    for reader in readers:
        decision = "fix" if changes else "approve"
        create_decision(services, event_id, decision, by=reader, changes=changes)
    return event_id


def age_decisions(services: Services, minutes: int = 16) -> None:
    """As if all decisions had been made so long ago. The database lets nobody change them while its triggers are on."""
    with services.sessions.begin() as session:
        session.execute(sql("alter table decisions disable trigger decisions_append_only"))
        session.execute(update(Decision).values(at=Decision.at - dt.timedelta(minutes=minutes)))
        session.execute(sql("alter table decisions enable trigger decisions_append_only"))


def create_dispute(
    services: Services,
    administrator: Actor,
    readers: tuple[Actor, Actor],
    *answers: Verdict,
    text: str = STORY,
) -> UUID:
    """A visit that two people read and differ on. Visits are read by two from now on."""
    with services.sessions() as session:
        second_reading.set_rules(session, "visit", 1.0, 0.0, by=administrator)
    _, (event_id,) = create_drafted_document(services, administrator, text, [visit(text)])
    for reader, answer in zip(readers, answers, strict=True):
        with services.sessions() as session:
            reviews.decide(session, event_id, answer, revision=1, by=reader)
    return event_id


def story_records(text: str = STORY) -> list[EventRecord]:
    """A visit and a border incident, as a good core would draft STORY."""
    return [visit(text), border_incident(text)]


def visit(text: str = STORY) -> EventRecord:
    return EventRecord(
        type="visit",
        modality="occurred",
        participants=(Participant("visitor", "Ada Larsen", "person", None, "President"),),
        details={"action": "arrived", "purpose": "two days of talks"},
        date=EventDate("on Tuesday"),
        place=Place("Sudmark"),
        attributed_to=(Attribution("her office", "said"),),
        evidence=tuple(
            evidence(text, field, quote, "test.visit")
            for field, quote in (
                ("trigger", "arrived"),
                ("participants/0", "Ada Larsen"),
                ("details/purpose", "two days of talks"),
                ("date", "on Tuesday"),
                ("place", "Sudmark"),
                ("attributed_to/0", "her office"),
            )
        ),
        confidence={"record": 0.9, "modality": 0.95, "participants/0": 0.92, "date": 0.55, "place": 0.9},
        rules=("test.visit",),
    )


def border_incident(text: str = STORY) -> EventRecord:
    return EventRecord(
        type="border_incident",
        modality="occurred",
        participants=(
            Participant("initiator", "soldiers of Norvale", "armed_forces"),
            Participant("target", "two guards", "armed_forces"),
        ),
        details={"action": "crossing", "border": "Grey Line", "wounded": 2},
        place=Place("Grey Line"),
        evidence=tuple(
            evidence(text, field, quote, "test.border")
            for field, quote in (
                ("trigger", "crossed"),
                ("participants/0", "soldiers of Norvale"),
                ("participants/1", "two guards"),
                ("details/border", "Grey Line"),
                ("details/wounded", "two guards"),
                ("place", "Grey Line"),
            )
        ),
        confidence={"record": 0.6, "modality": 0.54, "participants/0": 0.9, "participants/1": 0.5},
        rules=("test.border",),
    )


def records_of_every_family(name: str = "Ada Larsen") -> tuple[str, list[EventRecord]]:
    """A text and the draft of one event of each family in it, which all have this participant; two are located."""
    text = f"{name} arrived in Sudmark, signed the Grey Pact, crossed the Grey Line and imposed an arms embargo."
    located = Place("Sudmark", "SWE", 2661886, 62.5, 16.25)
    told = {
        "visit": ("visitor", "arrived", {"action": "arrived", "purpose": "arms"}, located),
        "treaty": ("party", "signed", {"action": "signed", "title": "Grey Pact"}, None),
        "border_incident": ("initiator", "crossed", {"action": "crossing", "border": "Grey Line"}, located),
        "sanctions_action": ("sender", "imposed", {"action": "imposed", "measures": ("arms",)}, None),
    }
    quotes = {"details/purpose": "arms", "details/title": "Grey Pact", "details/border": "Grey Line"}
    quotes |= {"details/measures": "arms", "place": "Sudmark", "participants/0": name}
    return text, [
        EventRecord(
            type=family,
            modality="occurred",
            participants=(Participant(role, name, "person", "NOR", "President"),),
            details=details,
            place=place,
            evidence=tuple(
                evidence(text, field, quote, "test")
                for field, quote in (("trigger", trigger), *quotes.items())
                if not field.startswith("details/") or field.removeprefix("details/") in details
                if field != "place" or place
            ),
            confidence={"record": 0.9, "participants/0": 0.9},
            rules=("test",),
        )
        for family, (role, trigger, details, place) in told.items()
    ]


def many_visits(number: int) -> tuple[str, list[EventRecord]]:
    """A text with as many visits, and their drafts."""
    sentences = [f"Ada Larsen arrived in Sudmark for meeting {i}." for i in range(1, number + 1)]
    text, records = " ".join(sentences), []
    for sentence in sentences:
        start = text.index(sentence)
        fields = (("trigger", "arrived"), ("participants/0", "Ada Larsen"), ("place", "Sudmark"))
        places = [(field, start + sentence.index(quote), len(quote)) for field, quote in fields]
        records.append(
            EventRecord(
                type="visit",
                modality="occurred",
                participants=(Participant("visitor", "Ada Larsen", "person"),),
                details={"action": "arrived"},
                place=Place("Sudmark"),
                evidence=tuple(Evidence.at(field, text, at, at + length) for field, at, length in places),
            )
        )
    return text, records


def evidence(text: str, field: str, quote: str, rule: str | None = None) -> Evidence:
    """Evidence at the first place where the quote stands."""
    found = re.search(re.escape(quote), text)
    assert found, f"{quote!r} is not in the text"
    return Evidence.at(field, text, found.start(), found.end(), rule)
