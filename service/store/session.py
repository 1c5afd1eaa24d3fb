"""Engine and sessions."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

CONNECT_SECONDS = 3

SessionFactory = sessionmaker[Session]


def make_engine(database_url: str, *, pool_size: int = 5) -> Engine:
    """An engine on PostgreSQL by psycopg 3. A dead connection is noticed before use; a dead server within seconds."""
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    return create_engine(
        url,
        pool_size=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # an error must not carry a document's text into a log
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": "-c timezone=UTC"},
    )


def make_session_factory(engine: Engine) -> SessionFactory:
    """Sessions keep what they loaded after commit, so that a caller can show it without a second transaction."""
    return sessionmaker(engine, expire_on_commit=False)


def plan_for_values(session: Session) -> None:
    """Has PostgreSQL plan the queries of this transaction for the values that they have. A query that comes often is
    planned once for all values, which costs seconds where a word or a filter is rarer, or commoner, than most.
    """
    session.execute(text("set local plan_cache_mode = force_custom_plan"))
