"""`Idempotency-Key`: a request that is sent again gets its first answer (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable

from flask import Request, Response
from werkzeug.exceptions import BadRequest

from service.api.authorization import actor
from service.errors import IdempotencyKeyMissingError
from service.operations import idempotency
from service.operations.documents import Upload
from service.operations.idempotency import Answer, Claim
from service.web import session

HEADER = "Idempotency-Key"
# A string of structured fields (RFC 9651); many clients leave its quotes out.
KEY = re.compile(r'"(?P<quoted>[\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|(?P<bare>[A-Za-z0-9._:~+/=-]{1,255})')
# What an answer says beside its body. The rest (its request id, limits) is that of the request at hand.
KEPT = ("Content-Type", "Location", "Retry-After", "Preference-Applied", "ETag")


def key_of(request: Request, *, required: bool = False) -> str | None:
    """Raises IdempotencyKeyMissingError, and BadRequest for one that is no key."""
    given = request.headers.get(HEADER)
    if given is None and required:
        raise IdempotencyKeyMissingError()
    if given is None:
        return None
    found = KEY.fullmatch(given.strip())
    if found is None:
        raise BadRequest(f'{HEADER} is one string of 1 to 255 ASCII characters, as in "8e03978e-40d5".')
    return found["quoted"] or found["bare"]


def fingerprint_of(upload: Upload, **asked: object) -> str:
    """Of what is sent and asked for, in whatever form it is sent."""
    told = {
        field.name: str(getattr(upload, field.name))
        for field in dataclasses.fields(upload)
        if field.name not in ("original", "text")
    }
    original = hashlib.sha256(upload.original).hexdigest()
    return hashlib.sha256(json.dumps([original, told, asked], sort_keys=True).encode()).hexdigest()


def answer(key: str | None, fingerprint: str, work: Callable[[Claim | None], Response]) -> Response:
    """The answer that the work makes, or the one that it made before. An error gives the key back."""
    if key is None:
        return work(None)
    found = idempotency.claim(session(), key, fingerprint, by=actor())
    if isinstance(found, Answer):
        return Response(found.body, found.status, found.headers)
    try:
        made = work(found)
    except Exception:
        idempotency.release(session(), found)
        raise
    headers = {name: made.headers[name] for name in KEPT if name in made.headers}
    idempotency.keep(session(), found, Answer(made.status_code, headers, made.get_data()))
    return made
