"""What an address or a form asks for; values that are not known are passed over."""

from __future__ import annotations

from collections.abc import Collection

from flask import request


def asked_for(name: str, known: Collection[str]) -> str | None:
    value = request.values.get(name)
    return value if value in known else None
