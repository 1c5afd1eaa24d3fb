"""What the search finds: documents by title and text, records by what they say now, the best first."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from service.errors import InvalidInputError
from service.operations import reviews, search
from service.operations.actor import Actor
from service.operations.excerpts import _width
from service.operations.reviews import Verdict
from service.operations.search import LONGEST_TEXT, Found, Wanted
from service.services import Services
from service.storable import unstorable
from service.store.models import DocumentSegment
from tests.factories import STORY, create_document, create_drafted_document, visit

in_one_database = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def story(services: Services, administrator: Actor) -> tuple[UUID, list[UUID]]:
    document, events = create_drafted_document(services, administrator, title="The crossing at Norvale")
    return document.id, events


def found(services: Services, by: Actor, text: str, **wanted: str) -> list[Found]:
    with services.sessions() as session:
        return list(search.search(session, Wanted(text, **wanted), by=by))


def ids(results: list[Found]) -> set[UUID]:
    return {one.place.id for one in results}


def marks(result: Found) -> list[str]:
    return [piece.text for piece in result.excerpt.pieces if piece.is_found]


FINDS = {
    "soldier": "document border",  # other forms of a word
    '"Grey Line"': "document border",
    '"Line Grey"': "",
    "„Grey Line“": "document border",
    "Sudmark -guards": "visit",
    "larsen or guards": "document visit border",
    "visit": "visit",  # the family's name
    "border incident": "border",
    "norvale/sudmark": "document",
    "the": "",
    "- \" ' & | ! ( ) :* <->": "",
}


def test_words_find_documents_and_records(services: Services, reviewer: Actor, story: tuple[UUID, list[UUID]]) -> None:
    document, (of_visit, of_border) = story
    names = {document: "document", of_visit: "visit", of_border: "border"}
    found_by = {text: {names[one.place.id] for one in found(services, reviewer, text)} for text in FINDS}
    assert found_by == {text: set(finds.split()) for text, finds in FINDS.items()}


def test_accents_and_hidden_characters_make_no_difference(services: Services, administrator: Actor) -> None:
    written = ["Erdoğan", "Erdog\u0306an", "Erdo\u200bgan"]
    create_document(services, administrator, f"{', '.join(written)} flew to Łódź.")
    for text in ("erdogan", "Erdoğan", "ERDOGAN"):
        assert marks(found(services, administrator, text)[0]) == written
    assert marks(found(services, administrator, "lodz")[0]) == ["Łódź"]


def test_a_record_is_found_by_what_it_says_now(
    services: Services, reviewer: Actor, story: tuple[UUID, list[UUID]]
) -> None:
    fix = Verdict("fix", {"place/name": "Westmark"})
    with services.sessions() as session:
        reviews.decide(session, story[1][0], fix, revision=1, by=reviewer)
    assert ids(found(services, reviewer, "Westmark")) == {story[1][0]}
    assert story[1][0] not in ids(found(services, reviewer, "Sudmark"))


def test_results_can_be_narrowed_to_a_kind_a_family_a_state(
    services: Services, reviewer: Actor, story: tuple[UUID, list[UUID]]
) -> None:
    document, (of_visit, of_border) = story
    with services.sessions() as session:
        reviews.decide(session, of_visit, Verdict("approve"), revision=1, by=reviewer)
    either = "larsen or soldiers"
    assert ids(found(services, reviewer, either, kind="document")) == {document}
    assert ids(found(services, reviewer, either, kind="record")) == {of_visit, of_border}
    assert ids(found(services, reviewer, either, family="visit")) == {of_visit}
    assert ids(found(services, reviewer, either, state="draft")) == {of_border}
    assert ids(found(services, reviewer, either, kind="document", state="draft")) == set()


def test_a_title_weighs_more_than_the_text(services: Services, administrator: Actor) -> None:
    titled = create_document(services, administrator, "Nothing more.", title="Sudmark")
    create_document(services, administrator, "Sudmark, Sudmark and Sudmark.")
    assert found(services, administrator, "Sudmark")[0].document.id == titled.id


def test_pages_go_on_where_the_last_one_ended(services: Services, administrator: Actor) -> None:
    for number in range(7):
        text = f"{STORY}{number} Sudmark" * (1 + number // 3)
        create_drafted_document(services, administrator, text, [replace(visit(text), rules=(str(number),))])
    with services.sessions() as session:
        whole = search.search(session, Wanted("Sudmark"), by=administrator, limit=100)
        paged, after = [], None
        while page := search.search(session, Wanted("Sudmark"), by=administrator, limit=3, after=after):
            paged += page
            after = page[-1].place
    assert len(whole) == 14
    assert [one.place for one in paged] == [one.place for one in whole]
    assert [one.place.rank for one in whole] == sorted((one.place.rank for one in whole), reverse=True)


def test_a_phrase_is_found_wherever_it_stands_in_a_long_text(services: Services, administrator: Actor) -> None:
    """A long text is indexed in pieces; at the seams, too, no phrase is lost."""
    marks_at = (0, 48_990, 49_500, 49_995, 98_996, 979_990, 980_500, 980_995, 1_100_000)
    text = list("ab " * 400_000)
    for number, place in enumerate(marks_at):
        phrase = f" seam number{number} here "
        text[place : place + len(phrase)] = phrase
    document = create_document(services, administrator, "".join(text))
    for number, place in enumerate(marks_at):
        result = found(services, administrator, f'"seam number{number} here"')[0]
        assert result.document.id == document.id
        assert f"number{number}" in marks(result)
        assert result.excerpt.start <= place + 1 <= result.excerpt.end


def test_no_text_is_too_odd_to_be_kept(services: Services, administrator: Actor) -> None:
    """Some of these cost PostgreSQL's parser the square of their length, if they come to it as they are."""
    for pattern in ("a_", "a-a.", "1a@", "~/", "<a>", "/a", "\U0001f600", "각-나 ", "x\u0301", "&a;"):
        document = create_document(services, administrator, pattern * (200_000 // len(pattern)))
        with services.sessions() as session:
            ends = session.scalars(select(DocumentSegment.end).where(DocumentSegment.document_id == document.id))
            assert max(ends) == document.characters


@in_one_database
@given(text=st.text(max_size=LONGEST_TEXT) | st.text(st.sampled_from("ab \"-|&!():*<>_@/'\\"), max_size=LONGEST_TEXT))
@example(text="한" * LONGEST_TEXT)
@example(text="\ue000\ue001")
def test_any_text_is_answered(services: Services, reviewer: Actor, text: str) -> None:
    with services.sessions() as session, pytest.raises(InvalidInputError) if unstorable(text) else nullcontext():
        search.search(session, Wanted(text), by=reviewer)


@in_one_database
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50))
@example(text="e\u0301 \u0344 \ufb1d \uac01 \ue000\u200b")
def test_what_is_searched_is_as_long_as_an_excerpt_takes_it_for(services: Services, text: str) -> None:
    with services.sessions() as session:
        assert session.scalar(select(func.char_length(func.searchable(text)))) == sum(map(_width, text))


def test_a_text_that_is_too_long_is_refused(services: Services, reviewer: Actor) -> None:
    with pytest.raises(InvalidInputError):
        found(services, reviewer, "a" * (LONGEST_TEXT + 1))
