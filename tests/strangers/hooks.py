"""What schemathesis has to be told about this API's media types."""

from __future__ import annotations

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> Any:
    """A batch of one document, as one line of JSON."""
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Without `fields`, where it is valid: OpenAPI cannot say that an answer to it lacks what all others have, and a
    schema that allows both would let everything through.
    """
    if case.meta is not None and case.meta.generation.mode.is_positive:
        case.query.pop("fields", None)
