"""What the database itself holds true, whatever code runs."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.operations.actor import Actor
from service.services import Services
from service.store import migrate
from service.store.models import new_id
from tests.factories import create_drafted_document


@pytest.fixture
def event_id(services: Services, administrator: Actor) -> UUID:
    return create_drafted_document(services, administrator)[1][0]


@pytest.mark.parametrize("table", ["contents", "revisions", "evidence", "decisions", "audit_entries", "changes"])
@pytest.mark.parametrize("statement", ["delete from {}", "truncate {} cascade"])
def test_what_happened_cannot_be_taken_back(services: Services, event_id: UUID, table: str, statement: str) -> None:
    with services.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement.format(table)))


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update documents set state = 'drafting'", "drafted_at_when_drafted|lease_while_drafting"),
        ("update documents set state = 'lost', drafted_at = null", "ck_documents_state"),
        ("update documents set text = ''", "ck_documents_characters"),
        ("update events set revision = 7", "fk_events_current_revision"),
        ("update users set password_hash = null", "ck_users_way_in"),
        ("update users set oidc_issuer = 'https://id.example'", "ck_users_identity_paired"),
        ("update review_items set holder_id = (select id from users)", "lease_paired|claimed_paired"),
        ("insert into contents values ('00', 'x')", "ck_contents_sha256"),
        (
            "insert into evidence select event_id, revision, 99, field, start, 4 + \"end\", quote, '', '', null "
            "from evidence limit 1",
            "quote_fits_span",
        ),
    ],
)
def test_invariants_are_constraints(services: Services, event_id: UUID, statement: str, constraint: str) -> None:
    with pytest.raises(DBAPIError, match=constraint), services.engine.begin() as connection:
        connection.execute(text(statement))


def test_migrations_make_what_the_models_say(services: Services) -> None:
    command.check(migrate.configuration(services.settings.database_url))


def test_migrations_can_be_undone_and_done_again(services: Services) -> None:
    configuration = migrate.configuration(services.settings.database_url)
    command.downgrade(configuration, "base")
    migrate.upgrade(services.settings.database_url)
    migrate.upgrade(services.settings.database_url)
    with psycopg.connect(services.settings.database_url) as connection:
        assert connection.execute("select count(*) from documents").fetchone() == (0,)


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert sorted(made) == made
    assert {id.version for id in made} == {7}
