"""Receivers of webhooks: real servers on loopback, which keep what comes and answer as they are told."""

from __future__ import annotations

import dataclasses
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook as Verifier

from service.delivering import Deliverer
from service.operations import webhooks
from service.operations.actor import Actor
from service.operations.webhooks import Made
from service.receivers import Receivers
from service.sending import Sender
from service.services import Services

ANYWHERE = Receivers(allow_http=True, allow_private=True)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """What it says, when the standard's own library finds it signed by the secret."""
        return dict(Verifier(secret).verify(self.body, self.headers))

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def seq(self) -> int:
        return int(self.said["data"]["seq"])


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Receiver:
    """`answers` tells how to answer a request."""

    url: str
    answers: Callable[[Received], Answer]
    received: list[Received] = field(default_factory=list)

    @property
    def seqs(self) -> list[int]:
        return [one.seq for one in self.received]


def fine(received: Received) -> Answer:
    return 204, {}, b""


def always(status: int, body: bytes = b"", **headers: str) -> Callable[[Received], Answer]:
    return lambda received: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@contextmanager
def receiver(
    answers: Callable[[Received], Answer] = fine, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.command, self.path, headers, body)
            running.received.append(request)
            status, more, answer = running.answers(request)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer((host, 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "https" if tls else "http"
        running = Receiver(f"{scheme}://{host}:{server.server_port}/hook", answers)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()


def create_webhook(services: Services, by: Actor, url: str, **more: Any) -> Made:
    """A webhook for an address on this machine."""
    with services.sessions() as session:
        return webhooks.create(session, url, by=by, receivers=ANYWHERE, sealer=services.sealer, **more)


@contextmanager
def delivering(services: Services, timeout: float = 15) -> Iterator[None]:
    """A deliverer that may send to this machine, until the end."""
    stop = threading.Event()
    deliverer = Deliverer(dataclasses.replace(services, receivers=ANYWHERE), Sender(ANYWHERE, timeout), stop)
    thread = threading.Thread(target=deliverer.run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
