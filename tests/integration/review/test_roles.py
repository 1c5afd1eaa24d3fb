"""Each page and form, by each role: who may see it, and who is refused before anything is done."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from service.operations.actor import ROLE_SCOPES
from service.services import Services
from service.store.models import ROLES, SCOPES, AuditEntry
from tests.conftest import create_actor
from tests.factories import create_drafted_document
from tests.integration.review.test_pages import sign_in, token_of

ANYBODY = set(ROLES)
WHO_REVIEWS = ANYBODY - {"reader"}
ADMINISTRATORS = {"administrator"}
# What is not for everybody who is signed in.
PAGES = dict.fromkeys(("review.together.show", "review.together.outcome", "review.worklist.decided"), WHO_REVIEWS)
CARRIED_OUT = (201, 204, 302, 303)
# What everybody has for himself.
OWN = ("review.accounts.", "review.keys.", "review.saved.")


def test_roles_have_these_rights_and_no_others() -> None:
    assert {
        "reader": {"read"},
        "reviewer": {"read", "review"},
        "adjudicator": {"read", "review", "adjudicate"},
        "administrator": {"read", "review", "adjudicate", "upload", "admin"},
    } == ROLE_SCOPES
    assert set(ROLE_SCOPES) == set(ROLES)
    assert set(SCOPES) == ROLE_SCOPES["administrator"]


def paths(app: Flask, method: str, document_id: UUID, event_id: UUID) -> dict[str, str]:
    """The address of each page or form by its endpoint, of this document and record where it is about one."""
    known = {"document_id": document_id, "event_id": event_id, "username": "rita", "failure": "timeout"}
    adapter = app.url_map.bind("localhost")
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("review.") and method in (rule.methods or ()) and rule.endpoint != "review.static":
            values = {name: known.get(name, UUID(int=7)) for name in rule.arguments}
            found[rule.endpoint] = adapter.build(rule.endpoint, values, method=method)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_which_page(client: FlaskClient, app: Flask, services: Services, role: str) -> None:
    administrator = create_actor(services, "ada", "administrator")
    document, (event_id, _) = create_drafted_document(services, administrator)
    sign_in(client, create_actor(services, "rita", role))
    wrong = {}
    for endpoint, path in paths(app, "GET", document.id, event_id).items():
        may = ADMINISTRATORS if path.startswith("/administration") else PAGES.get(endpoint, ANYBODY)
        status = client.get(path).status_code
        if (status == 403) is (role in may) or status >= 500:
            wrong[path] = status
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_who_is_refused_which_form(client: FlaskClient, app: Flask, services: Services, role: str) -> None:
    """Nothing that a reader sends is carried out, whatever it is answered with, but what is his own; and nobody but an
    administrator gets at what administrators do.
    """
    administrator = create_actor(services, "ada", "administrator")
    document, (event_id, _) = create_drafted_document(services, administrator)
    sign_in(client, create_actor(services, "rita", role))
    fields = {"csrf_token": token_of(client.get("/")), "password": "a good password", "text": "A text.", "name": "x"}
    fields |= {"item": str(event_id), "assignee": "ada"}
    before = entries(services)
    allowed = {}
    for endpoint, path in paths(app, "POST", document.id, event_id).items():
        is_refused_to_role = path.startswith("/administration") or role == "reader"
        if role == "administrator" or endpoint.startswith(OWN) or not is_refused_to_role:
            continue
        status = client.post(path, data=fields).status_code
        if status in CARRIED_OUT or (path.startswith("/administration") and status != 403):
            allowed[path] = status
    assert allowed == {}
    assert entries(services) == before


def entries(services: Services) -> int:
    with services.sessions.begin() as session:
        return session.scalars(select(func.count()).select_from(AuditEntry)).one()
