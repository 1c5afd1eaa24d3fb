"""Whether the process lives, whether it can do its work, and figures about it."""

from __future__ import annotations

import functools
from typing import Any

import redis
import structlog
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response

from service.api import metrics, problems
from service.store import migrate
from service.web import services

BROKER_SECONDS = 0.5

blueprint = Blueprint("health", __name__)
log = structlog.get_logger(__name__)


@blueprint.route("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "alive"}


@blueprint.route("/readyz")
def readyz() -> Any:
    """Ready means: the database answers and has the newest schema. Without the broker, uploads are kept and wait."""
    with services().engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision != _newest():
        return problems.answer(problems.unavailable(f"The database is at migration {revision}, not {_newest()}."))
    return {"status": "ready", "database": "answers", "migration": revision, "broker": _broker()}


@blueprint.route("/metrics")
def tell_metrics() -> Response:
    return metrics.scrape(services())


@functools.cache
def _newest() -> str | None:
    return ScriptDirectory(str(migrate.MIGRATIONS)).get_current_head()


def _broker() -> str:
    address = services().settings.redis_url
    try:
        with redis.Redis.from_url(
            address, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS
        ) as client:
            client.ping()
    except redis.RedisError as error:
        log.warning("broker.unreachable", error=type(error).__name__)
        return "does not answer"
    return "answers"
