"""Pictures for the docs, of real drafts of our own documents: LEGATION_SCREENSHOTS=docs/screenshots pytest …"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service import files
from service.operations import documents
from service.operations.actor import Actor
from service.operations.documents import Upload
from service.services import Services
from tests.browser.conftest import PHONE, Visit
from tests.conftest import REPOSITORY

FOLDER = os.environ.get("LEGATION_SCREENSHOTS")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="makes pictures when LEGATION_SCREENSHOTS names their folder")


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


def keep(page: Page, name: str) -> None:
    assert FOLDER
    page.wait_for_timeout(500)  # transitions end
    page.screenshot(path=str(Path(FOLDER) / f"{name}.png"))


def test_pictures_for_the_docs(visit: Visit, reviewer: Actor, drafted_seeds: None) -> None:
    page = visit.sign_in(reviewer)
    keep(page, "queue")
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("link", name="Shots on the Line of Actual Control").click()
    keep(page, "document")
    page.locator(".beside a.what").nth(2).click()
    expect(page.locator("main.work")).to_have_attribute("data-hold", "mine")
    page.mouse.move(5, 5)
    page.keyboard.press("f")
    keep(page, "review")

    address = page.url
    page.get_by_role("button", name="Give back").click()
    phone = visit.sign_in(reviewer, address, viewport=PHONE, is_mobile=True, has_touch=True, color_scheme="dark")
    expect(phone.locator("main.work")).to_have_attribute("data-hold", "mine")
    keep(phone, "review-phone")
