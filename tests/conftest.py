"""Real servers for the tests: PostgreSQL and Valkey from their wheels, once per test process; a fresh, migrated
database for each test, copied from a template in some hundredths of a second.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import argon2
import hypothesis
import psycopg
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient

from service.embedded.postgres import EmbeddedPostgres
from service.embedded.valkey import EmbeddedValkey
from service.operations import accounts, keys
from service.operations.actor import Actor
from service.services import Services
from service.settings import Settings
from service.store import migrate

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
ROOM = 4_000_000_000
"""Bytes that the database of a test process may come to, with its log."""
PASSWORD = "correct horse battery staple"
MEASURED = "measured"
"""What a test records under this name is printed at the end of the run."""
SECRET_KEY = "only for tests, and long enough for them"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, told in report.user_properties:
            if name == MEASURED and report.when == "call":
                terminalreporter.write_line(f"Measured: {told}")


# Passwords of tests need not be slow to guess: each test has two people or three.
accounts.HASHER = argon2.PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)

# No test is timed: a busy machine is no bug.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """In memory where there is room: a database for each test is hundreds of files to make and to remove, which took a
    second on a disk and takes a tenth of it there. Not below pytest's own folder: every pytest that starts closes that
    to others, also to the user that a PostgreSQL started by root runs as.
    """
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    with (
        tempfile.TemporaryDirectory(prefix="legation-tests-", dir=memory if has_room else None) as folder,
        EmbeddedPostgres(Path(folder), durable=False) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """A migrated, empty database to copy."""
    name = "template_of_tests"
    execute(postgres, f"create database {name}")
    migrate.upgrade(database_url(postgres, name))
    return name


_numbers = itertools.count(1)


@contextmanager
def fresh_database(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The address of a database of one's own, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    execute(postgres, f"create database {name} template {template}")
    yield database_url(postgres, name)
    execute(postgres, f"drop database {name} with (force)", user="postgres")  # who may also end an autovacuum in it


def execute(postgres: EmbeddedPostgres, statement: str, user: str = "legation") -> None:
    with psycopg.connect(postgres.address(user, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def database_url(postgres: EmbeddedPostgres, name: str) -> str:
    return postgres.address("legation", name)


@pytest.fixture
def settings(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, template: str) -> Iterator[Settings]:
    with redis.Redis.from_url(valkey.url) as counts:
        counts.flushdb()  # attempts to sign in are counted by names that many tests have
    with fresh_database(postgres, template) as url:
        yield Settings(database_url=url, redis_url=valkey.url, secret_key=SECRET_KEY)


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    services = Services.start(settings)
    yield services
    services.engine.dispose()


@pytest.fixture
def administrator(services: Services) -> Actor:
    return create_actor(services, "ada", "administrator")


@pytest.fixture
def reviewer(services: Services) -> Actor:
    return create_actor(services, "rosa", "reviewer")


@pytest.fixture
def second_reviewer(services: Services) -> Actor:
    return create_actor(services, "theo", "reviewer")


def create_actor(services: Services, username: str, role: str) -> Actor:
    with services.sessions() as session:
        return accounts.actor_of(accounts.create_user(session, username, PASSWORD, role, by=None))


@pytest.fixture
def api_key(services: Services, administrator: Actor) -> str:
    """A key with every scope, of the administrator."""
    return create_key(services, administrator, "upload", "read", "review", "admin")


def create_key(services: Services, owner: Actor, *scopes: str) -> str:
    with services.sessions() as session:
        user = accounts.find_user(session, owner.username)
        assert user is not None
        return keys.create_key(session, "for tests", scopes, user, by=None).secret


_apps: list[Flask] = []  # the application of this process, once a test has needed it


@pytest.fixture
def app(services: Services) -> Iterator[Flask]:
    """One application for all tests, since it takes a third of a second to be put together; on services of the test's
    own, as settings of tests differ in their database alone.
    """
    from service.app import create_app  # here, since most tests need no web stack

    if _apps:
        _apps[0].extensions["legation"] = Services.start(services.settings)
    else:
        _apps.append(create_app(services.settings))
    yield _apps[0]
    _apps[0].extensions["legation"].engine.dispose()


@pytest.fixture
def own_app(services: Services) -> Iterator[Flask]:
    """For a test that adds to it."""
    from service.app import create_app

    app = create_app(services.settings)
    yield app
    app.extensions["legation"].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def shared() -> Path:
    """Texts and gold records of others, which are beside the repository where they are at all."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder ../shared, with other people's texts, beside the repository")
    return SHARED
