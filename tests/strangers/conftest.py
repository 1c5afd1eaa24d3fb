"""The running service, for tools that know nothing of it but what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.operations.actor import ROLE_SCOPES, Actor
from service.services import Services
from service.settings import Settings
from tests.conftest import SECRET_KEY, create_actor, create_key, fresh_database
from tests.processes import gunicorn


@dataclass(frozen=True)
class Served:
    """A gunicorn with its database, somebody of each role, and a key of each with all that the role allows."""

    port: int
    services: Services
    people: Mapping[str, Actor]
    keys: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serve(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str, log: Path) -> Iterator[Served]:
    with fresh_database(postgres, template) as url:
        settings = Settings(
            database_url=url, redis_url=valkey.url, secret_key=SECRET_KEY, rate_limit=1_000_000, wait_limit=1
        )
        services = Services.start(settings)
        people = {role: create_actor(services, f"the-{role}", role) for role in ROLE_SCOPES}
        keys = {role: create_key(services, people[role], *scopes) for role, scopes in ROLE_SCOPES.items()}
        with gunicorn(settings, log) as port:
            yield Served(port, services, people, keys)
        services.engine.dispose()


@pytest.fixture
def served(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str, tmp_path: Path) -> Iterator[Served]:
    with serve(postgres, valkey, template, tmp_path / "gunicorn.log") as running:
        yield running
