"""Pictures for the docs, of real drafts of our own documents, by day and by night; `make pictures` copies them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from service import files
from service.operations import documents, records
from service.operations.actor import Actor
from service.operations.documents import Upload
from service.services import Services
from tests.browser.conftest import PHONE, Visit
from tests.browser.pictures import FOLDER, keep, keep_both
from tests.conftest import REPOSITORY
from tests.factories import create_decision

pytest.importorskip("stanza", reason="the parser is not installed")
pytestmark = pytest.mark.skipif(not FOLDER, reason="pictures are taken by make pictures")


@pytest.fixture
def drafted_seeds(services: Services, administrator: Actor) -> None:
    """The documents of seeds/, drafted as a worker drafts them."""
    from workers.drafting import Drafter  # here: the models take seconds to load
    from workers.nlp.annotator import load_annotator

    for path in files.find([REPOSITORY / "seeds" / "documents"]):
        found = files.load(path)
        upload = Upload(
            original=found.original,
            text=found.original.decode(),
            encoding="utf-8",
            media_type="text/plain",
            filename=path.name,
            title=found.title,
            source=found.source,
            published=found.published,
        )
        with services.sessions() as session:
            documents.submit(session, upload, by=administrator, dispatch=services.dispatch)
    settings = services.settings
    drafter = Drafter(services, load_annotator(settings.stanza_dir, settings.stanza_package))
    while drafter.draft_waiting():
        pass


def test_pictures_for_the_docs(visit: Visit, services: Services, reviewer: Actor, drafted_seeds: None) -> None:
    page = visit.sign_in(reviewer)
    expect(page.get_by_role("row")).not_to_have_count(1)
    keep_both(page, "docs/queue")
    page.get_by_role("link", name="Documents", exact=True).first.click()
    page.get_by_role("link", name="Shots on the Line of Actual Control").click()
    expect(page.locator(".beside a.what").nth(2)).to_be_visible()
    keep_both(page, "docs/document")
    page.locator(".beside a.what").nth(2).click()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.mouse.move(5, 5)
    page.keyboard.press("f")
    expect(page.locator(".row :focus")).to_be_visible()
    keep_both(page, "docs/review")

    address = page.url
    page.get_by_role("button", name="Give back").click()
    phone = visit.sign_in(reviewer, address, viewport=PHONE, is_mobile=True, has_touch=True, color_scheme="dark")
    expect(phone.locator("main.work")).to_have_attribute("data-hold", "mine")
    keep(phone, "docs/review-phone-dark")

    with services.sessions() as session:
        drafts = records.find(session, by=reviewer, state="draft", limit=200)
    for draft in drafts:
        create_decision(services, draft.event.id, by=reviewer)
    page.goto("/map")
    page.get_by_role("row", name="Beijing").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Beijing, China")).to_be_visible()
    page.mouse.move(5, 5)
    keep_both(page, "docs/map")
