"""Security headers, the same on every answer: pages, API, and the pages that explain the API.

What each is for: OWASP HTTP Headers Cheat Sheet; ASVS 5.0, chapter 3.4.
"""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",  # no inline script, no eval
        "style-src 'self'",
        "img-src 'self' data:",  # Swagger UI's style sheet has its icons in it
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The CSRF check of forms over https needs the referrer of our own pages.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What nobody checked is data: no browser shows it, guesses what it is, or runs what is in it.
AS_A_FILE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
ONE_YEAR = 365 * 24 * 3600


def register(app: Flask, *, https: bool) -> None:
    fixed = {**HEADERS, "Strict-Transport-Security": f"max-age={ONE_YEAR}"} if https else HEADERS

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)  # an answer may say something stricter
        if request.path.startswith("/api/v1/"):
            # Documents and records are nobody's but the asker's, and change: ask again each time, by ETag.
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def as_a_file(original: bytes, name: str) -> Response:
    """Bytes that somebody sent, to be kept under this name (RFC 6266)."""
    response = Response(original, content_type="application/octet-stream", headers=AS_A_FILE)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
