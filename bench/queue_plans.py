"""How PostgreSQL finds the next item: the plans of the queries that claims are made by."""

from __future__ import annotations

import re

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from service.operations.actor import Actor
from service.operations.claims import ORDERS, Wanted, searches
from service.services import Services
from service.store.models import ReviewItem

LONGEST_LINE = 110


def plans(services: Services, by: Actor) -> dict[str, str]:
    """By what is asked for: the plan of the search among items that nobody is assigned to, as it was carried out."""
    wanted = {order: Wanted(order=order) for order in ORDERS if order != "document"}
    wanted["one family, uncertain"] = Wanted(families=("visit",), order="uncertain")
    return {name: _plan(services, list(searches(one, by))[-2]) for name, one in wanted.items()}


def _plan(services: Services, query: Select[ReviewItem]) -> str:
    compiled = query.compile(dialect=PGDialect_psycopg(), compile_kwargs={"render_postcompile": True})
    explain = f"explain (analyze, buffers, costs off, timing off) {compiled}"
    with services.engine.connect() as connection:
        lines = connection.exec_driver_sql(explain, compiled.params).scalars().all()
        connection.rollback()
    return "\n".join(_short(line) for line in lines)


def _short(line: str) -> str:
    told = re.sub(r"'\{?[0-9a-f-]{36}\}?'::uuid(\[\])?", "…", line)
    return told if len(told) <= LONGEST_LINE else f"{told[:LONGEST_LINE]} …"
