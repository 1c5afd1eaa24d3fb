"""API keys: made, given another secret, ended. A secret is in the answer that makes it, and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, url_for

from service.api import described, paging, versions
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.key_schemas import (
    ChangeKeySchema,
    KeyPageSchema,
    KeySchema,
    KeyWithSecretSchema,
    NewKeySchema,
    RotateKeySchema,
)
from service.api.paging import Answer, PageSchema
from service.api.versions import version_seen
from service.errors import NotFoundError
from service.operations import accounts, keys
from service.operations.keys import NewKey
from service.store.models import ApiKey
from service.web import services, session

IN_NO_CACHE = {"Cache-Control": "no-store"}

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1/keys", description=__doc__)


@blueprint.route("")
@allow("admin")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, KeyPageSchema, headers=described.LINK)
@described.problems(422)
def list_keys(wanted: Mapping[str, Any]) -> Answer:
    """List keys, oldest first, those that have ended too"""
    found = keys.find(session(), by=actor(), after=wanted["cursor"], limit=wanted["limit"] + 1)
    page = paging.cut(found, wanted, lambda key: (key.id,))
    return {"items": [_present(key) for key in page.items], "next_cursor": page.next_cursor}, 200, page.headers


@blueprint.route("", methods=["POST"])
@allow("admin")
@blueprint.arguments(NewKeySchema)
@blueprint.response(201, KeyWithSecretSchema, headers=described.VERSION)
@described.problems(400, 404, 413, 415, 422)
def create_key(body: dict[str, Any]) -> Response:
    """Make a key, which acts for its owner with some of his rights"""
    name, scopes, username = body.pop("name"), body.pop("scopes"), body.pop("owner")
    owner = accounts.find_user(session(), username or actor().username)
    if owner is None:
        raise NotFoundError("user", username)
    made = keys.create_key(session(), name, scopes, owner, by=actor(), longest=_longest(), **body)
    response = _answer_secret(made)
    response.status_code = 201
    response.headers["Location"] = url_for("keys.get_key", key_id=made.key.id)
    return response


@blueprint.route("/<uuid:key_id>")
@allow("admin")
@blueprint.response(200, KeySchema, headers=described.VERSION)
@described.not_modified
@described.problems(404, 412)
def get_key(key_id: UUID) -> Response:
    """Read one, with its version as `ETag`"""
    return _answer(keys.get(session(), key_id, by=actor()))


@blueprint.route("/<uuid:key_id>", methods=["PATCH"])
@allow("admin")
@blueprint.arguments(ChangeKeySchema)
@blueprint.response(200, KeySchema, headers=described.VERSION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def change_key(body: Mapping[str, Any], key_id: UUID) -> Response:
    """Change a key's name, end or limits; what is not sent stays"""
    seen = version_seen()
    return _answer(keys.change(session(), key_id, body, by=actor(), seen=seen, longest=_longest()))


@blueprint.route("/<uuid:key_id>/rotate", methods=["POST"])
@allow("admin")
@blueprint.arguments(RotateKeySchema)
@blueprint.response(200, KeyWithSecretSchema, headers=described.VERSION)
@described.problems(400, 404, 409, 412, 413, 415, 422, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def rotate_key(body: dict[str, Any], key_id: UUID) -> Response:
    """Give a key another secret; the old one lets in for the overlap yet"""
    overlap, seen = dt.timedelta(seconds=body.pop("overlap")), version_seen()
    by, longest = actor(), _longest()
    return _answer_secret(keys.rotate(session(), key_id, overlap=overlap, by=by, seen=seen, longest=longest, **body))


@blueprint.route("/<uuid:key_id>/revoke", methods=["POST"])
@allow("admin")
@blueprint.response(200, KeySchema, headers=described.VERSION)
@described.problems(404, 409, 412, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def revoke_key(key_id: UUID) -> Response:
    """End a key at once, also where one of its readers waits or has a stream"""
    return _answer(keys.revoke(session(), key_id, by=actor(), seen=version_seen()))


def _longest() -> int | None:
    return services().settings.key_days


def _present(key: ApiKey) -> dict[str, Any]:
    plain = {name: getattr(key, name) for name in KeySchema(exclude=("state", "owner")).fields}
    return {**plain, "state": keys.state_of(key, dt.datetime.now(dt.UTC)), "owner": key.owner.username}


def _answer(key: ApiKey) -> Response:
    return versions.answer(KeySchema().dump(_present(key)), key.version)


def _answer_secret(made: NewKey) -> Response:
    told = KeyWithSecretSchema().dump({**_present(made.key), "secret": made.secret})
    response = versions.answer(told, made.key.version)
    response.headers.update(IN_NO_CACHE)
    return response
