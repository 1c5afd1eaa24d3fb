"""Versions: whoever changes something says which version he has seen; whoever has it already is not sent it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_drafted_document
from tests.integration.api.conftest import ApiClient, kind
from tests.receivers import create_webhook

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}

# Where it is read, and a body that would be accepted.
GUARDED: dict[str, tuple[str, Any]] = {
    "PATCH /documents/<uuid:document_id>": ("/documents/{document_id}", {"title": "Talks"}),
    "POST /events/<uuid:event_id>/decisions": ("/events/{event_id}", {"decision": "approve"}),
    "POST /events/<uuid:event_id>/split": ("/events/{event_id}", {"moved": ["participants/0"]}),
    "POST /events/<uuid:event_id>/merge": ("/events/{event_id}", {"other": str(UUID(int=7))}),
    "POST /events/<uuid:event_id>/settlement": ("/events/{event_id}", {"choices": {}}),
    "PUT /events/<uuid:event_id>/assignee": ("/events/{event_id}/review", {"assignee": "ada"}),
    "PUT /events/<uuid:event_id>/priority": ("/events/{event_id}/review", {"priority": 5}),
    "POST /events/<uuid:event_id>/comments/<uuid:comment_id>/resolve": (
        "/events/{event_id}/comments/{comment_id}",
        None,
    ),
    "PUT /review-rules": ("/review-rules", {"family": "visit", "second_share": 0.5, "gold_share": 0}),
    "PATCH /filters/<uuid:filter_id>": ("/filters/{filter_id}", {"name": "Others"}),
    "DELETE /filters/<uuid:filter_id>": ("/filters/{filter_id}", None),
    "PATCH /people/<username>": ("/people/{username}", {"role": "reader"}),
    "PATCH /webhooks/<uuid:webhook_id>": ("/webhooks/{webhook_id}", {"is_enabled": False}),
    "DELETE /webhooks/<uuid:webhook_id>": ("/webhooks/{webhook_id}", None),
    "POST /webhooks/<uuid:webhook_id>/rotate": ("/webhooks/{webhook_id}", None),
    "PATCH /keys/<uuid:key_id>": ("/keys/{key_id}", {"name": "Another"}),
    "POST /keys/<uuid:key_id>/rotate": ("/keys/{key_id}", {}),
    "POST /keys/<uuid:key_id>/revoke": ("/keys/{key_id}", None),
}
MAKES = "makes something new"
BY_LEASE = "only the holder of the item may, and names the number of his lease, which grows with every claim"
BY_STATE = "says nothing about what it finds; the state that it needs is checked, 409 where it is another"
UNGUARDED = {
    "POST /documents": MAKES,
    "POST /documents/batch": MAKES,
    "POST /documents/<uuid:document_id>/events": MAKES,
    "POST /events/<uuid:event_id>/comments": MAKES,
    "POST /filters": MAKES,
    "POST /people": MAKES,
    "POST /webhooks": MAKES,
    "POST /keys": MAKES,
    "PUT /people/<username>/password": "gives another one, whatever it was; nobody can read which",
    "POST /webhooks/<uuid:webhook_id>/test": MAKES,
    "POST /webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay": "sends once more what was sent",
    "POST /webhooks/<uuid:webhook_id>/deliveries/replay": "sends once more what was sent",
    "POST /events/<uuid:event_id>/lease": BY_LEASE,
    "DELETE /events/<uuid:event_id>/lease": BY_LEASE,
    "POST /events/<uuid:event_id>/skip": BY_LEASE,
    "POST /events/<uuid:event_id>/snooze": BY_LEASE,
    "POST /reviews/next": "hands out what is free, each item once",
    "POST /events/<uuid:event_id>/claim": "makes a lease of what is free; 409 where another holds it",
    "POST /events/<uuid:event_id>/take-over": "is meant whoever holds it; his next save is refused by his lease",
    "POST /documents/<uuid:document_id>/replay": BY_STATE,
    "POST /documents/<uuid:document_id>/redraft": BY_STATE,
    "POST /documents/redraft-outdated": BY_STATE,
    "PUT /events/<uuid:event_id>/gold": "says one thing; once more changes nothing",
    "DELETE /events/<uuid:event_id>/gold": "says one thing; once more changes nothing",
    "POST /reviews/bulk": "names the revision of each record in its body",
    "POST /reviews/bulk-preview": "changes nothing",
    "POST /reviews/bulk/<uuid:batch_id>/undo": "names what it takes back, which nobody may have gone on from",
    "POST /reviews/undo": "names what it takes back, which nobody may have gone on from",
}


def changing_routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule.removeprefix('/api/v1')}"
        for rule in app.url_map.iter_rules()
        for method in CHANGING & (rule.methods or set())
        if rule.rule.startswith("/api/v1/")
    }


def test_every_route_that_changes_something_is_guarded_or_says_why_not(app: Flask) -> None:
    assert changing_routes(app) == {*GUARDED, *UNGUARDED}


@pytest.fixture
def there(api: ApiClient, services: Services, administrator: Actor, reviewer: Actor) -> dict[str, str]:
    """What the routes are about."""
    document, ids = create_drafted_document(services, administrator)
    comment = api.post(f"/events/{ids[0]}/comments", json={"text": "Which day?"}).json
    saved = api.post("/filters", json={"name": "Visits", "filter": {"type": ["visit"]}}).json
    key = api.post("/keys", json={"name": "Desk", "scopes": ["read"]}).json
    webhook = create_webhook(services, administrator, "https://receiver.example/").webhook
    assert comment
    assert saved
    assert key
    ids_ = {
        "document_id": document.id,
        "event_id": ids[0],
        "comment_id": comment["id"],
        "filter_id": saved["id"],
        "key_id": key["id"],
        "webhook_id": webhook.id,
    }
    made = {name: str(value) for name, value in ids_.items()}
    return {**made, "username": reviewer.username}


def address(route: str, there: dict[str, str]) -> tuple[str, str]:
    method, _, path = route.partition(" ")
    return method, path.replace("uuid:", "").replace("<", "{").replace(">", "}").format(**there)


def sent(body: Any) -> dict[str, Any]:
    return {} if body is None else {"json": body}


@pytest.fixture
def judge_api(client: Any, services: Services) -> ApiClient:
    from tests.conftest import create_actor, create_key

    judge = create_actor(services, "judith", "administrator")
    return ApiClient(client, create_key(services, judge, "upload", "read", "review", "adjudicate", "admin"))


@pytest.mark.parametrize("route", GUARDED)
def test_a_change_names_the_version_that_it_is_about(
    api: ApiClient, judge_api: ApiClient, there: dict[str, str], route: str
) -> None:
    method, path = address(route, there)
    body = sent(GUARDED[route][1])
    client = api if "filters" in route else judge_api
    missing = client.call(method, path, **body)
    assert (missing.status_code, kind(missing)[-7:]) == (428, "missing")
    for stale in ('"stale"', '""', 'W/"1"', '"stale", "older"'):
        answer = client.call(method, path, headers={"If-Match": stale}, **body)
        assert answer.status_code in (412, 428 if "," in stale else 412), stale
        assert kind(answer).endswith(("-changed", "-missing"))


# Those that need more than one open record, or answer with a secret, have tests of their own.
LONGER = ("split", "merge", "settlement", "rotate")


@pytest.mark.parametrize("route", [route for route in GUARDED if not route.endswith(LONGER)])
def test_who_has_seen_it_changes_it_once(
    api: ApiClient, judge_api: ApiClient, there: dict[str, str], route: str
) -> None:
    method, path = address(route, there)
    where, body = GUARDED[route]
    client = api if "filters" in route else judge_api
    read = client.get(where.format(**there))
    tag = read.headers["ETag"]
    assert tag.startswith('"')
    assert client.get(where.format(**there), headers={"If-None-Match": tag}).status_code == 304
    assert client.call(method, path, headers={"If-Match": tag}, **sent(body)).status_code in (200, 204)
    again = client.call(method, path, headers={"If-Match": tag}, **sent(body))
    assert again.status_code in ((404,) if method == "DELETE" else (412,))
    if method != "DELETE":
        assert client.get(where.format(**there)).headers["ETag"] != tag


def test_any_version_will_do_where_that_makes_sense(api: ApiClient, there: dict[str, str]) -> None:
    person, document = f"/people/{there['username']}", f"/documents/{there['document_id']}"
    whatever = {"If-Match": "*"}
    assert api.call("PATCH", person, json={"role": "reader"}, headers=whatever).status_code == 200
    assert api.call("PATCH", document, json={"title": "Talks"}, headers=whatever).status_code == 200
    assert api.call("PATCH", "/people/nobody", json={}, headers=whatever).status_code == 404
    decided = api.post(f"/events/{there['event_id']}/decisions", json={"decision": "approve"}, headers=whatever)
    assert (decided.status_code, kind(decided)) == (428, "revision-missing")


def test_a_change_beside_it_is_another_answer_but_no_other_version(
    api: ApiClient, services: Services, administrator: Actor, there: dict[str, str]
) -> None:
    """The number of a document's records in each state is in its answer, and none of what can be changed about it."""
    path = f"/documents/{there['document_id']}"
    tag = api.get(path).headers["ETag"]
    assert api.decide(there["event_id"], 1, decision="approve").status_code == 200
    now = api.get(path, headers={"If-None-Match": tag})
    assert (now.status_code, now.headers["ETag"] != tag) == (200, True)
    assert api.call("PATCH", path, json={"title": "Talks"}, headers={"If-Match": tag}).status_code == 200
