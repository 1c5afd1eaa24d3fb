"""What is told of a document can be changed: by whom, and what follows from it."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from service.errors import DraftLeaseLostError
from service.operations import claims, documents, drafting
from service.operations.actor import Actor
from service.operations.drafting import Drafts
from service.services import Services
from tests.conftest import create_actor, create_key
from tests.factories import create_decision, create_document, create_drafted_document, story_records
from tests.integration.api.conftest import ApiClient, kind


@pytest.fixture
def story(services: Services, administrator: Actor) -> tuple[UUID, list[UUID]]:
    document, ids = create_drafted_document(services, administrator, title="Old", published=dt.date(2024, 6, 19))
    return document.id, ids


def test_what_is_sent_changes_and_the_rest_stays(api: ApiClient, story: tuple[UUID, list[UUID]]) -> None:
    path = f"/documents/{story[0]}"
    before = api.get(path).json
    wanted = {"title": "New", "source": "The Wire", "language": "en", "external_id": "wire/9", "tags": ["a", "b"]}
    changed = api.change("PATCH", path, json=wanted)
    assert changed.status_code == 200
    corrected = dict.fromkeys(("title", "source", "language"), "corrected")
    assert changed.json == {**before, **wanted, "origins": {**before["origins"], **corrected}}
    assert api.change("PATCH", path, json={"title": None}).json["title"] is None
    told = api.get(f"/audit?subject={story[0]}&action=document.changed").json["items"]
    assert (told[0]["before"], told[0]["after"]) == ({"title": "New"}, {"title": None})
    tag = api.get(path).headers["ETag"]
    assert api.change("PATCH", path, json={"title": None}).headers["ETag"] == tag  # nothing changed
    assert len(api.get(f"/audit?subject={story[0]}&action=document.changed").json["items"]) == 2


@pytest.mark.parametrize("wanted", [{"title": "a\x00b"}, {"published": "19.6.2024"}, {"text": "x"}, {"priority": 101}])
def test_what_cannot_be_is_refused(api: ApiClient, story: tuple[UUID, list[UUID]], wanted: dict[str, object]) -> None:
    answer = api.change("PATCH", f"/documents/{story[0]}", json=wanted)
    assert (answer.status_code, kind(answer)) == (422, "invalid-input")


def test_who_may(
    client: FlaskClient,
    services: Services,
    reader_api: ApiClient,
    reviewer_api: ApiClient,
    story: tuple[UUID, list[UUID]],
) -> None:
    other = create_actor(services, "otto", "administrator")
    sender, path = ApiClient(client, create_key(services, other, "upload")), f"/documents/{story[0]}"
    answer = sender.call("PATCH", path, json={"title": "New"}, headers={"If-Match": "*"})
    assert (answer.status_code, kind(answer)) == (403, "not-owner")
    assert kind(reader_api.change("PATCH", path, json={"title": "New"})) == "scope-missing"
    corrected = reviewer_api.change("PATCH", path, json={"published": "2024-06-18", "language": "en"})
    assert (corrected.status_code, corrected.json["origins"]["published"]) == (200, "corrected")
    for own_of_the_sender in ({"priority": 5}, {"title": "New", "tags": ["a"]}, {"external_id": "x"}):
        assert kind(reviewer_api.change("PATCH", path, json=own_of_the_sender)) == "not-owner"
    own = sender.upload("The ambassador left.")
    seen = {"If-Match": own.headers["ETag"]}
    made = sender.call("PATCH", f"/documents/{own.json['id']}", json={"title": "A"}, headers=seen)
    assert (made.status_code, made.json["title"]) == (200, "A")


def test_the_search_finds_the_new_title(api: ApiClient, story: tuple[UUID, list[UUID]]) -> None:
    api.change("PATCH", f"/documents/{story[0]}", json={"title": "Unmistakable"})
    found = api.get("/search?q=unmistakable&kind=document").json["items"]
    assert [one["document"]["id"] for one in found] == [str(story[0])]


def test_readers_of_the_feed_are_told_what_is_published_of_it(
    api: ApiClient, services: Services, reviewer: Actor, story: tuple[UUID, list[UUID]]
) -> None:
    document_id, ids = story
    create_decision(services, ids[0], by=reviewer)
    end = api.get("/changes").json["next_cursor"]
    api.change("PATCH", f"/documents/{document_id}", json={"tags": ["a"]})
    assert api.get("/changes", query_string={"cursor": end}).json["items"] == []
    api.change("PATCH", f"/documents/{document_id}", json={"title": "New"})
    (told,) = api.get("/changes", query_string={"cursor": end}).json["items"]
    assert (told["op"], told["event"]["id"], told["event"]["document"]["title"]) == ("put", str(ids[0]), "New")


def test_another_day_of_publication_has_it_drafted_again(api: ApiClient, story: tuple[UUID, list[UUID]]) -> None:
    changed = api.change("PATCH", f"/documents/{story[0]}", json={"published": "2024-06-20"})
    assert changed.json["state"] == "received"
    assert api.change("PATCH", f"/documents/{story[0]}", json={"title": "New"}).json["state"] == "received"


def test_a_worker_that_drafts_by_the_old_day_is_not_listened_to(
    api: ApiClient, services: Services, administrator: Actor
) -> None:
    document = create_document(services, administrator, published=dt.date(2024, 6, 19))
    with services.sessions() as session:
        (late,) = drafting.take(session, documents=1, characters=1_000_000, lease=60, attempts=3)
    assert api.change("PATCH", f"/documents/{document.id}", json={"published": None}).json["state"] == "received"
    with services.sessions() as session, pytest.raises(DraftLeaseLostError):
        drafting.record(session, late, Drafts(story_records(), (), "test", "no parser"))
    with services.sessions() as session:
        (job,) = drafting.take(session, documents=1, characters=1_000_000, lease=60, attempts=3)
        assert job.source.published is None
        drafting.record(session, job, Drafts(story_records(), (), "test", "no parser"))
        assert documents.get(session, document.id, by=administrator).state == "drafted"


def test_records_that_wait_get_the_new_priority_but_those_that_somebody_gave_another(
    api: ApiClient, services: Services, reviewer: Actor, story: tuple[UUID, list[UUID]]
) -> None:
    document_id, ids = story
    with services.sessions() as session:
        claims.prioritize(session, ids[0], 5, by=reviewer)
    api.change("PATCH", f"/documents/{document_id}", json={"priority": 9})
    assert [api.get(f"/events/{one}/review").json["priority"] for one in ids] == [5, 9]
