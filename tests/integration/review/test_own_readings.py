"""Nobody reads a record twice, and nobody settles what he has read, whatever address of pages or API he tries."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from service.operations import claims, second_reading
from service.operations.actor import Actor
from service.operations.claims import Wanted
from service.services import Services
from service.store.models import Decision, ReviewItem
from tests.conftest import create_actor, create_key
from tests.factories import create_decision, create_drafted_document
from tests.integration.review.test_pages import sign_in, token_of

# What the API's calls on a record are sent.
BODIES: dict[str, Any] = {
    "claim": None,
    "take-over": None,
    "lease": None,
    "skip": {"lease": 1},
    "snooze": {"lease": 1, "until": "2099-01-01T00:00:00Z"},
    "assignee": {"assignee": "judith"},
    "priority": {"priority": 5},
    "decisions": {"decision": "approve"},
    "split": {"moved": ["participants/0"]},
    "merge": {"other": str(uuid4())},
    "settlement": {"choices": {"modality": "a"}},
    "gold": None,
    "comments": {"text": "Mine was right."},
    "resolve": None,
}
# A form may have more fields than its page reads.
FORM = {
    "decision": "save",
    "revision": "1",
    "lease": "1",
    "then": "queue",
    "choose:1": "a",
    "gold": "yes",
    "modality": "planned",
    "moved": "participants/0",
    "split:moved": "participants/0",
    "other": str(uuid4()),
    "until": "2099-01-01T00:00",
    "reason": "other",
    "assignee": "judith",
    "text": "Mine was right.",
    "onto": "1",
    "reason_text": "so",
    "verdict": "save",
    "stage": "adjudication",
}


@pytest.fixture
def people(services: Services) -> tuple[Actor, Actor]:
    """Two who may do all that can be done to a record."""
    return create_actor(services, "judith", "administrator"), create_actor(services, "otto", "administrator")


@pytest.fixture(params=["first", "both"])
def read(request: pytest.FixtureRequest, services: Services, people: tuple[Actor, Actor]) -> UUID:
    """A visit that judith has read, and in one case otto, who differs."""
    judith, otto = people
    with services.sessions() as session:
        second_reading.set_rules(session, "visit", 1.0, 0.0, by=judith)
    event_id = create_drafted_document(services, judith)[1][0]
    create_decision(services, event_id, by=judith)
    if request.param == "both":
        create_decision(services, event_id, "fix", by=otto, changes={"modality": "planned"})
    return event_id


def changing(app: Flask, prefix: str) -> list[tuple[str, str]]:
    """Addresses below the prefix that change something about a record, with their methods."""
    return [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(prefix) and "event_id" in rule.arguments
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
    ]


def filled(rule: str, event_id: UUID) -> str:
    return rule.replace("<uuid:event_id>", str(event_id)).replace("<uuid:comment_id>", str(uuid4()))


def standing(services: Services, event_id: UUID) -> tuple[Any, ...]:
    with services.sessions() as session, session.begin():
        item = session.get_one(ReviewItem, event_id)
        made = session.scalars(
            select(Decision.decision).where(Decision.event_id == event_id).order_by(Decision.id)
        ).all()
        return item.stage, item.holder_id, item.assignee_id, item.decided_at, list(made)


def test_no_address_of_the_api_lets_a_reader_in_again(
    app: Flask, client: FlaskClient, services: Services, people: tuple[Actor, Actor], read: UUID
) -> None:
    before = standing(services, read)
    key = create_key(services, people[0], "read", "review", "adjudicate", "admin")
    headers = {"Authorization": f"Bearer {key}", "If-Match": '"1"'}
    routes = changing(app, "/api/v1/events/")
    assert {rule.rpartition("/")[2] for rule, _ in routes} == set(BODIES)
    for rule, method in routes:
        address, body = filled(rule, read), BODIES[rule.rpartition("/")[2]]
        query = {"token": "1"} if rule.endswith("/lease") else {}
        answer = client.open(address, method=method, json=body, headers=headers, query_string=query)
        assert answer.status_code < 500, (method, rule)
        assert standing(services, read) == before, (method, rule)


def test_no_form_lets_a_reader_in_again(
    app: Flask, client: FlaskClient, services: Services, people: tuple[Actor, Actor], read: UUID
) -> None:
    before = standing(services, read)
    sign_in(client, people[0])
    token = token_of(client.get("/"))
    for rule, method in changing(app, "/review/"):
        answer = client.open(filled(rule, read), method=method, data={"csrf_token": token, **FORM})
        assert answer.status_code < 500, (method, rule)
        assert standing(services, read) == before, (method, rule)


def test_no_way_to_the_next_item_leads_a_reader_back(
    client: FlaskClient, services: Services, people: tuple[Actor, Actor], read: UUID
) -> None:
    sign_in(client, people[0])
    token = token_of(client.get("/"))
    for stage in (None, "first", "second", "adjudication"):
        with services.sessions() as session:
            lease = claims.claim_next(session, by=people[0], seconds=0, wanted=Wanted(["visit"], stage=stage))
            assert lease is None
        asked = {"family": "visit", **({"stage": stage} if stage else {})}
        shown = client.get("/", query_string=asked)
        assert str(read) not in shown.text
        for start in ("/review/next", "/settle/next"):
            answer = client.post(start, data={"csrf_token": token, **asked})
            assert str(read) not in answer.headers["Location"]
