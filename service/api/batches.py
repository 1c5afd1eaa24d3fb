"""Many documents in one request, one a line: each is kept or refused by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from flask import Response, request, url_for
from werkzeug.exceptions import HTTPException

from service.api import described, limits, once, problems, uploads
from service.api.authorization import actor, allow
from service.api.exports import JSON_LINES
from service.api.input import Blueprint, parse_json, spool_body
from service.api.schemas import Strict
from service.errors import DocumentTooLargeError, InvalidInputError, LegationError, UnsupportedTypeError
from service.operations import documents
from service.operations.documents import KNOWN
from service.web import services, session

HASHED_AT_ONCE = 65_536  # bytes

blueprint = Blueprint("batches", __name__, url_prefix="/api/v1/documents", description=__doc__)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the body with its number, from 1. `raw` is None for one that is longer than a document may be."""

    number: int
    raw: bytes | None


@blueprint.route("/batch", methods=["POST"])
@allow("upload")
@blueprint.arguments(Strict, location="query")
@blueprint.response(
    200,
    described.lines("BatchResult"),
    content_type=JSON_LINES,
    description="One result a line, in the order of the documents",
)
@described.problems(400, 409, 413, 415, 422)
@blueprint.doc(requestBody=described.BATCH_BODY, parameters=[described.IDEMPOTENCY_KEY])
def submit_batch(wanted: Mapping[str, Any]) -> Response:
    """Send many documents in, one a line

    A line that is refused spoils no other. The batch is read as a whole before the first of them is kept.
    """
    if request.mimetype != JSON_LINES:
        raise UnsupportedTypeError(f"Send {JSON_LINES}.", accepted=[JSON_LINES])
    key = once.key_of(request)
    with spool_body(request, services().settings.batch_limit) as body:
        _check_lines(body, services().settings.batch_lines)
        return once.answer(key, _fingerprint(body), lambda _: _answer(body))


def _answer(body: IO[bytes]) -> Response:
    results = [json.dumps(_result(line)) + "\n" for line in _lines(body)]
    return Response("".join(results), content_type=JSON_LINES)


def _result(line: Line) -> dict[str, Any]:
    try:
        return {"line": line.number, **_submit(line)}
    except LegationError as error:
        problem = problems.of_error(error)
    except HTTPException as error:
        problem = problems.of_http(error)
    return {"line": line.number, "status": problem.status, "problem": problem.to_json()}


def _submit(line: Line) -> dict[str, Any]:
    limit = services().settings.upload_limit
    if line.raw is None:
        raise DocumentTooLargeError(f"Documents may have {limit:,} bytes.", limit=limit)
    upload = uploads.of_json(parse_json(line.raw), limit)
    found = documents.submit(
        session(),
        upload,
        by=actor(),
        dispatch=services().dispatch,
        most_in_work=limits.documents_in_work(actor()),
    )
    document = found.document
    return {
        "status": 200 if found.outcome == KNOWN else 202,
        "id": str(document.id),
        "state": document.state,
        "duplicate_of": None if found.is_new else str(document.id),
        "replaces": str(document.replaces) if document.replaces else None,
        "location": url_for("documents.get_document", document_id=document.id),
    }


def _lines(body: IO[bytes]) -> Iterator[Line]:
    """Those that are not blank. No more of one is in memory than a document may have."""
    longest = services().settings.upload_limit + uploads.ENVELOPE_BYTES
    body.seek(0)
    number = 0
    while raw := body.readline(longest + 1):
        number += 1
        is_whole = len(raw) <= longest or raw.endswith(b"\n")
        if not is_whole:
            while (rest := body.readline(longest)) and not rest.endswith(b"\n"):
                pass
        if raw.strip():
            yield Line(number, raw if is_whole else None)


def _check_lines(body: IO[bytes], most: int) -> None:
    """Raises InvalidInputError unless there are documents, and no more than may be."""
    number = sum(1 for _ in _lines(body))
    if not 0 < number <= most:
        raise InvalidInputError({"lines": [f"Must be 1 to {most:,} documents, one a line; these are {number:,}."]})


def _fingerprint(body: IO[bytes]) -> str:
    body.seek(0)
    digest = hashlib.sha256()
    while part := body.read(HASHED_AT_ONCE):
        digest.update(part)
    return digest.hexdigest()
