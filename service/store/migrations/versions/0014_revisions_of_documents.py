"""what is told of a document can be changed: its revision, found by the new title, told to readers of the feed

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As 0011 has it, with what is told of the document beside the record.
PUBLISH_EVENT = """
create function publish_event(event_id uuid) returns void language plpgsql as $$
declare
    now_is events;
    said changes;
    is_published boolean;
    told integer;
begin
    perform pg_advisory_xact_lock(7236042);
    select * into now_is from events where id = publish_event.event_id;
    select * into said from changes where changes.event_id = now_is.id order by seq desc limit 1;
    select documents.told into told from documents where id = now_is.document_id;
    is_published := now_is.state = 'approved';
    if is_published and (said.op, said.revision, said.draft_revision, said.told) is not distinct from
            ('put'::text, now_is.revision, now_is.draft_revision, told)
        or not is_published and (said.op is null or (said.op, said.superseded_by) is not distinct from
            ('retract'::text, now_is.superseded_by))
    then
        return;
    end if;
    insert into changes (seq, op, event_id, revision, draft_revision, told, run_id, reason, superseded_by, at)
    values (
        (select coalesce(max(seq), 0) + 1 from changes),
        case when is_published then 'put' else 'retract' end,
        now_is.id,
        now_is.revision,
        now_is.draft_revision,
        told,
        now_is.run_id,
        case when not is_published then why_retracted(now_is) end,
        now_is.superseded_by,
        clock_timestamp()
    );
end $$
"""

PUBLISH_CHANGE = """
create or replace function publish_change() returns trigger language plpgsql as $$
begin
    perform publish_event(new.id);
    return null;
end $$
"""

# What is published of a document stands in each of its records.
PUBLISH_DOCUMENT = """
create function publish_document() returns trigger language plpgsql as $$
begin
    perform publish_event(id) from (
        select id from events where document_id = new.id and state = 'approved' and gold_of is null order by id
    ) as published;
    return null;
end $$
"""

COUNT_WHAT_IS_TOLD = """
create function count_what_is_told() returns trigger language plpgsql as $$
begin
    new.told := old.told + 1;
    return new;
end $$
"""

REINDEX = """
create function reindex_document() returns trigger language plpgsql as $$
begin
    delete from document_segments where document_id = new.id;
    insert into document_segments (document_id, start, "end", vector)
    select new.id, start, start + char_length(piece), document_vector(new.title, piece) from pieces(new.text);
    return null;
end $$
"""

PUBLISH_BEFORE = """
create or replace function publish_change() returns trigger language plpgsql as $$
declare
    now_is events;
    said changes;
    is_published boolean;
begin
    perform pg_advisory_xact_lock(7236042);
    select * into now_is from events where id = new.id;
    select * into said from changes where event_id = new.id order by seq desc limit 1;
    is_published := now_is.state = 'approved';
    if is_published and (said.op, said.revision, said.draft_revision) is not distinct from
            ('put'::text, now_is.revision, now_is.draft_revision)
        or not is_published and (said.op is null or (said.op, said.superseded_by) is not distinct from
            ('retract'::text, now_is.superseded_by))
    then
        return null;
    end if;
    insert into changes (seq, op, event_id, revision, draft_revision, run_id, reason, superseded_by, at)
    values (
        (select coalesce(max(seq), 0) + 1 from changes),
        case when is_published then 'put' else 'retract' end,
        now_is.id,
        now_is.revision,
        now_is.draft_revision,
        now_is.run_id,
        case when not is_published then why_retracted(now_is) end,
        now_is.superseded_by,
        clock_timestamp()
    );
    return null;
end $$
"""

PUBLISHED_OF_DOCUMENTS = (
    "(old.title, old.source, old.published) is distinct from (new.title, new.source, new.published)"
)


def upgrade() -> None:
    op.add_column("documents", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.create_check_constraint(op.f("ck_documents_revision"), "documents", "revision > 0")
    op.add_column("documents", sa.Column("told", sa.Integer(), server_default="1", nullable=False))
    op.add_column("changes", sa.Column("told", sa.Integer(), server_default="1", nullable=False))
    for statement in (PUBLISH_EVENT, PUBLISH_CHANGE, PUBLISH_DOCUMENT, COUNT_WHAT_IS_TOLD, REINDEX):
        op.execute(statement)
    op.execute(
        "create trigger documents_count_what_is_told before update of title, source, published on documents "
        f"for each row when ({PUBLISHED_OF_DOCUMENTS}) execute function count_what_is_told()"
    )
    op.execute(
        "create constraint trigger documents_publish after update of title, source, published on documents "
        f"deferrable initially deferred for each row when ({PUBLISHED_OF_DOCUMENTS}) "
        "execute function publish_document()"
    )
    op.execute(
        "create trigger documents_reindex after update of title on documents "
        "for each row when (old.title is distinct from new.title) execute function reindex_document()"
    )


def downgrade() -> None:
    for trigger in ("documents_reindex", "documents_publish", "documents_count_what_is_told"):
        op.execute(f"drop trigger {trigger} on documents")
    for function in ("reindex_document()", "count_what_is_told()", "publish_document()"):
        op.execute(f"drop function {function}")
    op.execute(PUBLISH_BEFORE)
    op.execute("drop function publish_event(uuid)")
    op.drop_column("changes", "told")
    op.drop_column("documents", "told")
    op.drop_constraint(op.f("ck_documents_revision"), "documents")
    op.drop_column("documents", "revision")
