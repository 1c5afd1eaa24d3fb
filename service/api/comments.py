"""Comments: what people note on a record or one of its fields, for the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.api import described
from service.api.authorization import actor, allow
from service.api.input import Blueprint
from service.api.schemas import CommentSchema, CommentsSchema, NewCommentSchema
from service.operations import comments
from service.store.models import Comment
from service.web import session

blueprint = Blueprint("comments", __name__, url_prefix="/api/v1/events/<uuid:event_id>/comments", description=__doc__)


@blueprint.route("")
@allow("read")
@blueprint.response(200, CommentsSchema)
@described.problems(404)
def list_comments(event_id: UUID) -> dict[str, Any]:
    """Read what was noted on a record, oldest first

    Comments of who reads a record blindly are kept from the others until it is decided.
    """
    return {"items": [_present(one) for one in comments.find(session(), event_id, by=actor())]}


@blueprint.route("", methods=["POST"])
@allow("review")
@blueprint.arguments(NewCommentSchema)
@blueprint.response(201, CommentSchema)
@described.leads_to("resolve_comment", status=201, event_id="$request.path.event_id", comment_id="$response.body#/id")
@described.problems(400, 404, 413, 415, 422)
def add_comment(body: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Note something on a record, or on one of its fields"""
    return _present(comments.add(session(), event_id, body["text"], by=actor(), field=body["field"]))


@blueprint.route("/<uuid:comment_id>/resolve", methods=["POST"])
@allow("review")
@blueprint.response(200, CommentSchema)
@described.problems(404)
def resolve_comment(event_id: UUID, comment_id: UUID) -> dict[str, Any]:
    """Say that a comment has been seen to; once more changes nothing"""
    return _present(comments.resolve(session(), event_id, comment_id, by=actor()))


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
