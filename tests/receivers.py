"""Receivers of webhooks: real servers on loopback, which keep what comes and answer as they are told."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from standardwebhooks import Webhook as Verifier

from service.delivering import Deliverer
from service.operations import deliveries, webhooks
from service.operations.actor import Actor
from service.operations.deliveries import Lease, Outcome
from service.operations.versions import seen
from service.operations.webhooks import Made
from service.receivers import Receivers
from service.sending import Sender
from service.services import Services
from tests.factories import create_decision, create_drafted_document, many_visits

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
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # who sent it was killed meanwhile
                return
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
    """A webhook for an address on this machine, or one that no name server is asked for."""
    receivers = NAMES if url.startswith("https") else ANYWHERE
    with services.sessions() as session:
        return webhooks.create(session, url, by=by, receivers=receivers, sealer=services.sealer, **more)


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


AT = dt.datetime(2024, 6, 19, 14, 3, tzinfo=dt.UTC)
FINE = Outcome(at=AT, seconds=0.1, status=204, answer="")
BROKEN = Outcome(at=AT, seconds=0.1, status=500, answer="<h1>Internal error</h1>")
SILENT = Outcome(at=AT, seconds=15, error="No answer within 15 seconds.")
GONE = Outcome(at=AT, seconds=0.2, status=410, answer="no more")


def create_webhooks_in_every_state(services: Services, by: Actor, reviewer: Actor) -> Made:
    """One that is failing, with messages that came through, failed and wait; one that is gone; one that is new. Returns
    the first.
    """
    text, records = many_visits(4)
    _, events = create_drafted_document(services, by, text, records)
    for event_id in events:
        create_decision(services, event_id, by=reviewer)
    failing = create_webhook(services, by, PUBLIC[0], from_seq=1)
    gone = create_webhook(services, by, PUBLIC[1], from_seq=4, families=["visit", "treaty"])
    create_webhook(services, by, PUBLIC[2], ops=["retract"])
    send(services, failing, FINE, GONE, BROKEN)
    with services.sessions() as session:
        enabled = webhooks.Wanted(is_enabled=True)
        webhooks.change(session, failing.webhook.id, enabled, seen=seen("2"), by=by, receivers=NAMES)
    send(services, failing, SILENT)
    send(services, gone, GONE)
    return failing


PUBLIC = ("https://archive.example/events", "https://old.example/hook", "https://desk.example/hook")
NAMES = Receivers(resolve=lambda host, port: ["1.1.1.1"])


def send(services: Services, made: Made, *outcomes: Outcome) -> None:
    """The next messages, each with this outcome."""
    lease = Lease(uuid4(), 60)
    with services.sessions() as session:
        deliveries.fan_out(session, made.webhook.id)
        claimed = deliveries.claim(
            *(session, made.webhook.id, lease),
            limit=len(outcomes),
            sealer=services.sealer,
            public_url="https://legation.example",
        )
        for message, outcome in zip(claimed, outcomes, strict=True):
            assert deliveries.finish(session, message, outcome, lease, patience_days=5)
