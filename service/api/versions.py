"""Versions over HTTP (RFC 9110, 8.8.3 and 13.1): an answer tells its own as `ETag`, a change names one as `If-Match`.

A tag is the version of what can be changed, then the hash of the whole answer: another hash is another answer to a
cache, but a change is refused only when somebody else has changed the same.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, jsonify, request

from service.api.input import conditional
from service.errors import VersionMissingError
from service.operations.versions import ANY, DIGITS, Seen

BETWEEN = "."


def answer(told: Any, version: str | int) -> Response:
    """The answer with its tag, or 304 for who has it already."""
    response = jsonify(told)
    response.set_etag(f"{version}{BETWEEN}{hashlib.sha256(response.data).hexdigest()[:DIGITS]}")
    return conditional(response)


def version_seen() -> Seen:
    """What the caller has seen, by `If-Match`; weak tags never match. Raises VersionMissingError."""
    if "If-Match" not in request.headers:
        raise VersionMissingError()
    if request.if_match.star_tag:
        return ANY
    # Werkzeug reads an empty tag as None.
    return Seen(frozenset((tag or "").partition(BETWEEN)[0] for tag in request.if_match.as_set()))
