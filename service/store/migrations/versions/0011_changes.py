"""the feed of what is published and no longer is

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Whatever code changes a record: at the commit its published state, as it is then, is compared with what the feed said
# last. The lock is that of the audit's chain (0004), so that numbers have no gaps and follow the commits, and no
# transaction can wait for another one in the middle.
PUBLISH = """
create function publish_change() returns trigger language plpgsql as $$
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

# A reviewer's reason to reject, or what else the newest revision came from.
WHY = """
create function why_retracted(event events) returns text language plpgsql stable as $$
begin
    if event.superseded_by is not null then
        return 'merged';
    end if;
    return coalesce((
        select case when decision = 'undo' then 'undone' else reason end
        from revisions made join decisions on decisions.id = made.decision_id
        where made.event_id = event.id and made.number = event.revision
    ), event.state);
end $$
"""

PUBLISHED_ALREADY = """
insert into changes (seq, op, event_id, revision, draft_revision, run_id, at)
select row_number() over (order by made.at, id), 'put', id, revision, draft_revision, events.run_id, made.at
from events join revisions made on made.event_id = id and made.number = revision
where state = 'approved' and gold_of is null
"""


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("draft_revision", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("op in ('put', 'retract')", name=op.f("ck_changes_op")),
        sa.CheckConstraint("(op = 'retract') = (reason is not null)", name=op.f("ck_changes_reason")),
        sa.CheckConstraint("superseded_by is null or op = 'retract'", name=op.f("ck_changes_superseded_by")),
        sa.ForeignKeyConstraint(
            ["event_id", "revision"],
            ["revisions.event_id", "revisions.number"],
            name=op.f("fk_changes_event_id_revision"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_changes_run_id")),
        sa.ForeignKeyConstraint(["superseded_by"], ["events.id"], name=op.f("fk_changes_superseded_by")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_event_id", "changes", ["event_id", "seq"])
    op.execute(PUBLISHED_ALREADY)
    op.execute(WHY)
    op.execute(PUBLISH)
    op.execute(
        "create constraint trigger events_publish "
        "after insert or update of state, revision, draft_revision, superseded_by on events "
        "deferrable initially deferred for each row when (new.gold_of is null) execute function publish_change()"
    )
    op.execute(
        "create trigger changes_append_only before update or delete or truncate on changes "
        "for each statement execute function refuse_change()"
    )


def downgrade() -> None:
    op.execute("drop trigger events_publish on events")
    op.execute("drop function publish_change()")
    op.execute("drop function why_retracted(events)")
    op.drop_table("changes")
