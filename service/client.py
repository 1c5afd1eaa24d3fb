"""The API from the other side: what `legation upload` and `legation documents` speak."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from service.errors import LegationError
from service.files import MARKDOWN, DocumentFile
from workers.readers import kinds

ATTEMPTS = 5
LONGEST_PAUSE = 10.0
AGAIN = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


class ApiError(LegationError):
    """The service did not do it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the service says of a document."""

    id: str
    state: str
    is_duplicate: bool
    events: int
    failure: str | None


class Client:
    """Calls with one API key. Tries again when the service is away for a moment; raises ApiError when it stays so."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/", headers=headers, timeout=30, transport=transport
        )
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def upload(self, file: DocumentFile) -> Sent:
        told = {"title": file.title, "source": file.source, "published": file.published and file.published.isoformat()}
        fields = {name: value for name, value in told.items() if value}
        # The form keeps the file's name. The service looks at the bytes, which do not tell Markdown from other text.
        declared = kinds.MARKDOWN if file.path.suffix.lower() == MARKDOWN else TEXT
        sent = {"file": (file.path.name, file.original, declared)}
        return _sent(self._call("POST", "documents", data=fields, files=sent))

    def document(self, document_id: str) -> Sent:
        return _sent(self._call("GET", f"documents/{document_id}"))

    def replay(self, document_id: str) -> Sent:
        return _sent(self._call("POST", f"documents/{document_id}/replay"))

    def redraft_outdated(self) -> int:
        """Has all documents of another version or model drafted again; returns how many."""
        total = 0
        while found := int(self._call("POST", "documents/redraft-outdated")["documents"]):
            total += found
        return total

    def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        for attempt in range(ATTEMPTS):
            answer = self._try(method, path, **content)
            if isinstance(answer, httpx.Response) and answer.status_code not in AGAIN:
                return _body(answer)
            if attempt + 1 < ATTEMPTS:
                self._sleep(_pause(answer, attempt))
        if isinstance(answer, httpx.Response):
            return _body(answer)
        raise ApiError(f"{self._http.base_url.copy_with(path='/')} cannot be reached: {answer}") from answer

    def _try(self, method: str, path: str, **content: Any) -> httpx.Response | httpx.TransportError:
        """Repeating is safe: the same bytes are the same document, and a replayed one is no longer failed."""
        try:
            return self._http.request(method, path, **content)
        except httpx.TransportError as error:
            return error


TEXT = "text/plain"


def _pause(answer: httpx.Response | httpx.TransportError, attempt: int) -> float:
    """What the service asks for, else a little longer each time."""
    asked = answer.headers.get("Retry-After", "") if isinstance(answer, httpx.Response) else ""
    return min(float(asked) if asked.isdigit() else 0.5 * 2**attempt, LONGEST_PAUSE)


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.is_success and isinstance(body, dict):
        return body
    raise ApiError(_complaint(answer, body if isinstance(body, dict) else {}))


def _complaint(answer: httpx.Response, problem: Mapping[str, Any]) -> str:
    """The problem document's own words (RFC 9457), else the status."""
    words = problem.get("detail") or problem.get("title") or answer.reason_phrase
    return f"{words} ({answer.status_code})"


def _sent(body: Mapping[str, Any]) -> Sent:
    failure = body.get("failure") or {}
    return Sent(
        id=body["id"],
        state=body["state"],
        is_duplicate=body.get("duplicate_of") is not None,
        events=sum(body["events"].values()),
        failure=failure.get("detail") or failure.get("type"),
    )
