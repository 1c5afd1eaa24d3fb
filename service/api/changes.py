"""The feed of changes: what other systems read to keep a copy of what is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, jsonify, request, url_for
from marshmallow import ValidationError, fields, validate

from service.api import described
from service.api.authorization import actor, allow, key_in_use
from service.api.input import JSON, Blueprint
from service.api.schemas import Strict
from service.cursors import Cursors
from service.errors import InvalidInputError
from service.operations import feed
from service.operations.feed import Line
from service.web import services, session

LONGEST_PAGE = 1000
LARGEST_NUMBER = 2**63 - 1
LONGEST_WAIT = 30.0

blueprint = Blueprint("changes", __name__, url_prefix="/api/v1/changes", description=__doc__)


class Cursor(fields.String):
    """Where a reader is: the number of the last change that he was given."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            (number,) = cursors().read(super()._deserialize(value, attr, data, **kwargs))
        except ValueError as error:
            raise ValidationError("Is not a cursor of this feed.") from error
        return number


class ChangesQuerySchema(Strict):
    cursor = Cursor(
        load_default=None,
        metadata={"description": "`next_cursor` of the page before; without it, from the start"},
    )
    after = fields.Integer(
        load_default=None,
        validate=validate.Range(0, LARGEST_NUMBER),
        metadata={
            "description": "In place of a cursor: `seq` of the last change that one has; for tools that keep numbers"
        },
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, LONGEST_PAGE))
    wait = fields.Float(
        load_default=0.0,
        validate=validate.Range(0, LONGEST_WAIT),
        metadata={"description": "Seconds to wait for a change where there is none yet"},
    )


@blueprint.route("")
@allow("read")
@blueprint.arguments(ChangesQuerySchema, location="query")
@blueprint.response(200, "ChangePage", headers=described.LINK)
@described.leads_to("list_changes", cursor="$response.body#/next_cursor")
@described.problems(422, 429)
def list_changes(wanted: Mapping[str, Any]) -> Response:
    """Read what was published and retracted after a cursor, in the order of the commits"""
    after, limit = _begin(wanted), wanted["limit"]
    told_as = "cursor" if wanted["after"] is None else "after"
    found = _find(after, limit, told_as)
    if not found and wanted["wait"] and _comes(after, wanted["wait"]):
        found = _find(after, limit, told_as)
    items, has_more = found[:limit], len(found) > limit
    cursor = cursors().make(items[-1].seq if items else after)
    rest = feed.encode({"next_cursor": cursor, "has_more": has_more}).removeprefix("{")
    response = Response(f'{{"items": [{", ".join(line.json for line in items)}], {rest}\n', content_type=JSON)
    if has_more:
        asked: dict[str, Any] = {name: request.args[name] for name in ("limit", "wait") if name in request.args}
        response.headers["Link"] = f'<{url_for("changes.list_changes", **asked, cursor=cursor)}>; rel="next"'
    return response


@blueprint.route("/<int:seq>")
@allow("read")
@blueprint.response(200, "Change")
@described.problems(404)
def get_change(seq: int) -> Response:
    """Read one change by its number, as messages to webhooks that are too short for it say"""
    return jsonify(feed.get(session(), seq, by=actor()).to_json())


def _begin(wanted: Mapping[str, Any]) -> int:
    cursor, after = wanted["cursor"], wanted["after"]
    if cursor is not None and after is not None:
        raise InvalidInputError({"after": ["Give a cursor or a number, not both."]})
    return int(after or 0) if cursor is None else int(cursor)


def _find(after: int, limit: int, told_as: str) -> Sequence[Line]:
    """One more than the page has. Its transaction has ended, and with it the request's hold on a connection."""
    return feed.find(session(), by=actor(), after=after, limit=limit + 1, told_as=told_as)


def _comes(after: int, seconds: float) -> bool:
    watch, key = services().watch, key_in_use()
    with watch.place(key):
        return watch.wait(after, seconds, key)


def address_of(seq: int) -> str:
    """Where one change is read."""
    return url_for("changes.list_changes", cursor=cursors().make(seq - 1), limit=1)


def cursors() -> Cursors:
    """Those of the feed; a place in it is the number of the last change that was seen."""
    return Cursors(services().settings.secret_key, "changes")
