"""Comments: what people note on a record or one of its fields, for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from service.api import described, paging, versions
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.paging import Answer, PageSchema
from service.api.schemas import CommentPageSchema, CommentSchema, NewCommentSchema
from service.api.versions import version_seen
from service.operations import comments
from service.store.models import Comment
from service.web import session

blueprint = Blueprint("comments", __name__, url_prefix="/api/v1/events/<uuid:event_id>/comments", description=__doc__)


@blueprint.route("")
@allow("read")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, CommentPageSchema, headers=described.LINK)
@described.problems(404, 422)
def list_comments(wanted: Mapping[str, Any], event_id: UUID) -> Answer:
    """Read what was noted on a record, oldest first

    Comments of who reads a record blindly are kept from the others until it is decided.
    """
    after, limit = wanted["cursor"], wanted["limit"]
    found = [one for one in comments.find(session(), event_id, by=actor()) if not after or one.id > after]
    page = paging.cut(found[: limit + 1], wanted, lambda comment: (comment.id,))
    return {"items": [_present(one) for one in page.items], "next_cursor": page.next_cursor}, 200, page.headers


@blueprint.route("", methods=["POST"])
@allow("review")
@blueprint.arguments(NewCommentSchema)
@blueprint.response(201, CommentSchema, headers=described.VERSION)
@described.leads_to("resolve_comment", status=201, event_id="$request.path.event_id", comment_id="$response.body#/id")
@described.problems(400, 404, 413, 415, 422)
def add_comment(body: dict[str, Any], event_id: UUID) -> tuple[Response, int]:
    """Note something on a record, or on one of its fields"""
    return _answer(comments.add(session(), event_id, body["text"], by=actor(), field=body["field"])), 201


@blueprint.route("/<uuid:comment_id>")
@allow("read")
@blueprint.response(200, CommentSchema, headers=described.VERSION)
@described.not_modified
@described.problems(404, 412)
def get_comment(event_id: UUID, comment_id: UUID) -> Response:
    """Read one comment"""
    return _answer(comments.get(session(), event_id, comment_id, by=actor()))


@blueprint.route("/<uuid:comment_id>/resolve", methods=["POST"])
@allow("review")
@blueprint.response(200, CommentSchema, headers=described.VERSION)
@described.problems(404, 412, 428)
@blueprint.doc(parameters=[described.IF_MATCH_VERSION])
def resolve_comment(event_id: UUID, comment_id: UUID) -> Response:
    """Say that a comment has been seen to; once more changes nothing"""
    return _answer(comments.resolve(session(), event_id, comment_id, by=actor(), seen=version_seen()))


def _answer(comment: Comment) -> Response:
    return versions.answer(CommentSchema().dump(_present(comment)), comments.version(comment))


def _present(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "field": comment.field,
        "text": comment.text,
        "author": comment.author.username,
        "at": comment.at,
        "resolved_by": comment.resolver.username if comment.resolver else None,
        "resolved_at": comment.resolved_at,
    }
