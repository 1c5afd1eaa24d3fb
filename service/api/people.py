"""People: who there is, what each may do, and which families he reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from service.api import described, paging, versions
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.paging import Answer
from service.api.people_schemas import (
    ChangePersonSchema,
    NewPersonSchema,
    PasswordSchema,
    PeopleQuerySchema,
    PersonPageSchema,
    PersonSchema,
)
from service.api.versions import version_seen
from service.operations import accounts, people
from service.operations.people import Change, Person
from service.web import session

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/people", description=__doc__)


@blueprint.route("")
@allow("admin")
@blueprint.arguments(PeopleQuerySchema, location="query")
@blueprint.response(200, PersonPageSchema, headers=described.LINK)
@described.problems(422)
def list_people(wanted: Mapping[str, Any]) -> Answer:
    """List everybody who has an account, by name"""
    found = people.find(session(), by=actor(), after=wanted["cursor"], limit=wanted["limit"] + 1)
    page = paging.cut(found, wanted, lambda person: (person.user.username,))
    return {"items": [_present(one) for one in page.items], "next_cursor": page.next_cursor}, 200, page.headers


@blueprint.route("", methods=["POST"])
@allow("admin")
@blueprint.arguments(NewPersonSchema)
@blueprint.response(201, PersonSchema, headers=described.VERSION)
@described.problems(400, 409, 413, 415, 422)
def add_person(body: Mapping[str, Any]) -> tuple[Response, int]:
    """Make an account"""
    made = accounts.create_user(session(), body["username"], body["password"], body["role"], by=actor())
    return _answer(Person(made, 0)), 201


@blueprint.route("/<username>")
@allow("admin")
@blueprint.response(200, PersonSchema, headers=described.VERSION)
@described.not_modified
@described.problems(404, 412)
def get_person(username: str) -> Response:
    """Read what a person may do"""
    return _answer(people.get(session(), username, by=actor()))


@blueprint.route("/<username>", methods=["PATCH"])
@allow("admin")
@blueprint.arguments(ChangePersonSchema)
@blueprint.response(200, PersonSchema, headers=described.VERSION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def change_person(body: Mapping[str, Any], username: str) -> Response:
    """Change a person's role or families, or disable his account

    Items that were left to him and that he can no longer do are everybody's again. Fields that are not sent stay.
    """
    return _answer(people.change(session(), username, Change(**body), by=actor(), seen=version_seen()))


def _answer(person: Person) -> Response:
    return versions.answer(PersonSchema().dump(_present(person)), person.version)


@blueprint.route("/<username>/password", methods=["PUT"])
@allow("admin")
@blueprint.arguments(PasswordSchema)
@blueprint.response(204)
@described.problems(400, 404, 413, 415, 422)
def set_password(body: Mapping[str, Any], username: str) -> None:
    """Give a person another password, which ends his sign-ins"""
    accounts.set_password(session(), username, body["password"], by=actor())


def _present(person: Person) -> dict[str, Any]:
    user = person.user
    told = {"username": user.username, "role": user.role, "families": user.families, "created_at": user.created_at}
    return {**told, "is_disabled": user.disabled_at is not None, "assigned": person.assigned}
