"""A real browser on a real server: Debian's chromium, the whole application, PostgreSQL behind it.

Every page of every test is watched: an error on its console, a script that fails or a violation of the content security
policy fails the test.
"""

from __future__ import annotations

import io
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from service.operations.actor import Actor
from tests.conftest import PASSWORD

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Pages of the browser's own in each window, which took a quarter of the processor's time of a window.
OWN_PAGES = ("PreloadTopChromeWebUI", "WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup")
FLAGS += [f"--disable-features={','.join(OWN_PAGES)}"]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 10_000
expect.set_options(timeout=PATIENCE)
# What a browser writes for answers that are meant: it cannot be switched off.
MEANT = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("needs the browser of Debian's package: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class QuietHandler(WSGIRequestHandler):
    """The application writes its own line for each request. A browser that leaves a page resets what it was loading;
    Werkzeug reads on then, and fails before it closes the file that it was sending.
    """

    def setup(self) -> None:
        super().setup()
        self.rfile = UntilReset(self.rfile.detach())  # type: ignore[attr-defined]

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class UntilReset(io.BufferedReader):
    """A connection's stream that ends where the connection was reset."""

    def read(self, size: int | None = -1) -> bytes:
        try:
            return super().read(size)
        except ConnectionError:
            return b""


class Counting:
    """The application, and how many of its answers are under way: a page that closes sends a last request, which must
    not outlive the database.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self._number, self._changed = app, 0, threading.Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> ClosingIterator:
        self._count(1)
        return ClosingIterator(self._app(environ, start_response), lambda: self._count(-1))

    def _count(self, change: int) -> None:
        with self._changed:
            self._number += change
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._number == 0, PATIENCE / 1000), "a request does not end"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""
    counting = Counting(app)
    server = make_server("127.0.0.1", 0, counting, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name="server")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    counting.wait()
    server.server_close()


@dataclass
class Visit:
    """Browsers of people, each with cookies of his own, and what went wrong in their pages."""

    browser: Browser
    address: str
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def page(self, **options: object) -> Page:
        context = self.browser.new_context(
            base_url=self.address, **{"viewport": DESK, "reduced_motion": "reduce", **options}
        )  # type: ignore[arg-type]
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def sign_in(self, who: Actor, path: str = "/", **options: object) -> Page:
        """A page of somebody who has signed in, without drawing the form for it (test_sign_in.py does)."""
        page = self.page(**options)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.request.get("/sign-in").text())
        assert token
        fields = {"csrf_token": token[1], "username": who.username, "password": PASSWORD}
        assert page.request.post("/sign-in", form=fields).ok
        page.goto(path)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(MEANT):
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    visit = Visit(browser, address)
    yield visit
    for context in visit.contexts:
        context.close()
    assert visit.complaints == []
