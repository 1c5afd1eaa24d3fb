"""the audit as a chain of hashes

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What is hashed, in a form that anybody can make of an entry: see docs/audit.md.
ENTRY_HASH = r"""
create function audit_hash(entry audit_entries) returns text language sql stable as $$
    select encode(sha256(convert_to(concat_ws(
        e'\x1f',
        entry.number,
        to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        coalesce(entry.actor_id::text, ''),
        coalesce(entry.key_id::text, ''),
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        coalesce(entry.before::text, ''),
        coalesce(entry.after::text, ''),
        entry.previous_hash
    ), 'UTF8')), 'hex')
$$
"""

# Whatever code inserts an entry: it becomes the next link. The lock holds until the transaction ends, so that the next
# one sees this link or none.
CHAIN = """
create function chain_audit_entry() returns trigger language plpgsql as $$
declare
    last record;
begin
    perform pg_advisory_xact_lock(7236042);
    select number, hash into last from audit_entries order by number desc limit 1;
    new.number := coalesce(last.number, 0) + 1;
    new.at := clock_timestamp();
    new.previous_hash := coalesce(last.hash, repeat('0', 64));
    new.hash := audit_hash(new);
    return new;
end $$
"""

# In PL/pgSQL, which keeps the plans of its queries: as SQL functions these two took three times as long.
REVISION_HASH = r"""
create function revision_hash(event uuid, revision integer) returns text language plpgsql stable as $$
begin
    return (
        select encode(sha256(convert_to(concat(
            stored.body,
            (
                select string_agg(
                    e'\x1f' || json_build_array(field, start, "end", quote, prefix, suffix, rule)::text,
                    '' order by position
                )
                from evidence item where item.event_id = $1 and item.revision = $2
            )
        ), 'UTF8')), 'hex')
        from revisions stored where stored.event_id = $1 and stored.number = $2
    );
end $$
"""

# What is told of a record gets the hashes of the revisions that it names.
PINNED = """
create function with_revision_hashes(event uuid, told jsonb) returns jsonb language plpgsql stable as $$
begin
    if not told ?| array['revision', 'made'] then
        return told;
    end if;
    return told || jsonb_build_object('revisions', (
        select coalesce(jsonb_object_agg(number, revision_hash(event_id, number)), '{}')
        from revisions
        where event_id = $1 and number in ((told ->> 'revision')::integer, (told ->> 'made')::integer)
    ));
end $$
"""

# At the commit, when all that a note tells of is there. Before that no transaction holds the chain's lock, so that none
# waits for another that thinks, and none can lock itself up with one.
CHAIN_NOTE = """
create function chain_audit_note() returns trigger language plpgsql as $$
begin
    if new.subject_kind = 'event' then
        new.before := with_revision_hashes(new.subject_id, new.before);
        new.after := with_revision_hashes(new.subject_id, new.after);
    end if;
    insert into audit_entries (actor_id, key_id, action, subject_kind, subject_id, before, after)
        values (new.actor_id, new.key_id, new.action, new.subject_kind, new.subject_id, new.before, new.after);
    delete from audit_notes where id = new.id;
    return null;
end $$
"""

# Numbers only get smaller or stay, so that none is taken when it is given.
CHAIN_WHAT_IS_THERE = """
do $$
declare
    entry audit_entries;
    old bigint;
    links bigint := 0;
    last text := repeat('0', 64);
begin
    for entry in select * from audit_entries order by number loop
        old := entry.number;
        links := links + 1;
        entry.number := links;
        entry.previous_hash := last;
        last := audit_hash(entry);
        update audit_entries set number = links, previous_hash = entry.previous_hash, hash = last where number = old;
    end loop;
end $$
"""

# Records that were there before the chain: their revisions as they were found.
PIN_WHAT_IS_THERE = """
insert into audit_entries (action, subject_kind, subject_id, after)
select 'event.found', 'event', id, jsonb_build_object(
    'state', state,
    'revision', revision,
    'revisions', (
        select jsonb_object_agg(number, revision_hash(event_id, number)) from revisions where event_id = events.id
    )
)
from events order by id
"""


def upgrade() -> None:
    op.execute("alter table audit_entries alter column number drop identity")
    op.alter_column("audit_entries", "at", server_default=None)
    op.add_column("audit_entries", sa.Column("previous_hash", sa.Text(), nullable=True))
    op.add_column("audit_entries", sa.Column("hash", sa.Text(), nullable=True))
    for statement in (ENTRY_HASH, CHAIN, REVISION_HASH, PINNED, CHAIN_NOTE):
        op.execute(statement)
    _chain_what_is_there()
    for column in ("previous_hash", "hash"):
        op.alter_column("audit_entries", column, nullable=False)
    check = "action ~ '^[a-z0-9_.]+$' and subject_kind ~ '^[a-z_]+$'"
    op.create_check_constraint(op.f("ck_audit_entries_names"), "audit_entries", check)
    op.drop_index("ix_audit_entries_subject", "audit_entries")
    op.create_index("ix_audit_entries_subject_id", "audit_entries", ["subject_id", "number"])
    op.create_index("ix_audit_entries_actor_id", "audit_entries", ["actor_id", "number"])
    _create_notes()


def _chain_what_is_there() -> None:
    op.execute("alter table audit_entries disable trigger audit_entries_append_only")
    op.execute(CHAIN_WHAT_IS_THERE)
    op.execute("alter table audit_entries enable trigger audit_entries_append_only")
    op.execute(
        "create trigger audit_entries_chain before insert on audit_entries "
        "for each row execute function chain_audit_entry()"
    )
    op.execute(PIN_WHAT_IS_THERE)


def _create_notes() -> None:
    op.create_table(
        "audit_notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_audit_notes_actor_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_audit_notes_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_notes")),
        prefixes=["unlogged"],
    )
    op.execute(
        "create constraint trigger audit_notes_chain after insert on audit_notes "
        "deferrable initially deferred for each row execute function chain_audit_note()"
    )


def downgrade() -> None:
    op.drop_table("audit_notes")
    op.execute("drop trigger audit_entries_chain on audit_entries")
    op.drop_index("ix_audit_entries_actor_id", "audit_entries")
    op.drop_index("ix_audit_entries_subject_id", "audit_entries")
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_kind", "subject_id"])
    op.drop_constraint(op.f("ck_audit_entries_names"), "audit_entries")
    for function in (
        "chain_audit_note()",
        "with_revision_hashes(uuid, jsonb)",
        "revision_hash(uuid, integer)",
        "chain_audit_entry()",
        "audit_hash(audit_entries)",
    ):
        op.execute(f"drop function {function}")
    op.drop_column("audit_entries", "hash")
    op.drop_column("audit_entries", "previous_hash")
    op.alter_column("audit_entries", "at", server_default=sa.text("now()"))
    op.execute("alter table audit_entries alter column number add generated always as identity")
    op.execute(
        "select setval(pg_get_serial_sequence('audit_entries', 'number'), greatest(max(number), 1), max(number) > 0) "
        "from audit_entries"
    )
