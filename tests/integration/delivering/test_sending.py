"""One message to one receiver: what is sent, to whom, how long it may take, and what is made of the answer."""

from __future__ import annotations

import datetime as dt
import email.utils
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from standardwebhooks import WebhookVerificationError

from service.operations.deliveries import Message, Outcome
from service.operations.webhooks import shown
from service.receivers import Receivers
from service.sending import ANSWER_BYTES, Sender
from tests.receivers import ANYWHERE, Receiver, always, receiver

SECRETS = (b"a" * 32, b"b" * 24)
BODY = '{"type": "event.put", "data": {"name": "Zo\\u00eb"}}'


def message(url: str, secrets: tuple[bytes, ...] = SECRETS) -> Message:
    return Message(uuid4(), uuid4(), url, secrets, BODY)


def send(url: str, receivers: Receivers = ANYWHERE, timeout: float = 15) -> Outcome:
    return Sender(receivers, timeout).send(message(url))


def test_a_message_is_a_post_signed_by_each_secret() -> None:
    sent = Message(uuid4(), uuid4(), "", SECRETS, BODY)
    with receiver() as there:
        outcome = Sender(ANYWHERE, 15).send(Message(sent.delivery_id, uuid4(), f"{there.url}?a=1&b=%20", SECRETS, BODY))
    assert (outcome.status, outcome.error, outcome.came_through, outcome.answer) == (204, None, True, "")
    (got,) = there.received
    assert (got.method, got.path, got.body) == ("POST", "/hook?a=1&b=%20", BODY.encode())
    assert got.id == str(sent.delivery_id)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("Legation/")
    assert got.headers["host"] == there.url.split("/")[2]
    for secret in SECRETS:
        assert got.verified(shown(secret))["data"]["name"] == "Zoë"
    with pytest.raises(WebhookVerificationError):
        got.verified(shown(b"c" * 32))


def test_the_time_that_is_signed_is_that_of_the_attempt() -> None:
    with receiver() as there:
        before = int(dt.datetime.now(dt.UTC).timestamp())
        send(there.url)
        after = int(dt.datetime.now(dt.UTC).timestamp())
    assert before <= int(there.received[0].headers["webhook-timestamp"]) <= after


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_anywhere_else(status: int) -> None:
    with receiver() as other, receiver(always(status, Location=other.url)) as there:
        outcome = send(there.url)
    assert (outcome.status, outcome.came_through) == (status, False)
    assert other.received == []


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(status: int) -> None:
    with receiver(always(status)) as there:
        assert send(there.url).came_through


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_all_else_is_failure(status: int) -> None:
    with receiver(always(status, b"why")) as there:
        outcome = send(there.url)
    assert (outcome.status, outcome.came_through, outcome.answer) == (status, False, "why")


def test_only_the_beginning_of_an_answer_is_read() -> None:
    with receiver(always(500, b"\xc3\xa9\x00" * 1_000_000)) as there:
        outcome = send(there.url)
    assert outcome.answer is not None
    assert outcome.answer.startswith("é�é")
    assert len(outcome.answer.encode()) <= 2 * ANSWER_BYTES
    assert "\0" not in outcome.answer


def test_a_compressed_answer_is_not_unpacked() -> None:
    with receiver(always(200, b"\x1f\x8b broken", Content_Encoding="gzip")) as there:
        outcome = send(there.url)
    assert (outcome.status, outcome.came_through) == (200, True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("0", 0), ("soon", None), ("-5", None), ("", None), ("9" * 400, 999_999_999), ("１２", None)],
)
def test_retry_after_is_read_as_a_number(value: str, seconds: float | None) -> None:
    with receiver(always(503, Retry_After=value.encode().decode("latin-1"))) as there:
        assert send(there.url).retry_after == seconds


def test_retry_after_is_read_as_a_date() -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    with receiver(always(429, Retry_After=email.utils.format_datetime(later, usegmt=True))) as there:
        found = send(there.url).retry_after
    assert found is not None
    assert 3500 < found <= 3600
    with receiver(always(429, Retry_After="Wed, 19 Jun 2024 14:00:00 GMT")) as there:
        assert send(there.url).retry_after == 0


@contextmanager
def speaking(*pieces: bytes, then_every: float | None = None) -> Iterator[str]:
    """A server that says these bytes to whoever calls, then one more every so many seconds, until he goes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            caller, _ = server.accept()
            with caller:
                try:
                    for piece in pieces:
                        caller.sendall(piece)
                    while then_every is not None and not ended.wait(then_every):
                        caller.sendall(b"x")
                except OSError:
                    return  # he has gone

        ended, thread = threading.Event(), threading.Thread(target=speak)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        ended.set()
        thread.join()


@pytest.mark.parametrize(
    "pieces",
    [(), (b"HTTP/1.1 200 OK\r\nX-Endless: ",), (b"HTTP/1.1 100 Continue\r\n\r\n" * 3, b"HTTP/1.1 2")],
    ids=["nothing", "a header without end", "a status without end"],
)
def test_who_answers_byte_by_byte_is_cut_off_in_time(pieces: tuple[bytes, ...]) -> None:
    """A timeout of the socket alone would begin anew with each byte, and hold a thread for ever."""
    with speaking(*pieces, then_every=0.05) as url:
        outcome = send(url, timeout=0.5)
    assert outcome.status is None
    assert outcome.error == "No answer within 0.5 seconds."
    assert outcome.seconds >= 0.5


def test_an_answer_whose_body_never_ends_counts_by_its_status() -> None:
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", then_every=0.05) as url:
        outcome = send(url, timeout=0.5)
    assert (outcome.status, outcome.came_through) == (200, True)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 999999 No\r\n\r\n", b"\x00" * 70_000])
def test_who_speaks_no_http_is_a_failure_with_its_reason(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            caller, _ = server.accept()
            with caller:
                caller.sendall(said)
                caller.shutdown(socket.SHUT_WR)
                while caller.recv(65_536):
                    pass

        thread = threading.Thread(target=speak)
        thread.start()
        outcome = send(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert outcome.status is None
    assert outcome.error
    assert not outcome.came_through


def test_nobody_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outcome = send(f"http://127.0.0.1:{port}/")
    assert outcome.status is None
    assert "refused" in (outcome.error or "")


# The guard at each delivery


def test_the_name_is_looked_up_once_and_the_connection_goes_to_that_very_address() -> None:
    """DNS rebinding: the second look-up would tell an address inside. There is none."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with receiver() as there, receiver(host="127.0.0.2") as inside:
        port = there.url.rpartition(":")[2]
        outcome = send(f"http://rebinding.example:{port}", Receivers(True, True, rebinding))
    assert outcome.came_through
    assert asked == ["rebinding.example"]
    assert [one.headers["host"] for one in there.received] == [f"rebinding.example:{port.partition('/')[0]}"]
    assert inside.received == []


def test_a_name_that_has_come_to_mean_an_inside_address_gets_nothing() -> None:
    with receiver() as there:
        outcome = send(there.url.replace("127.0.0.1", "localhost"), Receivers(allow_http=True))
        plain = send(there.url, Receivers(allow_private=True))
    assert (outcome.error, outcome.status) == ("The address of localhost is not a public one.", None)
    assert plain.error == "Must begin with https://."
    assert there.received == []


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as there:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert send(there.url).came_through
    assert (len(there.received), proxy.received) == (1, [])


def test_the_next_address_is_tried_where_nobody_answers_at_the_first() -> None:
    with receiver() as there:
        port = there.url.rpartition(":")[2]
        two = Receivers(True, True, lambda host, port: ["127.0.0.3", "127.0.0.1"])
        assert send(f"http://two.example:{port}", two).came_through


# TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server that proves to be receiver.example, and a client that trusts who says so."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("receiver.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "certificate").write_bytes(certificate.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "certificate", folder / "key")
    return server, ssl.create_default_context(cafile=str(folder / "certificate"))


@pytest.fixture
def secure(authority: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Receiver]:
    with receiver(tls=authority[0]) as there:
        yield there


@pytest.mark.parametrize(
    ("host", "complaint"),
    [("receiver.example", None), ("127.0.0.1", None), ("other.example", "certificate"), ("127.0.0.2", "certificate")],
)
def test_the_receiver_proves_the_name_though_the_connection_is_to_an_address(
    authority: tuple[ssl.SSLContext, ssl.SSLContext], secure: Receiver, host: str, complaint: str | None
) -> None:
    port = secure.url.rpartition(":")[2]
    sender = Sender(Receivers(allow_private=True, resolve=lambda host, port: ["127.0.0.1"]), 15, authority[1])
    outcome = sender.send(message(f"https://{host}:{port}"))
    if complaint is None:
        assert outcome.came_through, outcome.error
        assert secure.received[0].headers["host"] == f"{host}:{port.partition('/')[0]}"
    else:
        assert complaint in (outcome.error or "")
        assert secure.received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Receiver) -> None:
    outcome = send(secure.url, Receivers(allow_private=True))
    assert "certificate" in (outcome.error or "")
    assert secure.received == []
