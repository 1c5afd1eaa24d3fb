"""What is told of a document, put right by hand on its page; and its bytes, to be kept as a file."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError
from service.headers import AS_A_FILE
from service.operations import documents
from service.operations.actor import Actor
from service.operations.versions import seen
from service.review.viewer import viewer
from service.store.models import Document

LONGEST_LINE = 500
LANGUAGE = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

pages = Blueprint("describing", __name__, url_prefix="/documents")


def may_describe(document: Document, by: Actor) -> bool:
    """Whether this person may change what is told of the document, as operations/documents.py has it."""
    is_own = document.created_by == by.user_id
    return "upload" in by.scopes and (is_own or "admin" in by.scopes)


@pages.post("/<uuid:document_id>/described")
def describe(document_id: UUID) -> ResponseReturnValue:
    """With another day of publication it is drafted again."""
    documents.change(
        web.session(),
        document_id,
        _wanted(),
        by=viewer(),
        dispatch=web.services().dispatch,
        seen=seen(request.form.get("version", "")),
    )
    return redirect(url_for("review.documents.show", document_id=document_id), 303)


@pages.get("/<uuid:document_id>/original")
def original(document_id: UUID) -> Response:
    document, found = documents.get_original(web.session(), document_id, by=viewer())
    response = Response(found, content_type="application/octet-stream", headers=AS_A_FILE)
    name = document.filename or f"document-{document.id}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _wanted() -> dict[str, Any]:
    """Raises InvalidInputError."""
    return {"title": _line("title"), "source": _line("source"), "published": _day(), "language": _language()}


def _line(name: str) -> str | None:
    return " ".join(request.form.get(name, "").split())[:LONGEST_LINE] or None


def _day() -> dt.date | None:
    given = request.form.get("published", "").strip()
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError as error:
        raise InvalidInputError({"published": "Must be a day, as in 2024-06-19."}) from error


def _language() -> str | None:
    given = request.form.get("language", "").strip()
    if given and not LANGUAGE.fullmatch(given):
        raise InvalidInputError({"language": "Must be a language, as in en or pt-BR."})
    return given or None
