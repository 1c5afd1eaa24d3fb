"""Documents in the browser: the list, the path of one document, the upload."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from service.operations import drafting
from service.operations.actor import Actor
from service.operations.drafting import Drafts, Job
from service.services import Services
from tests.browser.conftest import Visit
from tests.factories import STORY, create_document, create_drafted_document, story_records


def take_up(services: Services) -> Job:
    """A worker's first step."""
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=1_000_000, lease=60, attempts=1)
    return job


def test_the_list_tells_states_and_records(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    create_drafted_document(services, administrator, title="A visit and a crossing")
    create_document(services, administrator, "Another text.", title="Not yet read")
    page = visit.sign_in(reviewer, "/documents")
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Not yet read")
    expect(rows.nth(1)).to_contain_text("received")
    expect(rows.nth(2)).to_contain_text("2 waiting")
    page.get_by_label("State").select_option("drafted")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="A visit and a crossing").click()
    expect(page.get_by_role("heading", name="A visit and a crossing")).to_be_visible()


def test_a_document_shows_its_records_beside_their_words(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    document, events = create_drafted_document(services, administrator)
    page = visit.sign_in(reviewer, f"/documents/{document.id}")
    assert page.locator(".along .ev").all_text_contents() == ["arrived", "crossed"]
    assert page.locator(".along .prose p").all_text_contents() == STORY.strip().split("\n\n")
    expect(page.locator(".beside li")).to_have_count(2)
    page.get_by_role("link", name=re.compile("soldiers of Norvale")).click()
    page.wait_for_url(f"**/review/{events[1]}")


def test_the_path_of_a_document_is_followed_live(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    document = create_document(services, administrator)
    page = visit.sign_in(reviewer, f"/documents/{document.id}")
    path = page.get_by_role("list", name="State of the document")
    expect(path).to_contain_text("Waiting to be drafted")
    job = take_up(services)
    expect(path).to_contain_text("Being drafted", timeout=10_000)
    with services.sessions() as session:
        drafting.record(session, job, Drafts(story_records(), (), "test", "no parser"))
    expect(path).to_contain_text("Reviewed, 0 of 2", timeout=10_000)
    expect(page.locator(".beside li")).to_have_count(2)


def test_a_failed_document_says_why_and_can_be_drafted_again(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    document = create_document(services, administrator)
    with services.sessions() as session:
        drafting.fail(session, take_up(services), "parser_error", "ValueError in the parser.", attempts=1)
    page = visit.sign_in(reviewer, f"/documents/{document.id}")
    expect(page.get_by_text("The parser could not work through its text.")).to_be_visible()
    expect(page.get_by_role("button", name="Draft it again")).to_have_count(0)

    page = visit.sign_in(administrator, f"/documents/{document.id}")
    page.get_by_role("button", name="Draft it again").click()
    expect(page.get_by_role("list", name="State of the document")).to_contain_text("Waiting to be drafted")


def upload_begun(visit: Visit, administrator: Actor, file: Path) -> Page:
    """The list of documents with the form for a new one open, and the file chosen."""
    page = visit.sign_in(administrator, "/documents")
    page.get_by_role("button", name="Upload a document").click()
    page.get_by_label("File").set_input_files(file)
    return page


def test_an_administrator_uploads_a_file_once(visit: Visit, administrator: Actor, tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text(STORY)
    page = visit.sign_in(administrator, "/documents")
    for expected in ("Waiting to be drafted", "This document was here already."):
        page.goto("/documents")
        page.get_by_role("button", name="Upload a document").click()
        page.get_by_label("File").set_input_files(file)
        page.get_by_label("Title").fill("A visit and a crossing")
        page.get_by_label("Published").fill("2024-06-19")
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.get_by_role("heading", name="A visit and a crossing")).to_be_visible()
        expect(page.locator("main")).to_contain_text(expected)
        expect(page.locator("main")).to_contain_text("19 June 2024")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "empty"), (b"  \n", "empty"), (b"No text.\x00\x01", "control character"), (b"x" * 900, "")],
    ids=["nothing", "blanks", "binary", "text"],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    visit: Visit, administrator: Actor, tmp_path: Path, content: bytes, complaint: str
) -> None:
    file = tmp_path / "file.txt"
    file.write_bytes(content)
    page = upload_begun(visit, administrator, file)
    page.get_by_label("Source").fill("Example Wire")
    page.get_by_role("button", name="Upload", exact=True).click()
    if complaint:
        expect(page.get_by_role("alert")).to_contain_text(re.compile(f"Not uploaded.*{complaint}"))
        page.get_by_role("button", name="Upload a document").click()
        expect(page.get_by_label("Source")).to_have_value("Example Wire")
    else:
        expect(page.get_by_role("heading", name="file.txt")).to_be_visible()


def test_a_file_and_a_pasted_text_are_not_one_document(visit: Visit, administrator: Actor, tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text(STORY)
    page = upload_begun(visit, administrator, file)
    page.get_by_label("or its text").fill("Another text.")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("not both")
    expect(page.get_by_text("No documents yet.")).to_be_visible()


def test_who_may_not_upload_sees_no_button(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer, "/documents")
    expect(page.get_by_role("heading", name="No documents yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Upload a document")).to_have_count(0)


def test_what_is_not_there_is_told_in_the_page_s_own_style(visit: Visit, reviewer: Actor) -> None:
    page = visit.sign_in(reviewer, f"/documents/{UUID(int=7)}")
    expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
    page.get_by_role("link", name="To the queue").click()
    expect(page.get_by_role("heading", name="All read.")).to_be_visible()


def test_a_very_long_text_is_shown_in_parts(
    visit: Visit, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    text = STORY + "\n" + "\n\n".join(f"Paragraph {number} has nothing to report. " * 8 for number in range(600))
    document, events = create_drafted_document(services, administrator, text, story_records(text))
    page = visit.sign_in(reviewer, f"/documents/{document.id}")
    expect(page.get_by_text("Part 1 of 2")).to_be_visible()
    page.get_by_role("link", name="Part 2").click()
    expect(page.get_by_text("Part 2 of 2")).to_be_visible()
    page.goto(f"/review/{events[0]}")
    expect(page.get_by_text("A long document: characters 0 to")).to_be_visible()
    assert "".join(page.locator("#text .ev--trigger").all_text_contents()) == "arrived"
