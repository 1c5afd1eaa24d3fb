"""Any number of approved records, made of copies of one document whose records were approved: as the product would have
stored them, but by SQL. Their rows of the feed are made by the database's own trigger.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import text

from bench.backlog import COPY, ID, Backlog, typed
from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_decision, create_drafted_document, many_visits

RECORDS = 20  # of each document
DOCUMENTS_AT_ONCE = 500

BEFORE_EVENTS, EVENTS, EVIDENCE = COPY[:4], COPY[4], COPY[6]
COPY_APPROVED = (
    *BEFORE_EVENTS,
    EVENTS,
    "insert into decisions "
    "(id, event_id, on_revision, decision, round, changes, from_state, from_stage, seconds, by, at) "
    "select pg_temp.bench_id(3, i * :records + n), pg_temp.bench_id(2, i * :records + n), on_revision, decision, "
    "round, changes, from_state, from_stage, seconds, by, at "
    "from decisions join numbered on numbered.id = event_id, generate_series(:first, :last) as i",
    "insert into revisions (event_id, number, document_id, body, run_id, decision_id) "
    "select pg_temp.bench_id(2, i * :records + n), number, pg_temp.bench_id(0, i), body, "
    "case when run_id is not null then pg_temp.bench_id(1, i) end, "
    "case when decision_id is not null then pg_temp.bench_id(3, i * :records + n) end "
    "from revisions join numbered on id = event_id, generate_series(:first, :last) as i",
    EVIDENCE,
)


@dataclass(frozen=True)
class Published:
    """Fills a database up to as many approved records as are asked for, and more later."""

    backlog: Backlog

    @classmethod
    def begin(cls, superuser_url: str, services: Services, by: Actor) -> Published:
        story, records = many_visits(RECORDS)
        document, events = create_drafted_document(services, by, story, records)
        for event_id in events:
            create_decision(services, event_id, by=by)
        return cls(Backlog(services.engine, superuser_url, str(document.id)))

    def fill(self, records: int) -> float:
        """Seconds that it took."""
        began = time.perf_counter()
        with self.backlog.engine.connect() as connection:
            first = int(connection.scalar(text("select count(*) from documents where attempts > 0")) or 0)
        for start in range(first, records // RECORDS, DOCUMENTS_AT_ONCE):
            self._copy(start, min(start + DOCUMENTS_AT_ONCE, records // RECORDS) - 1)
        self.backlog.settle()
        return time.perf_counter() - began

    def _copy(self, first: int, last: int) -> None:
        numbers = {"first": first, "last": last, "records": RECORDS, "document": self.backlog.document_id}
        with self.backlog.engine.begin() as connection:
            connection.execute(text("drop function if exists pg_temp.bench_id(integer, bigint)"))
            connection.execute(text(ID))
            for statement in COPY_APPROVED:
                connection.execute(typed(statement), numbers)
