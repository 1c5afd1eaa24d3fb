"""A queue of any length, made of copies of one drafted document: as the product would have stored it, but by SQL, since
drafting a million records takes days.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg
from sqlalchemy import BigInteger, Engine, TextClause, bindparam, text

from service.operations.actor import Actor
from service.services import Services
from tests.factories import create_drafted_document, many_visits

RECORDS = 20  # of each document
DOCUMENTS_AT_ONCE = 2_500

# Ids that order as the documents and their records do, and come before all that are made now.
ID = """
create function pg_temp.bench_id(kind integer, n bigint) returns uuid language sql immutable as
$$ select format('018f0000-000%s-7000-8000-%s', kind, lpad(to_hex(n), 12, '0'))::uuid $$
"""
COPY = (
    "insert into contents (sha256, original) "
    "select encode(sha256(original), 'hex'), original from generate_series(:first, :last) as i, "
    "convert_to('copy ' || i, 'UTF8') as original",
    "insert into documents (id, content_sha256, media_type, encoding, text, characters, created_at, created_by, state, "
    "attempts, drafted_at, series) "
    "select pg_temp.bench_id(0, i), encode(sha256(convert_to('copy ' || i, 'UTF8')), 'hex'), media_type, encoding, "
    "text, characters, created_at - interval '1 second' * (:last - i), created_by, state, attempts, drafted_at, "
    "pg_temp.bench_id(0, i) from documents, generate_series(:first, :last) as i where id = :document",
    "insert into runs (id, document_id, attempt, ended_at, outcome, extractor_version, model) "
    "select pg_temp.bench_id(1, i), pg_temp.bench_id(0, i), attempt, ended_at, outcome, extractor_version, model "
    "from runs, generate_series(:first, :last) as i where document_id = :document",
    "create temporary table numbered on commit drop as "
    "select id, row_number() over (order by id) - 1 as n from events where document_id = :document",
    "insert into events (id, document_id, run_id, key, type, state, revision, draft_revision) "
    "select pg_temp.bench_id(2, i * :records + n), pg_temp.bench_id(0, i), pg_temp.bench_id(1, i), key, type, state, "
    "revision, draft_revision from events join numbered using (id), generate_series(:first, :last) as i",
    "insert into revisions (event_id, number, document_id, body, run_id) "
    "select pg_temp.bench_id(2, i * :records + n), number, pg_temp.bench_id(0, i), body, pg_temp.bench_id(1, i) "
    "from revisions join numbered on id = event_id, generate_series(:first, :last) as i",
    'insert into evidence (event_id, revision, position, field, start, "end", quote, prefix, suffix, rule, '
    'original) select pg_temp.bench_id(2, i * :records + n), revision, position, field, start, "end", quote, prefix, '
    "suffix, rule, original from evidence join numbered on id = event_id, generate_series(:first, :last) as i",
    # One in ten is urgent; what waits needs from no edit to four, and came in over a month.
    "insert into review_items (event_id, family, document_id, stage, priority, confidence, expected_edits, due, "
    "created_at, ready_at, lease_number) "
    "select pg_temp.bench_id(2, i * :records + n), family, pg_temp.bench_id(0, i), stage, "
    "(random() < 0.1)::integer * (random() * 5)::integer, random(), edits, came - interval '8 hours' * edits, came, "
    "came, 0 from review_items join numbered on id = event_id, generate_series(:first, :last) as i, "
    "lateral (select now() - interval '30 days' * random() as came, 4 * random() + i * 0 as edits) as made",
)


@dataclass(frozen=True)
class Backlog:
    """Fills a database up to as many open items as are asked for, and more later."""

    engine: Engine
    superuser_url: str
    document_id: str

    @classmethod
    def begin(cls, superuser_url: str, services: Services, by: Actor) -> Backlog:
        story, records = many_visits(RECORDS)
        document, _ = create_drafted_document(services, by, story, records)
        return cls(services.engine, superuser_url, str(document.id))

    def fill(self, items: int) -> float:
        """Seconds that it took."""
        began = time.perf_counter()
        first = self._documents()
        for start in range(first, items // RECORDS, DOCUMENTS_AT_ONCE):
            self._copy(start, min(start + DOCUMENTS_AT_ONCE, items // RECORDS) - 1)
        self.settle()
        return time.perf_counter() - began

    def _documents(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(text("select count(*) from documents")) or 0)

    def settle(self) -> None:
        """What the server would do by and by, done at once, so that it does not disturb what is measured."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute("vacuum (analyze)")
            connection.execute("checkpoint")

    def _copy(self, first: int, last: int) -> None:
        numbers = {"first": first, "last": last, "records": RECORDS}
        with self.engine.begin() as connection:
            connection.execute(text("drop function if exists pg_temp.bench_id(integer, bigint)"))
            connection.execute(text(ID))
            for statement in COPY:
                connection.execute(typed(statement), {**numbers, "document": self.document_id})


def typed(statement: str) -> TextClause:
    """With its numbers as bigint, as generate_series needs them."""
    names = [name for name in ("first", "last", "records") if f":{name}" in statement]
    return text(statement).bindparams(*(bindparam(name, type_=BigInteger()) for name in names))
