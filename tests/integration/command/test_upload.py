"""`legation upload` against the real application, without a network between them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask
from rich.console import Console

from service import uploading
from service.client import ApiError, Client, Sent
from service.files import load
from service.services import Services
from service.store.models import Document
from tests.factories import STORY

Answer = httpx.Response | Exception


@pytest.fixture
def client(app: Flask, api_key: str) -> Iterator[Client]:
    with Client("http://legation.test/", api_key, transport=httpx.WSGITransport(app)) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / "story.json").write_text('{"title": "Talks", "published": "2024-06-19"}')
    (tmp_path / "talks.json").write_text('{"text": "Talks were held.", "source": "Wire"}')
    (tmp_path / "zero.txt").write_text("")
    return tmp_path


class Moody:
    """A service that gives these answers in turn, and notes how long its caller waited between them."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> Client:
        return Client("http://legation.test", "key", transport=httpx.MockTransport(self), sleep=self.pauses.append)


def document(state: str = "received", **more: object) -> httpx.Response:
    return httpx.Response(200, json={"id": "1", "state": state, "events": {"draft": 2}, "failure": None, **more})


def away(**headers: str) -> httpx.Response:
    return httpx.Response(
        503, json={"title": "Away"}, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


def quiet() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_a_file_goes_in_with_what_is_told_about_it(client: Client, folder: Path, services: Services) -> None:
    sent = client.upload(load(folder / "story.txt"))
    assert (sent.state, sent.is_duplicate) == ("received", False)
    with services.sessions() as session:
        kept = session.get_one(Document, sent.id)
        assert (kept.filename, kept.title, str(kept.published)) == ("story.txt", "Talks", "2024-06-19")
    assert client.upload(load(folder / "story.txt")) == Sent(sent.id, "received", True, 0, None)


def test_a_folder_tells_what_became_of_each_file(client: Client, folder: Path) -> None:
    story, talks, zero = uploading.upload(
        client, [folder / name for name in ("story.txt", "talks.json", "zero.txt")], quiet(), wait=False
    )
    assert story.is_good
    assert talks.is_good
    assert not zero.is_good
    assert zero.error == "The document is empty or has only blanks. (422)"
    console = quiet()
    console.print(uploading.table([story, zero]))
    shown = console.file.getvalue()
    assert story.sent.id in shown
    assert "refused" in shown


def test_a_file_name_is_no_markup(folder: Path) -> None:
    console = quiet()
    console.print(uploading.table([uploading.Outcome(folder / "[red]x[/blue].txt", error="[/]")]))
    assert "[red]x[/blue].txt" in console.file.getvalue()


def test_a_wrong_key_is_said_in_the_services_words(app: Flask, folder: Path) -> None:
    stranger = Client("http://legation.test", "wrong", transport=httpx.WSGITransport(app))
    with stranger, pytest.raises(ApiError, match=r"not valid.* \(401\)"):
        stranger.upload(load(folder / "story.txt"))


def test_waiting_ends_when_all_are_drafted_or_failed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "POLL_EVERY", 0.001)
    failed = document("failed", failure={"type": "timeout", "detail": "No progress."})
    moody = Moody(document(), document(), document("drafting"), failed, document("drafted"))
    first, second = uploading.upload(moody.client(), [folder / "story.txt", folder / "talks.json"], quiet(), wait=True)
    assert (first.sent.state, first.is_good, first.sent.events) == ("drafted", True, 2)
    assert (second.sent.failure, second.is_good) == ("No progress.", False)


def test_it_comes_again_when_the_service_asks_for_it(folder: Path) -> None:
    moody = Moody(away(Retry_After="3"), httpx.ConnectError("refused"), document())
    assert moody.client().upload(load(folder / "story.txt")).state == "received"
    assert moody.pauses == [3, 1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (away, r"Away \(503\)"),
        (lambda: httpx.ConnectError("refused"), r"http://legation\.test/ cannot be reached: refused"),
    ],
)
def test_it_gives_up_in_words(folder: Path, answer: Callable[[], Answer], words: str) -> None:
    moody = Moody(*(answer() for _ in range(5)))
    with pytest.raises(ApiError, match=words):
        moody.client().upload(load(folder / "story.txt"))
    assert moody.pauses == [0.5, 1, 2, 4]


def test_an_answer_of_something_else_is_an_error_too(folder: Path) -> None:
    with pytest.raises(ApiError, match=r"OK \(200\)"):
        Moody(httpx.Response(200, text="<html>")).client().upload(load(folder / "story.txt"))


def test_documents_of_an_older_version_are_drafted_again_in_rounds() -> None:
    rounds = Moody(*(httpx.Response(200, json={"documents": number}) for number in (1000, 7, 0)))
    assert rounds.client().redraft_outdated() == 1007
