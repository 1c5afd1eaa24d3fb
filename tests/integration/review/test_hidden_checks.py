"""On the pages nothing tells a hidden check from other items to its reviewer, and nobody else comes upon it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.operations import gold_items, records, second_reading
from service.operations.actor import Actor
from service.services import Services
from tests.factories import STORY, age_decisions, create_decision, create_drafted_document, visit
from tests.integration.review.test_pages import sign_in, token_of

ANSWER = "a purpose that only theo knows"


@pytest.fixture
def gold(services: Services, administrator: Actor, second_reviewer: Actor) -> UUID:
    """A visit with a known answer, of which everybody else is handed a copy, while another visit waits."""
    event_id = create_drafted_document(services, administrator)[1][0]
    create_decision(services, event_id, "fix", by=second_reviewer, changes={"details/purpose": ANSWER})
    with services.sessions() as session:
        gold_items.mark(session, event_id, by=administrator)
        second_reading.set_rules(session, "visit", 0.0, 1.0, by=administrator)
    story = f"{STORY}Again."
    create_drafted_document(services, administrator, story, [visit(story)])
    return event_id


@pytest.fixture
def check(client: FlaskClient, reviewer: Actor, gold: UUID) -> str:
    """The copy, as rosa is handed it."""
    sign_in(client, reviewer)
    answer = client.post("/review/next", data={"csrf_token": token_of(client.get("/")), "family": "visit"})
    found = re.search(r"/review/([-0-9a-f]{36})", answer.headers["Location"])
    assert found
    assert found[1] != str(gold)
    return found[1]


def document_of(services: Services, event_id: UUID, by: Actor) -> UUID:
    with services.sessions() as session:
        return records.get(session, event_id, by=by).event.document_id


def test_its_reviewer_finds_an_item_and_nowhere_the_answer(
    client: FlaskClient, services: Services, check: str, gold: UUID, reviewer: Actor
) -> None:
    document_id = document_of(services, gold, reviewer)
    work = client.get(f"/review/{check}").text
    assert "Held by" in work
    assert "and its 2 records" in work
    paper = client.get(f"/documents/{document_id}").text
    assert check in paper
    assert "held by you" in paper
    for page in (work, paper, *(client.get(path).text for path in ("/", "/search?q=Larsen", "/search?q=theo", "/map"))):
        assert str(gold) not in page
        assert ANSWER not in page
    form = {"csrf_token": token_of(client.get("/")), "decision": "save", "revision": "1", "lease": "1"}
    assert client.post(f"/review/{check}/decision", data=form).status_code == 303
    assert check in client.get("/decided").text
    assert check in client.get(f"/documents/{document_id}").text
    assert ANSWER not in client.get(f"/documents/{document_id}").text


def test_nobody_else_comes_upon_it(
    app: Flask, services: Services, check: str, gold: UUID, second_reviewer: Actor
) -> None:
    client = app.test_client()
    sign_in(client, second_reviewer)
    document_id = document_of(services, gold, second_reviewer)
    for path in ("/", "/?holder=held", f"/documents/{document_id}", "/search?q=Larsen", "/team"):
        assert check not in client.get(path).text
    assert str(gold) in client.get(f"/documents/{document_id}").text
    assert client.get(f"/review/{check}").status_code == 404
    for way in ("claim", "decision", "take-over"):
        answer = client.post(f"/review/{check}/{way}", data={"csrf_token": token_of(client.get("/")), "revision": "1"})
        assert answer.status_code == 404, way
    waiting = re.search(r'legation_review_items_waiting\{type="visit"\} (\S+)', client.get("/metrics").text)
    assert waiting
    assert float(waiting[1]) == 1


def test_who_sees_the_scores_may_read_a_check(app: Flask, check: str, administrator: Actor) -> None:
    client = app.test_client()
    sign_in(client, administrator)
    page = client.get(f"/review/{check}")
    assert page.status_code == 200
    assert "is reading this" in page.text
    assert "Take it over" not in page.text


def test_the_team_page_tells_each_his_own_and_adjudicators_everybodys(
    app: Flask, client: FlaskClient, services: Services, check: str, reviewer: Actor, administrator: Actor
) -> None:
    create_decision(services, UUID(check), by=reviewer)
    assert "Hidden checks" not in client.get("/team").text
    age_decisions(services)
    told = client.get("/team").text
    assert "You answered 1 check." in told
    assert "Most often different: Purpose (1)." in told
    assert "by reviewer" not in told
    judge = app.test_client()
    sign_in(judge, administrator)
    told = judge.get("/team").text
    assert "You answered" not in told
    assert re.search(r"rosa</th><td[^>]*>1</td><td[^>]*>1</td><td[^>]*>10</td><td[^>]*>1</td>", told)
