"""Who looks at a page: the person behind the browser's sign-in."""

from __future__ import annotations

from typing import cast

from flask import g, request, session

from service import web
from service.errors import NotSignedInError
from service.operations import accounts, preferences
from service.operations.actor import Actor
from service.operations.preferences import Keys

TOKEN = "sign_in"  # noqa: S105 - the name of the session's entry, no secret
PUBLIC = (
    "review.static",
    "review.accounts.sign_in",
    "review.accounts.sign_in_form",
    "review.provider.start",
    "review.provider.come_back",
)


def load() -> None:
    """Runs before every page. Raises NotSignedInError, but for the pages that anybody may see."""
    g.viewer = None
    if request.endpoint == "review.static":
        return
    token = session.get(TOKEN)
    g.viewer = accounts.signed_in(web.session(), token) if token else None
    g.keys = preferences.keys_of(web.session(), by=g.viewer) if g.viewer else Keys()
    if g.viewer is None and request.endpoint not in PUBLIC:
        raise NotSignedInError()


def viewer() -> Actor:
    """The person who is signed in; pages that call this are behind a sign-in."""
    assert g.viewer is not None
    return cast(Actor, g.viewer)


def viewer_or_none() -> Actor | None:
    """The same where a page can be seen without a sign-in, an error's page among them."""
    return cast("Actor | None", g.get("viewer"))


def own_keys() -> Keys:
    """The keys that the person has chosen, who may be nobody."""
    return cast(Keys, g.get("keys") or Keys())
