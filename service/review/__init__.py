"""The reviewers' pages: HTML made on the server, on the same operations as the API."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Adds the pages to an application that has its services attached."""
    from service.review import site  # here, so that presenters can be imported without a web stack

    site.register(app)
