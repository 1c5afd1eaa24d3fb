"""People through the API, for administrators."""

from __future__ import annotations

from service.operations import accounts
from service.operations.actor import Actor
from service.services import Services
from tests.integration.api.conftest import ApiClient, kind


def test_people_are_listed_added_and_changed(api: ApiClient, reviewer: Actor) -> None:
    made = api.post("/people", json={"username": "Aline", "password": "x" * 12, "role": "reader"})
    assert made.status_code == 201
    changed = api.change("PATCH", "/people/aline", json={"role": "reviewer", "families": ["treaty"]})
    assert changed.json is not None
    assert (changed.json["role"], changed.json["families"], changed.json["is_disabled"]) == (
        "reviewer", ["treaty"], False
    )  # fmt: skip
    assert api.change("PATCH", "/people/rosa", json={"is_disabled": True}).status_code == 200
    listed = api.get("/people").json
    assert listed is not None
    assert [(one["username"], one["is_disabled"]) for one in listed["items"]] == [
        ("ada", False), ("aline", False), ("rosa", True)
    ]  # fmt: skip


def test_a_password_is_reset(api: ApiClient, services: Services, reviewer: Actor) -> None:
    assert api.call("PUT", "/people/rosa/password", json={"password": "another good password"}).status_code == 204
    assert kind(api.call("PUT", "/people/rosa/password", json={"password": "short"})) == "invalid-input"
    with services.sessions() as session:
        assert accounts.sign_in(session, "rosa", "another good password", hours=1)[1] == reviewer


def test_what_cannot_be_changed_is_refused(api: ApiClient, reviewer_api: ApiClient) -> None:
    assert kind(api.change("PATCH", "/people/ada", json={"is_disabled": True})) == "own-account"
    assert kind(api.change("PATCH", "/people/nobody", json={})) == "not-found"
    assert kind(api.change("PATCH", "/people/rosa", json={"families": ["weather"]})) == "invalid-input"
    assert (
        kind(api.post("/people", json={"username": "a/b", "password": "x" * 12, "role": "reader"})) == "invalid-input"
    )
    assert kind(api.post("/people", json={"username": "rosa", "password": "x" * 12, "role": "reader"})) == "name-taken"
    assert kind(reviewer_api.get("/people")) == "scope-missing"
