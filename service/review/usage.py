"""Administration: which limits are in force for each API key, and how much of them is used now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, render_template

from service import web
from service.operations import keys
from service.review.viewer import viewer
from service.store.models import ApiKey

pages = Blueprint("usage", __name__, url_prefix="/administration/limits")


@dataclass(frozen=True, slots=True)
class Usage:
    """A key with its limits and what is used of them; `requests` is None while nothing counts them."""

    key: ApiKey
    requests: int | None
    most_requests: int
    in_work: int
    most_in_work: int


@pages.get("")
def show() -> str:
    services, session, by = web.services(), web.session(), viewer()
    now, settings = dt.datetime.now(dt.UTC), services.settings
    valid = [key for key in keys.list_keys(session, by=by) if keys.state_of(key, now) == "valid"]
    in_work, requests = keys.count_in_work(session, by=by), services.limiter.used([key.id for key in valid])
    used = [
        Usage(
            key,
            None if requests is None else requests[key.id],
            key.rate_limit or settings.rate_limit,
            in_work.get(key.id, 0),
            key.documents_in_work or settings.documents_in_work,
        )
        for key in valid
    ]
    return render_template("limits.html", used=used, is_counted=requests is not None, settings=settings)
