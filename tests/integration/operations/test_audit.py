"""What the audit proves: that nothing in it was changed since, and no record beside it."""

from __future__ import annotations

import subprocess
import threading
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, select, text

from service.embedded.postgres import EmbeddedPostgres, binary
from service.errors import AuditBrokenError
from service.operations import audit, audit_chain, claims, reviews
from service.operations.actor import Actor
from service.operations.audit_chain import Head, Proof
from service.operations.reviews import Verdict, audit_view
from service.operations.revisions import add_revision
from service.services import Services
from service.store import migrate
from service.store.models import AuditEntry, Event
from service.store.session import make_engine, make_session_factory
from tests.conftest import fresh_database
from tests.factories import create_drafted_document
from workers.extraction.records import Evidence


@pytest.fixture
def event_ids(services: Services, administrator: Actor) -> list[UUID]:
    return create_drafted_document(services, administrator)[1]


@pytest.fixture
def head(services: Services, reviewer: Actor, event_ids: list[UUID]) -> Head:
    """The end of a chain of some length: both records decided, some claims before and after."""
    with services.sessions() as session:
        lease = claims.claim(session, event_ids[0], by=reviewer, seconds=60)
        fix = Verdict("fix", {"modality": "planned"})
        reviews.decide(session, event_ids[0], fix, revision=1, by=reviewer, lease=lease.number)
        rejection = Verdict("reject", reason="duplicate", reason_text="As in the\x1fother \u202eone 😀.")
        reviews.decide(session, event_ids[1], rejection, revision=1, by=reviewer)
    for _ in range(2):
        note(services, "test.noted")
    return verify(services).head


def verify(services: Services, expected: Head | None = None) -> Proof:
    with services.sessions() as session:
        return audit_chain.verify(session, expected=expected)


def note(services: Services, action: str) -> None:
    with services.sessions() as session, session.begin():
        audit.note(session, action, ("test", uuid4()), by=None)


def tamper(services: Services, statements: str) -> None:
    """What somebody can do who rules the whole database."""
    url = make_url(services.settings.database_url).set(username="postgres")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("set session_replication_role = replica")  # no trigger, no foreign key
        connection.execute(statements)


def test_the_chain_tells_every_change_and_is_whole(services: Services, head: Head) -> None:
    with services.sessions() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [entry.number for entry in entries] == list(range(1, head.number + 1))
    assert [entry.action for entry in entries if entry.subject_kind == "event"] == [
        *("event.drafted", "event.drafted", "review.claimed", "event.decided", "event.decided")
    ]
    fixed = next(entry for entry in entries if entry.action == "event.decided")
    assert fixed.after is not None
    assert fixed.after["changes"] == [{"field": "modality", "from": "occurred", "to": "planned"}]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert verify(services, head) == Proof(head, revisions=6)


SWAP = """
    update audit_entries set number = 0 where number = 4;
    update audit_entries set number = 4 where number = 5;
    update audit_entries set number = 5 where number = 0
"""
REHASHED = """
    update audit_entries set actor_id = null where number = 7;
    update audit_entries entry set hash = audit_hash(entry) where number = 7
"""
SLIPPED_IN = """
    update audit_entries set number = number + 1000 where number > 4;
    insert into audit_entries select 5, at, null, null, 'test.noted', 'user', subject_id, null, null, hash, ''
        from audit_entries where number = 4;
    update audit_entries entry set hash = audit_hash(entry) where number = 5;
    update audit_entries set number = number - 999 where number > 1000
"""
ANOTHER_REVISION = """
    insert into revisions (event_id, number, document_id, body, run_id)
        select event_id, 9, document_id, body, run_id
        from revisions where run_id is not null limit 1
"""
IN_ANOTHER_TEXT = "update revisions set document_id = '018f0000-0000-7000-8000-000000000000' where number = {}"
OF_ANOTHER_DOCUMENT = "update events set document_id = '018f0000-0000-7000-8000-000000000000'"
LEFT_OVER = "insert into audit_notes (action, subject_kind, subject_id) select 'test.noted', 'user', id from users"


@pytest.mark.breaks_audit
@pytest.mark.parametrize(
    ("statements", "complaint"),
    [
        ('update audit_entries set after = after || \'{"state": "draft"}\' where number = 7', "Entry 7 was changed"),
        ("update audit_entries set at = at + interval '1 microsecond' where number = 3", "Entry 3 was changed"),
        ("update audit_entries set before = '{}' where number = 3", "Entry 3 was changed"),
        ("update audit_entries set hash = repeat('0', 64) where number = 3", "Entry 3 was changed"),
        (REHASHED, "Entry 8 does not follow from entry 7"),
        ("delete from audit_entries where number = 4", "Entry 4 is missing: after 3 comes 5"),
        ("delete from audit_entries where number = 1", "Entry 1 is missing: after 0 comes 2"),
        (SWAP, "Entry 4 does not follow from entry 3"),
        (SLIPPED_IN, "Entry 6 does not follow from entry 5"),
        (
            "update revisions set body = body || '{\"background\": true}' where number = 2",
            "Entry 8 names revision 2 of .* which was changed",
        ),
        ("update evidence set rule = null where revision = 1", "Entry 4 names revision 1 of .* which was changed"),
        (
            "delete from evidence where revision = 2 and position = 0",
            "Entry 8 names revision 2 of .* which was changed",
        ),
        ("delete from revisions where number = 1", "Entry 4 names revision 1 of .* which is missing"),
        (IN_ANOTHER_TEXT.format(2), "Entry 8 names revision 2 of .* which was changed"),
        (OF_ANOTHER_DOCUMENT, "is of document 018f0000-.*, but entry . says otherwise"),
        (ANOTHER_REVISION, "No entry tells of revision 9 of"),
        ("update events set state = 'approved', revision = 1", "is approved at revision 1, but entry . says otherwise"),
        (LEFT_OVER, "2 notes were never made entries"),
    ],
)
def test_what_was_tampered_with_is_found(services: Services, head: Head, statements: str, complaint: str) -> None:
    tamper(services, statements)
    with pytest.raises(AuditBrokenError, match=complaint):
        verify(services)


def test_a_head_that_was_kept_shows_that_the_end_was_cut_off(services: Services, head: Head) -> None:
    tamper(services, f"delete from audit_entries where number >= {head.number}")
    assert verify(services).head.number == head.number - 1
    with pytest.raises(
        AuditBrokenError, match=f"Entry {head.number} is missing: the chain ends with {head.number - 1}"
    ):
        verify(services, head)


def test_a_head_that_was_kept_shows_that_the_end_was_written_anew(services: Services, head: Head) -> None:
    tamper(services, f"delete from audit_entries where number >= {head.number}")
    for _ in range(2):
        note(services, "test.noted")
    assert verify(services).head.number == head.number + 1
    with pytest.raises(AuditBrokenError, match=f"Entry {head.number} is not the one that was expected"):
        verify(services, head)


def test_writers_at_once_make_one_chain_without_gaps(services: Services, administrator: Actor) -> None:
    def write() -> None:
        with services.sessions() as session:
            for i in range(150):
                transaction = session.begin()
                audit.note(session, "test.noted", ("user", administrator.user_id), by=administrator)
                session.flush()
                transaction.rollback() if i % 5 == 0 else transaction.commit()

    threads = [threading.Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(services).head.number == 1 + 5 * 120  # more than are read at a time


def test_a_note_holds_up_nobody_before_its_commit(services: Services, administrator: Actor) -> None:
    """Or two transactions that also wait for each other's rows would lock each other up."""
    with services.sessions() as first, services.sessions() as second:
        with first.begin():
            audit.note(first, "test.noted_first", ("user", administrator.user_id), by=administrator)
            first.flush()
            with second.begin():
                second.execute(text("set local lock_timeout = '10s'"))
                audit.note(second, "test.noted_second", ("user", administrator.user_id), by=administrator)
        entries = audit.find(first, audit.Wanted(), by=None, limit=2)
    assert [entry.action for entry in entries] == ["test.noted_first", "test.noted_second"]


def test_what_is_rolled_back_to_a_savepoint_is_not_in_the_audit(services: Services, administrator: Actor) -> None:
    with services.sessions() as session:
        with session.begin():
            audit.note(session, "test.kept", ("user", administrator.user_id), by=None)
            with session.begin_nested() as savepoint:
                audit.note(session, "test.dropped", ("user", administrator.user_id), by=None)
                session.flush()
                savepoint.rollback()
        assert [entry.action for entry in audit.find(session, audit.Wanted(), by=None)] == ["test.kept", "user.created"]


# Whatever PostgreSQL can keep.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
pointings = st.builds(
    lambda start, quote, prefix, rule: Evidence("trigger", start, start + len(quote), quote, prefix, "", rule),
    *(st.integers(0, 9), texts.filter(bool), texts, texts | st.none()),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.dictionaries(texts, values, max_size=4), evidence=st.lists(pointings, max_size=2))
def test_whatever_is_told_is_hashed_alike_by_both(
    services: Services, event_ids: list[UUID], told: dict[str, object], evidence: list[Evidence]
) -> None:
    body = {"details": {}, "told": told}
    with services.sessions() as session, session.begin():
        event = session.get_one(Event, event_ids[0])
        made = add_revision(session, event.id, body, evidence, run_id=event.run_id)
        after = {**told, **audit_view(event, made)}
        audit.note(session, "test.noted", ("event", event.id), by=None, before=told, after=after)
    assert verify(services).revisions >= 2


def test_entries_from_before_the_chain_are_chained(services: Services, head: Head) -> None:
    url = services.settings.database_url
    command.downgrade(migrate.configuration(url), "0003")
    with services.engine.begin() as connection:
        old = "insert into audit_entries (action, subject_kind, subject_id, after) values ('{}', 'test', '{}', 'null')"
        connection.execute(text(old.format("test.first", uuid4())))
        connection.execute(text("select nextval(pg_get_serial_sequence('audit_entries', 'number'))"))
        connection.execute(text(old.format("test.last", uuid4())))
    migrate.upgrade(url)
    with services.sessions() as session:
        entries = audit.find(session, audit.Wanted(), by=None)
    assert [entry.action for entry in entries[:6]] == [*["event.found"] * 4, "test.last", "test.first"]
    assert verify(services) == Proof(Head(head.number + 6, entries[0].hash), revisions=14)


@pytest.mark.breaks_audit
def test_entries_that_leave_the_document_open_hold_and_new_ones_name_it(
    services: Services, administrator: Actor
) -> None:
    scripts = ScriptDirectory.from_config(migrate.configuration(services.settings.database_url))
    migration = scripts.get_revision("0019").module
    with services.engine.begin() as connection:
        connection.execute(text(migration.FIRST_REVISION_HASH.replace(":", "\\:")))
    event_ids = create_drafted_document(services, administrator)[1]
    with services.sessions() as session:
        (drafted, *_) = audit.find(session, audit.Wanted(action="event.drafted"), by=None)
    assert drafted.after is not None
    (old,) = drafted.after["revisions"].values()
    assert not old.startswith("2:")
    with pytest.raises(AuditBrokenError, match=r"No entry tells of revision 1"):
        verify(services)
    with services.engine.begin() as connection:
        for statement in (migration.REVISION_HASH, migration.PIN_WHAT_IS_THERE):
            connection.execute(text(statement.replace(":", "\\:")))
    assert verify(services).revisions == 2 * len(event_ids)
    tamper(services, IN_ANOTHER_TEXT.format(1))
    with pytest.raises(AuditBrokenError, match=r"names revision 1 of .* which was changed"):
        verify(services)


def test_a_restored_dump_has_the_same_chain(services: Services, head: Head, postgres: EmbeddedPostgres) -> None:
    with fresh_database(postgres, "template0") as url:
        dump = [binary("pg_dump"), services.settings.database_url]
        sql = subprocess.run(dump, check=True, capture_output=True).stdout
        subprocess.run([binary("psql"), "--quiet", "-v", "ON_ERROR_STOP=1", url], check=True, input=sql)
        restored = make_engine(url)
        with make_session_factory(restored)() as session:
            assert audit_chain.verify(session, expected=head).head == head
        restored.dispose()
