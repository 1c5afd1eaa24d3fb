"""The Flask application: the only place where its parts are put together."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import api, headers, log, review, traffic, web
from service.services import Services
from service.settings import Settings

# For forms and API calls; an upload sets its own limit (service/api/uploads.py).
BODY_BYTES = 1_000_000


def create_app(settings: Settings) -> Flask:
    """The application with everything in it, on services of its own (`app.extensions["legation"]`)."""
    log.configure(settings.log_format, settings.log_level)
    app = Flask("service", static_folder=None)
    app.url_map.merge_slashes = False  # a redirect would name the host and the protocol that the client claims
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=BODY_BYTES)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    web.attach(app, Services.start(settings))
    traffic.register(app)
    headers.register(app, https=settings.secure_cookies)
    api.register(app)
    review.register(app)
    return app
