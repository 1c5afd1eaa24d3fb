"""The API behind a real gunicorn: what only shows on sockets and with several processes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psutil
import pytest

from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.services import Services
from service.settings import Settings
from tests.conftest import SECRET_KEY, create_actor, create_key, fresh_database
from tests.factories import STORY, create_drafted_document
from tests.integration.api.test_once import claims_of, end_claims, nobody_keeps
from tests.processes import gunicorn, wait_for

LIMIT = 10_000_000


@dataclass(frozen=True)
class Server:
    """A gunicorn that runs, a key with every scope, and the events of the drafted STORY in its database."""

    port: int
    api_key: str
    events: tuple[UUID, ...]


@pytest.fixture(scope="module")
def server(
    postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with fresh_database(postgres, template) as database_url:
        services = Services.start(Settings(database_url=database_url, redis_url=valkey.url, secret_key=SECRET_KEY))
        administrator = create_actor(services, "ada", "administrator")
        key = create_key(services, administrator, "upload", "read", "review")
        _, events = create_drafted_document(services, administrator)
        with gunicorn(services.settings, tmp_path_factory.mktemp("gunicorn") / "log") as port:
            yield Server(port, key, tuple(events))
        services.engine.dispose()


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/api/v1", headers=headers, timeout=10) as client:
        yield client


def send_head(server: Server, *headers: str, path: str = "/api/v1/documents") -> socket.socket:
    """Begins an upload on a socket of its own; the body is the caller's to send, or not."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {server.api_key}",
        *headers,
        "",
        "",
    ]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def answer_on(connection: socket.socket) -> tuple[int, dict[str, object]]:
    received = b""
    while b"\r\n\r\n" not in received or not received.endswith(b"}"):
        part = connection.recv(65536)
        if not part:
            break
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=b"])
def test_an_announced_body_over_the_limit_is_refused_before_it_comes(server: Server, content_type: str) -> None:
    with send_head(server, f"Content-Type: {content_type}", f"Content-Length: {50 * LIMIT}") as connection:
        status, problem = answer_on(connection)
    assert (status, problem["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=b"])
def test_a_body_of_unknown_length_is_refused_when_it_passes_the_limit(server: Server, content_type: str) -> None:
    """The client would send for ever; the answer comes once the limit is passed."""
    chunk = b"--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n".ljust(65536, b"x")
    head = [f"Content-Type: {content_type}", "Transfer-Encoding: chunked"]
    with send_head(server, *head) as connection:
        for _ in range(LIMIT // len(chunk) + 3):
            connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        status, problem = answer_on(connection)
    assert (status, problem["type"]) == (413, "/problems/too-large")


def test_a_body_of_unknown_length_within_the_limit_is_read_whole(http: httpx.Client) -> None:
    parts = (part.encode() for part in STORY.splitlines(keepends=True))
    answer = http.post("/documents", content=parts, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["characters"]) == (200, len(STORY))


@pytest.mark.parametrize("length", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_half_a_body_is_no_document(server: Server, http: httpx.Client, length: str) -> None:
    before = http.get("/documents").json()["items"]
    with send_head(server, "Content-Type: text/plain", length) as connection:
        connection.sendall(b"5\r\nhalf \r\n")
        connection.shutdown(socket.SHUT_WR)
        status, _ = answer_on(connection)
    assert status == 400
    assert http.get("/documents").json()["items"] == before


@pytest.mark.parametrize("chunk", [b"zz\r\nabc", b"-5\r\nabc", b"3\r\nabcXX", b"5;ext=\r\nhello\r\n0\r\n\r\n"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=b"])
def test_broken_chunks_are_a_bad_request(server: Server, chunk: bytes, content_type: str) -> None:
    with send_head(server, f"Content-Type: {content_type}", "Transfer-Encoding: chunked") as connection:
        connection.sendall(chunk)
        connection.shutdown(socket.SHUT_WR)
        status, problem = answer_on(connection)
    assert (status, problem["type"]) == (400, "/problems/bad-request")


def test_counts_of_all_processes_are_added_up(server: Server, http: httpx.Client) -> None:
    for _ in range(40):
        httpx.get(
            f"http://127.0.0.1:{server.port}/api/v1/nothing"
        )  # each on a new connection, so either process gets some
    wanted = 'legation_request_seconds_count{method="GET",route="(none)",status="404"} 40.0'
    for _ in range(5):
        assert wanted in httpx.get(f"http://127.0.0.1:{server.port}/metrics").text


@pytest.mark.parametrize("length", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_of_half_a_batch_nothing_is_kept(server: Server, http: httpx.Client, length: str) -> None:
    before = http.get("/documents").json()["items"]
    head = ["Content-Type: application/x-ndjson", length]
    with send_head(server, *head, path="/api/v1/documents/batch") as connection:
        connection.sendall(b'14\r\n{"text": "half a "}\n\r\n')
        connection.shutdown(socket.SHUT_WR)
        status, _ = answer_on(connection)
    assert status == 400
    assert http.get("/documents").json()["items"] == before


def test_a_batch_of_unknown_length_is_refused_when_it_passes_the_limit(server: Server, http: httpx.Client) -> None:
    line = b'{"text": "' + b"x" * 1_000_000 + b'"}\n'
    answer = http.post(
        "/documents/batch", content=(line for _ in range(51)), headers={"Content-Type": "application/x-ndjson"}
    )
    assert (answer.status_code, answer.json()["limit"]) == (413, 50_000_000)


def test_an_export_is_a_stream(server: Server, http: httpx.Client) -> None:
    for event in server.events:
        approved = http.post(f"/events/{event}/decisions", json={"decision": "approve"}, headers={"If-Match": '"1"'})
        assert approved.status_code == 200
    with http.stream("GET", "/exports/events.jsonl") as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert [json.loads(line)["id"] for line in answer.iter_lines()] == [str(event) for event in server.events]


def test_many_who_wait_leave_threads_for_the_others(server: Server, http: httpx.Client) -> None:
    """More than all threads of both processes."""

    def send(number: int) -> httpx.Response:
        return http.post("/documents", json={"text": f"Waits {number}."}, headers={"Prefer": "wait=12"}, timeout=30)

    with ThreadPoolExecutor(40) as pool:
        sent = [pool.submit(send, number) for number in range(40)]
        wait_for(lambda: sum(answer.done() for answer in sent) >= 32, 10, "answers do not come at once")
        assert http.get("/documents", timeout=1).status_code == 200
        answers = [answer.result() for answer in sent]
    assert {answer.status_code for answer in answers} == {202}
    waited = [answer for answer in answers if "Preference-Applied" in answer.headers]
    assert 4 <= len(waited) <= 8


def test_the_request_of_a_killed_process_can_be_sent_again(
    postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str, tmp_path: Path
) -> None:
    with fresh_database(postgres, template) as database_url:
        services = Services.start(Settings(database_url=database_url, redis_url=valkey.url, secret_key=SECRET_KEY))
        key = create_key(services, create_actor(services, "ada", "administrator"), "upload")
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": '"a"', "Content-Type": "text/plain"}
        with gunicorn(services.settings, tmp_path / "log") as port, ThreadPoolExecutor() as pool:
            address = f"http://127.0.0.1:{port}/api/v1/documents"

            def send() -> httpx.Response:
                with httpx.Client(transport=httpx.HTTPTransport(retries=3)) as client:
                    return client.post(address, content=STORY.encode(), headers=headers, timeout=20)

            with nobody_keeps(services, STORY):
                first = pool.submit(send)
                wait_for(lambda: claims_of(services) == 1, 10, "nothing claims the key")
                for process in workers_of(port):
                    process.kill()
                assert isinstance(first.exception(), httpx.TransportError)
            assert send().status_code == 409, "for all that is known it still works"
            end_claims(services)
            assert send().status_code == 202
        services.engine.dispose()


def workers_of(port: int) -> list[psutil.Process]:
    """The processes that answer for the gunicorn at this port."""
    started = psutil.Process().children()
    (arbiter,) = [process for process in started if f"127.0.0.1:{port}" in process.cmdline()]
    return arbiter.children()


def test_the_web_process_loads_no_models_and_no_number_crunching() -> None:
    program = "import sys, service.app; print([name for name in sys.modules if name in sys.argv[1:]])"
    heavy = ["torch", "stanza", "numpy", "pandas", "workers.nlp", "workers.extraction.pipeline"]
    loaded = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
