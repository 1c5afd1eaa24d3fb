"""Requests that are carried out once, however often and whenever they are sent, and documents drafted anew by one."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from service.api import once
from service.errors import RequestInProgressError
from service.operations import documents, drafting, idempotency, keys
from service.operations.actor import Actor
from service.operations.documents import Upload
from service.operations.drafting import Drafts
from service.operations.idempotency import Claim
from service.services import Services
from service.store.models import AuditEntry, Document, IdempotencyKey
from service.sweeper import sweep_once
from tests.conftest import create_key
from tests.factories import STORY, create_document, create_drafted_document, story_records
from tests.integration.api.conftest import ApiClient, kind
from tests.processes import wait_for

UPLOAD = Upload(original=STORY.encode(), text=STORY, encoding="utf-8", media_type="text/plain")


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": f'"{key}"'}


def audited(services: Services, action: str) -> int:
    with services.sessions() as session:
        counted = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
        return session.scalars(counted).one()


def end_claims(services: Services) -> None:
    """As if the lease of every claim had run out."""
    with services.engine.begin() as connection:
        connection.execute(text("update idempotency_keys set claimed_until = now() - interval '1 second'"))


@contextmanager
def nobody_keeps(services: Services, content: str) -> Iterator[None]:
    """While this lasts, who wants to keep the document waits: another transaction is about to, and then does not."""
    with psycopg.connect(services.settings.database_url) as connection:
        original = content.encode()
        connection.execute(
            "insert into contents (sha256, original) values (%s, %s)", (hashlib.sha256(original).hexdigest(), original)
        )
        yield
        connection.rollback()


def test_a_request_that_is_sent_again_gets_the_first_answer(
    api: ApiClient, services: Services, administrator: Actor
) -> None:
    first = api.upload(STORY, query_string={"title": "Talks"}, headers=keyed("a"))
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=3)
        drafting.record(session, job, Drafts(story_records(), (), "test", "no parser"))
    again = api.upload(STORY, query_string={"title": "Talks"}, headers=keyed("a"))
    assert first.status_code == again.status_code == 202
    assert first.data == again.data
    for name in ("Content-Type", "Location", "Retry-After"):
        assert first.headers[name] == again.headers[name]
    assert first.headers["X-Request-ID"] != again.headers["X-Request-ID"]
    assert api.upload(STORY, headers=keyed("b")).status_code == 200, "another key is another request"


def test_a_form_is_the_same_request_whatever_its_boundary(api: ApiClient) -> None:
    answers = [
        api.post(
            "/documents",
            data={"file": (io.BytesIO(STORY.encode()), "talks.txt"), "title": "Talks"},
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=keyed("a"),
        )
        for boundary in ("one", "two")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].data == answers[1].data


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (STORY + "More.", {}),
        (STORY, {"title": "Another title"}),
        (STORY, {"published": "2024-06-19"}),
        (STORY, {"force": "true"}),
    ],
)
def test_a_key_belongs_to_one_request(api: ApiClient, body: str, query: dict[str, str]) -> None:
    api.upload(STORY, headers=keyed("a"))
    other = api.upload(body, query_string=query, headers=keyed("a"))
    assert (other.status_code, kind(other)) == (422, "idempotency-key-reused")
    assert len(api.get("/documents").json["items"]) == 1  # type: ignore[index]


def test_each_api_key_has_keys_of_its_own(
    api: ApiClient, client: FlaskClient, services: Services, administrator: Actor
) -> None:
    other = ApiClient(client, create_key(services, administrator, "upload", "read"))
    assert api.upload(STORY, headers=keyed("a")).status_code == 202
    assert other.upload("Another text.", headers=keyed("a")).status_code == 202


@pytest.mark.parametrize(
    "key", ["", '""', '"a', 'a"b', '"a"; b=1', '"a", "b"', "a, b", '"é"', '"\t"', f'"{"x" * 256}"']
)
def test_what_is_no_key_is_refused(lasting_api: ApiClient, key: str) -> None:
    answer = lasting_api.upload(STORY, headers={"Idempotency-Key": key})
    assert (answer.status_code, kind(answer)) == (400, "bad-request")


def test_a_key_may_come_without_its_quotes(api: ApiClient) -> None:
    first = api.upload(STORY, headers={"Idempotency-Key": "8e03978e-40d5-43dd"})
    assert api.upload(STORY, headers=keyed("8e03978e-40d5-43dd")).data == first.data


def test_a_refused_upload_leaves_its_key_free(api: ApiClient) -> None:
    assert api.upload(b"a\0b", headers=keyed("a")).status_code == 422
    assert api.upload(STORY, headers=keyed("a")).status_code == 202


def test_while_a_request_is_carried_out_the_same_one_is_refused(api: ApiClient, services: Services) -> None:
    with ThreadPoolExecutor() as pool, nobody_keeps(services, STORY):
        first = pool.submit(api.upload, STORY, headers=keyed("a"))
        wait_for(lambda: claims_of(services) == 1, 10, "nothing claims the key")
        second = api.upload(STORY, headers=keyed("a"))
        assert (second.status_code, kind(second)) == (409, "request-in-progress")
        assert 0 < int(second.headers["Retry-After"]) <= idempotency.LEASE.total_seconds()
    assert first.result().status_code == 202
    assert api.upload(STORY, headers=keyed("a")).data == first.result().data


def claims_of(services: Services) -> int:
    with services.sessions() as session:
        return session.scalars(select(func.count()).select_from(IdempotencyKey)).one()


def test_many_at_once_are_carried_out_once(api: ApiClient, services: Services, administrator: Actor) -> None:
    create_drafted_document(services, administrator)
    barrier = threading.Barrier(6)

    def send() -> TestResponse:
        barrier.wait()
        return api.upload(STORY, query_string={"force": "true"}, headers=keyed("a"))

    with ThreadPoolExecutor(6) as pool:
        answers = [sent.result() for sent in [pool.submit(send) for _ in range(6)]]
    bodies = {answer.data for answer in answers if answer.status_code == 202}
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len(bodies) == 1
    assert audited(services, "document.redrafted") == 1


def actor_of(services: Services, api_key: str) -> Actor:
    with services.sessions() as session:
        return keys.authenticate(session, api_key)


def claimed(services: Services, api_key: str, *, force: bool = False) -> Claim:
    """What a request has before it does anything, as the API makes it of UPLOAD."""
    with services.sessions() as session:
        fingerprint = once.fingerprint_of(UPLOAD, force=force)
        found = idempotency.claim(session, "a", fingerprint, by=actor_of(services, api_key))
    assert isinstance(found, Claim)
    return found


def submit(services: Services, api_key: str, claim: Claim, *, force: bool = False) -> documents.Submission:
    with services.sessions() as session:
        by = actor_of(services, api_key)
        return documents.submit(session, UPLOAD, by=by, dispatch=services.dispatch, force=force, claim=claim)


def test_a_request_that_died_before_it_did_anything_can_be_sent_again(
    api: ApiClient, services: Services, api_key: str
) -> None:
    claimed(services, api_key)
    assert api.upload(STORY, headers=keyed("a")).status_code == 409
    end_claims(services)
    assert api.upload(STORY, headers=keyed("a")).status_code == 202


def test_a_request_that_died_before_its_answer_is_answered_but_not_done_again(
    api: ApiClient, services: Services, api_key: str, administrator: Actor
) -> None:
    create_drafted_document(services, administrator)
    submit(services, api_key, claimed(services, api_key, force=True), force=True)
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=3)
        drafting.record(session, job, Drafts(story_records(), (), "test", "no parser"))
    end_claims(services)
    answer = api.upload(STORY, query_string={"force": "true"}, headers=keyed("a"))
    assert answer.json is not None
    assert (answer.status_code, answer.json["state"]) == (200, "drafted")
    assert audited(services, "document.redrafted") == 1


def test_a_new_document_stays_new_for_who_asks_again_after_a_crash(
    api: ApiClient, services: Services, api_key: str
) -> None:
    submit(services, api_key, claimed(services, api_key))
    end_claims(services)
    answer = api.upload(STORY, headers=keyed("a"))
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["duplicate_of"] is None


def test_a_request_that_only_seemed_to_be_dead_does_nothing(services: Services, api_key: str) -> None:
    slow = claimed(services, api_key)
    end_claims(services)
    quick = claimed(services, api_key)
    with pytest.raises(RequestInProgressError):
        submit(services, api_key, slow)
    assert audited(services, "document.submitted") == 0
    assert submit(services, api_key, quick).is_new
    with services.sessions() as session:
        idempotency.keep(session, slow, idempotency.Answer(500, {}, b"late"))
        row = session.scalars(select(IdempotencyKey)).one()
        assert row.status is None


def test_a_request_that_failed_gives_its_key_back(
    api: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("something inside broke")

    monkeypatch.setattr(documents, "submit", fail)
    assert api.upload(STORY, headers=keyed("a")).status_code == 500
    monkeypatch.undo()
    assert api.upload(STORY, headers=keyed("a")).status_code == 202


def test_answers_are_forgotten_after_their_time(api: ApiClient, services: Services) -> None:
    api.upload(STORY, headers=keyed("old"))
    with services.engine.begin() as connection:
        connection.execute(text("update idempotency_keys set created_at = now() - interval '25 hours'"))
    api.upload("Another text.", headers=keyed("new"))
    sweep_once(services)
    with services.sessions() as session:
        assert session.scalars(select(IdempotencyKey.key)).all() == ["new"]
    sweep_once(dataclasses.replace(services, settings=dataclasses.replace(services.settings, idempotency_hours=100)))
    assert claims_of(services) == 1


# Drafting anew


def test_force_drafts_a_known_document_anew(api: ApiClient, services: Services, administrator: Actor) -> None:
    document, events = create_drafted_document(services, administrator)
    answer = api.upload(STORY, query_string={"force": "true"}, headers=keyed("a"))
    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["duplicate_of"], answer.json["state"]) == (str(document.id), "received")
    assert answer.headers["Retry-After"] == "1"
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=10_000, lease=60, attempts=3)
        assert drafting.record(session, job, Drafts(story_records(), (), "test", "no parser")) == [], "nothing differs"
    assert api.get(f"/documents/{document.id}").json["events"] == {"draft": len(events)}  # type: ignore[index]


def test_force_drafts_a_failed_document_anew(api: ApiClient, services: Services, administrator: Actor) -> None:
    create_document(services, administrator)
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=1_000, lease=60, attempts=1)
        drafting.fail(session, job, "timeout", "No progress.", attempts=1)
    answer = api.upload(STORY, query_string={"force": "true"}, headers=keyed("a"))
    assert answer.json is not None
    assert (answer.json["state"], answer.json["failure"]) == ("received", None)


def send_as_json(api: ApiClient) -> TestResponse:
    return api.post("/documents?force=true", json={"text": STORY}, headers=keyed("a"))


def send_as_form(api: ApiClient) -> TestResponse:
    form = {"file": (io.BytesIO(STORY.encode()), "talks.txt")}
    return api.post("/documents?force=true", data=form, content_type="multipart/form-data", headers=keyed("a"))


@pytest.mark.parametrize("send", [send_as_json, send_as_form])
def test_force_goes_with_every_form_of_a_document(
    api: ApiClient, services: Services, administrator: Actor, send: Callable[[ApiClient], TestResponse]
) -> None:
    create_drafted_document(services, administrator)
    assert send(api).status_code == 202
    assert audited(services, "document.redrafted") == 1


def test_force_keeps_a_new_document_and_leaves_one_that_waits(api: ApiClient, services: Services) -> None:
    first = api.upload(STORY, query_string={"force": "true"}, headers=keyed("a"))
    again = api.upload(STORY, query_string={"force": "true"}, headers=keyed("b"))
    assert first.json is not None
    assert again.json is not None
    assert (first.json["duplicate_of"], again.json["duplicate_of"]) == (None, first.json["id"])
    assert (first.status_code, again.status_code) == (202, 202)
    assert audited(services, "document.redrafted") == 0
    with services.sessions() as session:
        assert session.scalars(select(Document.state)).one() == "received"


def test_force_needs_a_key_and_the_scope_of_drafting_anew(
    api: ApiClient, client: FlaskClient, services: Services, administrator: Actor
) -> None:
    answer = api.upload(STORY, query_string={"force": "true"})
    assert (answer.status_code, kind(answer)) == (400, "idempotency-key-missing")
    uploader = ApiClient(client, create_key(services, administrator, "upload", "read"))
    answer = uploader.upload(STORY, query_string={"force": "true"}, headers=keyed("a"))
    assert (answer.status_code, kind(answer)) == (403, "scope-missing")
    for query in ({"force": "perhaps"}, [("force", "true"), ("force", "false")]):
        answer = api.upload(STORY, query_string=query, headers=keyed("a"))
        assert (answer.status_code, kind(answer)) == (422, "invalid-input")


def test_a_key_that_may_only_upload_is_told_of_a_known_document(
    client: FlaskClient, services: Services, administrator: Actor
) -> None:
    document, _ = create_drafted_document(services, administrator)
    uploader = ApiClient(client, create_key(services, administrator, "upload"))
    answer = uploader.upload(STORY)
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["duplicate_of"], answer.json["events"]) == (str(document.id), {})
