"""The document page: what is told of a document is put right there, and its bytes are given back as a file."""

from __future__ import annotations

import datetime as dt
import re
from uuid import UUID

from flask.testing import FlaskClient

from service.operations import documents, drafting
from service.operations.actor import Actor
from service.services import Services
from service.store.models import Document
from tests.conftest import create_actor
from tests.factories import create_document, create_drafted_document
from tests.integration.review.test_pages import post, sign_in


def now(services: Services, document_id: UUID, by: Actor) -> Document:
    with services.sessions() as session:
        return documents.get(session, document_id, by=by)


def test_what_is_told_is_put_right_and_another_day_has_it_drafted_again(
    client: FlaskClient, administrator: Actor, services: Services
) -> None:
    document, _ = create_drafted_document(services, administrator, title="Wrong", source="Example Wire")
    sign_in(client, administrator)
    page = client.get(f"/documents/{document.id}").text
    assert "From: the sender" in page
    told = {"title": " A  visit ", "source": "Example Wire", "published": "2024-06-19", "language": "en"}
    answer = post(client, f"/documents/{document.id}/described", version="1", **told)
    assert answer.status_code == 303
    changed = now(services, document.id, administrator)
    assert (changed.title, changed.published, changed.language) == ("A visit", dt.date(2024, 6, 19), "en")
    assert (changed.state, changed.revision) == ("received", 2)
    assert changed.origins == {
        "title": "corrected",
        "source": "sender",
        "published": "corrected",
        "language": "corrected",
    }
    assert "From: put right by hand" in client.get(f"/documents/{document.id}").text
    stale = post(client, f"/documents/{document.id}/described", version="1", **{**told, "title": "Late"})
    assert stale.status_code == 412
    assert now(services, document.id, administrator).title == "A visit"


def test_what_cannot_be_is_refused(client: FlaskClient, administrator: Actor, services: Services) -> None:
    document = create_document(services, administrator)
    sign_in(client, administrator)
    for wrong in ({"published": "19 June"}, {"language": "English, mostly"}):
        assert post(client, f"/documents/{document.id}/described", version="1", **wrong).status_code == 422
    assert now(services, document.id, administrator).revision == 1


def test_only_who_may_is_asked(client: FlaskClient, administrator: Actor, services: Services) -> None:
    document = create_document(services, administrator)
    sign_in(client, create_actor(services, "rita", "reader"))
    assert "Put right what is told of it" not in client.get(f"/documents/{document.id}").text
    assert post(client, f"/documents/{document.id}/described", version="1", title="New").status_code == 403


def test_a_reviewer_puts_a_day_right_from_the_work_page(
    client: FlaskClient, reviewer: Actor, administrator: Actor, services: Services
) -> None:
    document, (event_id, *_) = create_drafted_document(services, administrator)
    sign_in(client, reviewer)
    page = client.get(f"/review/{event_id}").text
    assert "no day of publication" in page
    (link,) = re.findall(r'href="([^"]*describe=1)#described"', page)
    assert '<details class="add-event" id="described" open>' in client.get(link).text
    told = {"title": "", "source": "", "published": "2024-06-18", "language": ""}
    assert post(client, f"/documents/{document.id}/described", version="1", **told).status_code == 303
    after = now(services, document.id, administrator)
    assert (str(after.published), after.origins["published"], after.state) == ("2024-06-18", "corrected", "received")
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=9999, lease=9, attempts=3)
    assert str(job.source.published) == "2024-06-18"


def test_the_original_is_a_file_and_no_page(client: FlaskClient, administrator: Actor, services: Services) -> None:
    document = create_document(services, administrator, "<script>alert(1)</script> Ada came.", filename="é.html")
    sign_in(client, administrator)
    answer = client.get(f"/documents/{document.id}/original")
    assert answer.data == b"<script>alert(1)</script> Ada came."
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.content_type == "application/octet-stream"
