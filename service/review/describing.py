"""What is told of a document, put right by hand on its page; and its bytes, to be kept as a file."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError
from service.headers import as_a_file
from service.operations import documents
from service.review.asked import day_of_form, line_of_form, seen_on_page
from service.review.viewer import viewer
from workers.readers import language

pages = Blueprint("describing", __name__, url_prefix="/documents")


@pages.post("/<uuid:document_id>/described")
def describe(document_id: UUID) -> ResponseReturnValue:
    """With another day of publication it is drafted again."""
    documents.change(
        web.session(),
        document_id,
        _wanted(),
        by=viewer(),
        dispatch=web.services().dispatch,
        seen=seen_on_page(),
    )
    return redirect(url_for("review.documents.show", document_id=document_id), 303)


@pages.get("/<uuid:document_id>/original")
def original(document_id: UUID) -> Response:
    document, found = documents.get_original(web.session(), document_id, by=viewer())
    return as_a_file(found, document.filename or f"document-{document.id}")


def _wanted() -> dict[str, Any]:
    """Raises InvalidInputError."""
    lines = {name: line_of_form(name) for name in ("title", "source")}
    return {**lines, "published": day_of_form("published"), "language": _language()}


def _language() -> str | None:
    given = request.form.get("language", "").strip()
    if given and not re.fullmatch(language.TAG, given):
        raise InvalidInputError({"language": "Must be a language, as in en or pt-BR."})
    return given or None
