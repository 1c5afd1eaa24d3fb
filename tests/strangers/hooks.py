"""What schemathesis has to be told about this API's media types."""

from __future__ import annotations

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> Any:
    """A batch of one document, as one line of JSON."""
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"
