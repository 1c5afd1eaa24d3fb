"""the chain covers in which document's text a revision's evidence counts, and of which document a record is

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The second way to hash a revision, which its hash says; entries that are there keep theirs, made in the first way.
REVISION_HASH = r"""
create or replace function revision_hash(event uuid, revision integer) returns text language plpgsql stable as $$
begin
    return (
        select '2:' || encode(sha256(convert_to(concat(
            stored.body,
            e'\x1f',
            stored.document_id,
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

# As 0004 has it.
FIRST_REVISION_HASH = r"""
create or replace function revision_hash(event uuid, revision integer) returns text language plpgsql stable as $$
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

# Each record as it is found, with all its revisions, hashed in the new way.
PIN_WHAT_IS_THERE = """
insert into audit_entries (action, subject_kind, subject_id, after)
select 'event.found', 'event', id, jsonb_build_object(
    'state', state,
    'revision', revision,
    'document', document_id,
    'revisions', (
        select jsonb_object_agg(number, revision_hash(event_id, number)) from revisions where event_id = events.id
    )
)
from events order by id
"""


def upgrade() -> None:
    op.execute(REVISION_HASH)
    op.execute(PIN_WHAT_IS_THERE)


def downgrade() -> None:
    op.execute(FIRST_REVISION_HASH)
