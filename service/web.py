"""What handlers of a request share: the process's services, and one database session that ends with the request."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from service.services import Services


def attach(app: Flask, services: Services) -> None:
    app.extensions["legation"] = services
    app.teardown_appcontext(_close_session)


def services() -> Services:
    return cast(Services, current_app.extensions["legation"])


def session() -> Session:
    """The request's session. Operations open and end their own transactions on it."""
    if "session" not in g:
        g.session = services().sessions()
    return cast(Session, g.session)


def _close_session(error: BaseException | None) -> None:
    if "session" in g:
        g.pop("session").close()
