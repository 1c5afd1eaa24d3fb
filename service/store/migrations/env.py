"""Alembic's entry: runs migrations on the address given by service.store.migrate, one process at a time."""

from alembic import context
from sqlalchemy import text

from service.store.models import Base
from service.store.session import make_engine

MIGRATION_LOCK = 7_236_041

engine = make_engine(context.config.attributes["database_url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
    with context.begin_transaction():
        connection.execute(text(f"select pg_advisory_xact_lock({MIGRATION_LOCK})"))
        context.run_migrations()
engine.dispose()
