"""What the OpenAPI description says of requests and answers beyond their schemas."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from apispec import APISpec
from flask_smorest import Blueprint
from marshmallow import fields

from service.api import limits
from service.api import problems as problem_table
from service.api.input import JSON
from service.api.schemas import (
    DOCUMENT_TEXT,
    LANGUAGE,
    LINE,
    LONGEST_LINE,
    BatchResultSchema,
    JsonDocumentSchema,
    ProblemSchema,
)
from service.api.uploads import FORM, TEXT

Handler = TypeVar("Handler", bound=Callable[..., Any])

ALWAYS_WITHOUT_KEY = (500, 503)
ALWAYS = (401, 403, 429, *ALWAYS_WITHOUT_KEY)
HEADERS = {"if_match": "If-Match"}
_documents = Blueprint("only for its decorators", __name__)


def problems(*statuses: int) -> Callable[[Handler], Handler]:
    """Describes the problems that a handler can answer with, and those that all can."""
    return problems_without_key(*statuses, *ALWAYS)


def problems_without_key(*statuses: int) -> Callable[[Handler], Handler]:
    """Describes the problems of a handler that asks for no key."""

    def decorate(handler: Handler) -> Handler:
        for status in sorted({*statuses, *ALWAYS_WITHOUT_KEY}):
            handler = _documents.alt_response(status, _name_of(status))(handler)
        return handler

    return decorate


def register(spec: APISpec) -> None:
    """Puts what many operations share into the description: the answers that are problems, and the limits' headers."""
    for name, told in limits.DESCRIBED.items():
        spec.components.header(name, _header(told))
    for status in sorted({known.status for known in problem_table.PROBLEM_TYPES}):
        kinds = [known.slug for known in problem_table.PROBLEM_TYPES if known.status == status]
        problem = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(kinds)}",
            "content": {problem_table.MEDIA_TYPE: {"schema": ProblemSchema}},
            "headers": {name: name for name in limits.DESCRIBED},
        }
        spec.components.response(_name_of(status), problem)
    spec.components.schema("BatchResult", schema=BatchResultSchema)


def leads_to(*operations: str, status: int = 200, **parameters: str) -> Callable[[Handler], Handler]:
    """Describes what an answer is good for: operations whose parameters are in it, as OpenAPI's runtime expressions."""
    given = {HEADERS.get(name, name): where for name, where in parameters.items()}
    links = {name: {"operationId": name, "parameters": given} for name in operations}
    described: Callable[[Handler], Handler] = Blueprint.doc(responses={status: {"links": links}})
    return described


def null_is_no_default(converter: Any, field: fields.Field[Any], ret: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """For apispec: what cannot be null is not null either where it is left out."""
    if "default" in ret and ret["default"] is None and not field.allow_none:
        del ret["default"]
    return {}


def _name_of(status: int) -> str:
    """Of the answer with this status among the description's components, as in NotFound."""
    return "".join(word.capitalize() for word in HTTPStatus(status).phrase.split())


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def not_modified(handler: Handler) -> Handler:
    """Describes the answer to an `If-None-Match` that names what is there."""
    same = "The same as the `If-None-Match` names"
    described: Handler = _documents.alt_response(304, schema=None, description=same, success=True)(handler)
    return described


def lines(name: str) -> dict[str, Any]:
    """A text of which each line is JSON as this schema of the description says."""
    return {"type": "string", "contentMediaType": JSON, "contentSchema": {"$ref": f"#/components/schemas/{name}"}}


LINK = {"Link": _header('The next page, as `<…>; rel="next"`; absent on the last')}
ETAG = {"ETag": _header("The text's version")}
REVISION = {"ETag": _header("The record's revision, for `If-Match`")}
LOCATION = {"Location": _header("The document"), "Retry-After": _header("Seconds until a look at it is worth while")}
SUBMITTED = {
    **LOCATION,
    "ETag": _header("Its version, for `If-Match`"),
    "Preference-Applied": _header("How long the answer could take, as in `wait=20`; absent when it did not wait"),
}

VERSION = {"ETag": _header("Its version, for `If-Match`")}

IF_MATCH_VERSION = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of the version that is changed, or `*` for any",
    "schema": {"type": "string"},
}

_TAG = {"type": "string", "pattern": '^"[0-9]{1,9}"$'}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of the revision that the decision is about; one strong tag",
    "schema": _TAG,
    "example": '"1"',
}

DELIVERY = {"Location": _header("The delivery, which tells how it went")}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A string, new for each request; one that is sent again gets the first answer. Needed with `force`",
    "schema": {
        "type": "string",
        "pattern": r'^("[\x20-\x21\x23-\x5b\x5d-\x7e]{1,255}"|[A-Za-z0-9._:~+/=-]{1,255})$',
    },
    "example": '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
}
PREFER = {
    "name": "Prefer",
    "in": "header",
    "description": "`wait=20`: an answer when the document is drafted, or after so many seconds (RFC 7240)",
    "schema": {"type": "string"},
    "example": "wait=5",
}
FORCE = {
    "name": "force",
    "in": "query",
    "description": "Has a document that is here already drafted anew; needs the scope `admin` and an `Idempotency-Key`",
    "schema": {"type": "boolean", "default": False},
}

_LINE = {"type": "string", "pattern": LINE, "maxLength": LONGEST_LINE}
_METADATA = {
    "title": _LINE,
    "source": _LINE,
    "published": {"type": "string", "format": "date"},
    "language": {"type": "string", "pattern": LANGUAGE},
    "external_id": _LINE,
    "priority": {"type": "integer", "minimum": -100, "maximum": 100},
    "tags": {"type": "string", "description": "Words between commas"},
}
UPLOAD_QUERY = [
    {
        "name": name,
        "in": "query",
        "description": "For text/plain only; a form and JSON have fields for it",
        "schema": schema,
    }
    for name, schema in _METADATA.items()
]
UPLOAD_BODY = {
    "required": True,
    "content": {
        TEXT: {"schema": {"type": "string", "pattern": DOCUMENT_TEXT}},
        FORM: {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}, **_METADATA},
                "required": ["file"],
                "additionalProperties": False,
            }
        },
        JSON: {"schema": JsonDocumentSchema},
    },
}
BATCH_BODY = {
    "required": True,
    "description": "One JSON object a line, each as an upload in JSON",
    "content": {"application/x-ndjson": {"schema": JsonDocumentSchema}},
}
