"""Where to go after a sign-in: a path of this site, whatever an address says."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request, url_for


def next_path() -> str:
    wanted = request.values.get("next", "")
    return wanted if is_own_path(wanted) else url_for("review.worklist.waiting")


def is_own_path(target: str) -> bool:
    """Browsers take "//host", "/\\host" and tabs or line ends within them for another site's address."""
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc
