"""An item's page: how long the server takes for it, and how soon the next one is on the screen after a decision."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page, sync_playwright

from bench.uploads import gunicorn
from service.app import create_app
from service.operations import claims
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from tests.browser.conftest import FLAGS
from tests.conftest import PASSWORD
from tests.factories import create_drafted_document, many_visits

WORDS, RECORDS, ROUNDS = 3_000, 20, 6
DECISIONS = 30
LEASE = 180
FILLER = "The two delegations then went on with their work in the usual rooms, as they had done before. "
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')

# From the key to the frame that shows the next item.
WATCH = """() => {
  window.taken = [];
  let pressed = 0;
  addEventListener("keydown", () => { pressed = performance.now(); }, { capture: true });
  new MutationObserver((changes) => {
    if (!changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.id === "work"))) return;
    requestAnimationFrame(() => setTimeout(() => window.taken.push(performance.now() - pressed)));
  }).observe(document.body, { childList: true, subtree: true });
}"""


def long_document(services: Services, by: Actor) -> list[UUID]:
    """The records of a document of 3,000 words, 20 of them, with 60 quotes."""
    story, records = many_visits(RECORDS)
    missing = WORDS - len(story.split())
    filler = FILLER * (missing // len(FILLER.split()) + 1)
    text = f"{story}\n\n{' '.join(filler.split()[:missing])}"
    assert len(text.split()) == WORDS
    return create_drafted_document(services, by, text, records)[1]


def server_times(settings: Settings, services: Services, by: Actor, events: Sequence[UUID]) -> list[float]:
    """Milliseconds that the application takes for the page of an item that the reader holds."""
    app = create_app(settings)
    client = app.test_client()
    token = CSRF.search(client.get("/sign-in").text)
    assert token
    fields = {"csrf_token": token[1], "username": by.username, "password": PASSWORD}
    assert client.post("/sign-in", data=fields).status_code == 303
    for event_id in events:
        with services.sessions() as session:
            claims.claim(session, event_id, by=by, seconds=LEASE)
    taken = []
    for event_id in [*events, *list(events) * ROUNDS]:
        began = time.perf_counter()
        answer = client.get(f"/review/{event_id}")
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
        assert 'data-hold="mine"' in answer.text
    app.extensions["legation"].engine.dispose()
    return taken[len(events) :]


def painting_times(settings: Settings, by: Actor, log: Path) -> list[float]:
    """Milliseconds from the key that approves to the next item on the screen of a browser on this machine, the web
    server being that of the product.
    """
    with gunicorn(settings, log) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(base_url=url, viewport={"width": 1440, "height": 900})
        page.goto("/sign-in")
        page.get_by_label("User name").fill(by.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        taken = _approve(page)
        browser.close()
    return taken


def _approve(page: Page) -> list[float]:
    with page.expect_response(re.compile(r"/next$")):
        page.get_by_role("button", name="Start reviewing").first.click()
    page.evaluate(WATCH)
    for number in range(1, DECISIONS + 1):
        page.wait_for_timeout(600)  # somebody looks at the item; the next one comes meanwhile
        page.keyboard.press("a")
        page.wait_for_function("number => window.taken.length === number", arg=number)
    return [float(one) for one in page.evaluate("window.taken")]
