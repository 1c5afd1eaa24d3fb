"""Sends one message to the receiver of a webhook: signed, to an address that was looked up and judged just before,
without following anybody anywhere else, in bounded time, reading a bounded part of the answer.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import functools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from importlib.metadata import version

from standardwebhooks import Webhook
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as UrllibTimeoutError
from urllib3.response import BaseHTTPResponse

from service.operations.deliveries import Message, Outcome
from service.receivers import PORTS, Receivers, RefusedError, Target

ANSWER_BYTES = 1000
LONGEST_ERROR = 300
JSON = "application/json"
USER_AGENT = f"Legation/{version('legation')} (webhooks)"
TIME_IS_UP = (TimeoutError, UrllibTimeoutError)
NETWORK = (HTTPError, HTTPException, OSError)
SHORTEST = 0.001


@dataclass(frozen=True, slots=True)
class Sender:
    """Any number of threads may send at a time. `timeout` is in seconds, for all of an attempt but the look-up of the
    name, which the system bounds.
    """

    receivers: Receivers
    timeout: float
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, message: Message) -> Outcome:
        """One attempt. Whatever happens is its outcome."""
        at, began = dt.datetime.now(dt.UTC), time.monotonic()
        ended = functools.partial(_ended, at, began)
        try:
            target = self.receivers.find(message.url)
            with self._answer(target, message) as answer:
                return ended(status=answer.status, answer=_beginning(answer), retry_after=_retry_after(answer, at))
        except RefusedError as error:
            return ended(error=str(error))
        except NewConnectionError as error:  # which urllib3 counts among those whose time was up
            return ended(error=_told(error))
        except TIME_IS_UP:
            return ended(error=f"No answer within {self.timeout:g} seconds.")
        except NETWORK as error:
            return ended(error=_told(error))

    @contextmanager
    def _answer(self, target: Target, message: Message) -> Iterator[BaseHTTPResponse]:
        """What is answered, while the connection is open. Raises one of NETWORK."""
        deadline = time.monotonic() + self.timeout
        with (
            contextlib.closing(self._connect(target, deadline)) as connection,
            _cut_at(connection, deadline) as was_cut,
        ):
            connection.request(
                "POST",
                target.url.request_uri,
                body=message.body.encode(),
                headers={"Host": _host_header(target), **_headers(message)},
                preload_content=False,
                decode_content=False,
            )
            with contextlib.closing(connection.getresponse()) as answer:
                if was_cut.is_set():  # to the parser of headers, the end of the connection is their end
                    raise TimeoutError
                yield answer

    def _connect(self, target: Target, deadline: float) -> HTTPConnection:
        """A connection to the first of the addresses that takes one. Raises one of NETWORK."""
        failed: Exception = TimeoutError()
        for address in target.addresses:
            connection = self._connection(target, address, max(SHORTEST, deadline - time.monotonic()))
            try:
                connection.connect()
            except NETWORK as error:
                connection.close()
                failed = error
                if not isinstance(error, NewConnectionError | ConnectTimeoutError):
                    break  # somebody is there, and no other address makes his certificate another one
            else:
                return connection
        raise failed

    def _connection(self, target: Target, address: str, seconds: float) -> HTTPConnection:
        """To the very address; the name is for TLS, which has to prove it."""
        if target.is_secure:
            return HTTPSConnection(
                address, target.port, timeout=seconds, ssl_context=self.tls, server_hostname=target.host
            )
        return HTTPConnection(address, target.port, timeout=seconds)


def _ended(
    at: dt.datetime,
    began: float,
    status: int | None = None,
    answer: str | None = None,
    error: str | None = None,
    retry_after: float | None = None,
) -> Outcome:
    seconds = time.monotonic() - began
    return Outcome(at=at, seconds=seconds, status=status, answer=answer, error=error, retry_after=retry_after)


@contextmanager
def _cut_at(connection: HTTPConnection, deadline: float) -> Iterator[threading.Event]:
    """Ends the connection at the deadline: a timeout of sockets begins anew with each byte that comes. Raises
    TimeoutError for whatever goes wrong from then on. The event tells that it was cut.
    """
    was_cut = threading.Event()
    sock = connection.sock

    def cut() -> None:
        was_cut.set()
        with contextlib.suppress(OSError):  # it may have ended by itself
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # that of TLS would want to say goodbye

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield was_cut
    except NETWORK as error:
        if was_cut.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()


def _headers(message: Message) -> dict[str, str]:
    """Signed by each secret that is valid. The time is that of this attempt, as receivers refuse old ones."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    id = str(message.delivery_id)
    signatures = [Webhook(secret).sign(id, now, message.body) for secret in message.secrets]
    return {
        "Content-Type": JSON,
        "User-Agent": USER_AGENT,
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _host_header(target: Target) -> str:
    host = target.url.host or ""
    return host if target.port == PORTS[str(target.url.scheme)] else f"{host}:{target.port}"


def _beginning(answer: BaseHTTPResponse) -> str:
    """Of an answer whose status has come; that its body breaks off makes no difference."""
    try:
        beginning = answer.read(ANSWER_BYTES, decode_content=False)
    except NETWORK:
        return ""
    return beginning[:ANSWER_BYTES].decode("utf-8", "replace").replace("\0", "�")


def _retry_after(answer: BaseHTTPResponse, now: dt.datetime) -> float | None:
    """In seconds; it comes as a number or as a date (RFC 9110, 10.2.3). Nothing where it is neither."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or dt.UTC) - now).total_seconds())


def _told(error: Exception) -> str:
    """What went wrong, in a line for the log; without the addresses of objects that urllib3 puts before it."""
    reason = str(error).rpartition("): ")[2] if isinstance(error, NewConnectionError) else str(error)
    return f"{type(error).__name__}: {reason}"[:LONGEST_ERROR]
