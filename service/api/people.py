"""People: who there is, what each may do, and which families he reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.api import described
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.people_schemas import ChangePersonSchema, NewPersonSchema, PeopleSchema, PersonSchema
from service.operations import accounts, people
from service.operations.people import Change, Person
from service.web import session

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/people", description=__doc__)


@blueprint.route("")
@allow("admin")
@blueprint.response(200, PeopleSchema)
@described.problems()
def list_people() -> dict[str, Any]:
    """List everybody who has an account"""
    return {"items": [_present(one) for one in people.everybody(session(), by=actor())]}


@blueprint.route("", methods=["POST"])
@allow("admin")
@blueprint.arguments(NewPersonSchema)
@blueprint.response(201, PersonSchema)
@described.problems(400, 409, 413, 415, 422)
def add_person(body: Mapping[str, Any]) -> dict[str, Any]:
    """Make an account"""
    made = accounts.create_user(session(), body["username"], body["password"], body["role"], by=actor())
    return _present(Person(made, 0))


@blueprint.route("/<username>", methods=["PATCH"])
@allow("admin")
@blueprint.arguments(ChangePersonSchema)
@blueprint.response(200, PersonSchema)
@described.problems(400, 404, 409, 413, 415, 422)
def change_person(body: Mapping[str, Any], username: str) -> dict[str, Any]:
    """Change a person's role or families, or disable his account

    Items that were left to him and that he can no longer do are everybody's again. Fields that are not sent stay.
    """
    return _present(people.change(session(), username, Change(**body), by=actor()))


def _present(person: Person) -> dict[str, Any]:
    user = person.user
    told = {"username": user.username, "role": user.role, "families": user.families, "created_at": user.created_at}
    return {**told, "is_disabled": user.disabled_at is not None, "assigned": person.assigned}
