"""Who asks: the API key of a request, and what it allows."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

import structlog
from flask import g, request
from flask_smorest import Blueprint

from service import web
from service.api import limits
from service.api.input import check_query
from service.errors import NotSignedInError
from service.operations import keys
from service.operations.actor import Actor
from service.store.access import KeyInUse

KEY = re.compile(r"lgn_(?P<prefix>[a-z0-9]{1,16})_[a-z0-9]{1,64}")

Handler = TypeVar("Handler", bound=Callable[..., Any])


def actor() -> Actor:
    """For whom the request acts."""
    return cast(Actor, g.actor)


def key_in_use() -> KeyInUse:
    """With which key it came."""
    key = actor().key
    assert key is not None, "the API is called with keys"
    return key


def allow(*scopes: str) -> Callable[[Handler], Handler]:
    """Lets a handler run only for a key with one of these scopes that has requests left, before anything of the body is
    read.

    Operations check scopes themselves; this comes first, so that the answer does not depend on the body.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def checked(*args: Any, **kwargs: Any) -> Any:
            g.actor = _authenticate()
            limits.count(g.actor)
            g.actor.require(*scopes)
            check_query(handler, request.args)
            return handler(*args, **kwargs)

        return cast(Handler, Blueprint.doc(security=[{"bearer": [scope]} for scope in scopes])(checked))

    return decorate


def _authenticate() -> Actor:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedInError()
    key = KEY.fullmatch(secret.strip())
    if key is None:
        raise NotSignedInError("The API key is not valid.")
    structlog.contextvars.bind_contextvars(key=key["prefix"])
    return keys.authenticate(web.session(), key[0])
