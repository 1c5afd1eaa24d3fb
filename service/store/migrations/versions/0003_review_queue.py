"""the review queue: stages, orders, assignment, skips, second readings, undo, comments, saved filters

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DECISIONS = "'approve', 'fix', 'reject', 'send_back', 'add', 'split', 'merge', 'absorb', 'settle', 'undo'"
# Constraints that change: table, name, what they said, what they say.
CHECKS = (
    (
        *("users", "role", "role in ('administrator', 'reviewer', 'reader')"),
        "role in ('administrator', 'adjudicator', 'reviewer', 'reader')",
    ),
    (
        *("api_keys", "scopes", "scopes <@ array['upload', 'read', 'review', 'admin']"),
        "scopes <@ array['upload', 'read', 'review', 'adjudicate', 'admin']",
    ),
    (
        *("decisions", "decision", "decision in ('approve', 'fix', 'reject')"),
        f"decision in ({DECISIONS})",
    ),
    (
        *("decisions", "reason_when_rejected", "(decision = 'reject') = (reason is not null)"),
        "(decision = 'reject') = (reason is not null) or decision = 'settle'",
    ),
    (
        *("decisions", "changes_when_fixed", "(decision = 'fix') = (changes <> '[]'::jsonb)"),
        "decision <> 'fix' or changes <> '[]'::jsonb",
    ),
)
NEW_CHECKS = (
    ("decisions", "round", "round in ('first', 'second', 'adjudication', 'correction')"),
    ("decisions", "no_changes_else", "decision not in ('approve', 'reject') or changes = '[]'::jsonb"),
    ("decisions", "undo_names_what", "(decision = 'undo') = (undoes is not null)"),
    ("decisions", "seconds", "seconds is null or seconds >= 0"),
    ("events", "drafted_by_run", "(run_id is null) = (draft_revision is null)"),
    ("events", "superseded_by", "superseded_by is null or state = 'superseded'"),
    ("review_items", "stage", "stage in ('first', 'second', 'adjudication', 'redraft')"),
    ("review_items", "claimed_paired", "(holder_id is null) = (claimed_at is null)"),
    ("review_items", "redraft_is_free", "stage <> 'redraft' or holder_id is null"),
    (
        *("review_items", "second_has_first"),
        "stage <> 'second' or decided_at is not null or first_revision is not null",
    ),
    ("revisions", "made_by_run_or_decision", "(run_id is null) <> (decision_id is null)"),
)
INDEXES = (
    ("decisions", "ix_decisions_at", ["at"], None),
    ("decisions", "ix_decisions_by", ["by", "id"], None),
    ("decisions", "ix_decisions_batch_id", ["batch_id"], "batch_id is not null"),
    ("events", "ix_events_gold_of", ["gold_of"], "gold_of is not null"),
    ("review_items", "ix_review_items_due", ["due", "event_id"], "decided_at is null"),
    ("review_items", "ix_review_items_oldest", ["event_id"], "decided_at is null"),
    ("review_items", "ix_review_items_family", ["family", "event_id"], "decided_at is null"),
    ("review_items", "ix_review_items_document", ["document_id", "event_id"], "decided_at is null"),
    ("review_items", "ix_review_items_stage", ["stage", "event_id"], "decided_at is null and stage <> 'first'"),
    (
        *("review_items", "ix_review_items_assignee", ["assignee_id", "event_id"]),
        "decided_at is null and assignee_id is not null",
    ),
    ("review_items", "ix_review_items_holder", ["holder_id", "lease_until"], "holder_id is not null"),
)


def upgrade() -> None:
    _create_tables()
    _add_columns()
    _fill_columns()
    for table, name, _, check in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check)
    op.drop_constraint(op.f("ck_revisions_first_is_the_draft"), "revisions", type_="check")
    for table, name, check in NEW_CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check)
    for table, name, columns, where in INDEXES:
        op.create_index(name, table, columns, postgresql_where=sa.text(where) if where else None)
    undoes = sa.text("undoes is not null")
    op.create_index("uq_decisions_undoes", "decisions", ["undoes"], unique=True, postgresql_where=undoes)


def _create_tables() -> None:
    op.create_table(
        "review_rules",
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("second_share", sa.Float(), nullable=False),
        sa.Column("gold_share", sa.Float(), nullable=False),
        sa.CheckConstraint("gold_share between 0 and 1", name=op.f("ck_review_rules_gold_share")),
        sa.CheckConstraint("second_share between 0 and 1", name=op.f("ck_review_rules_second_share")),
        sa.PrimaryKeyConstraint("family", name=op.f("pk_review_rules")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_filters_name")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_saved_filters_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_filters_owner_id_name")),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_comments_text")),
        sa.CheckConstraint("(resolved_at is null) = (resolved_by is null)", name=op.f("ck_comments_resolved_paired")),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_comments_by")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_comments_event_id")),
        sa.ForeignKeyConstraint(["resolved_by"], ["users.id"], name=op.f("fk_comments_resolved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_event_id", "comments", ["event_id"])
    op.create_table(
        "gold_items",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_gold_items_by")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_gold_items_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_gold_items")),
    )
    op.create_table(
        "review_skips",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("times > 0", name=op.f("ck_review_skips_times")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_review_skips_event_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_skips_user_id")),
        sa.PrimaryKeyConstraint("user_id", "event_id", name=op.f("pk_review_skips")),
    )


def _add_columns() -> None:
    """Those that must have a value get it in _fill_columns."""
    moment = sa.DateTime(timezone=True)
    now = sa.text("now()")
    columns = {
        "users": (
            sa.Column("families", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
            sa.Column("preferences", postgresql.JSONB(), server_default="{}", nullable=False),
        ),
        "events": (
            sa.Column("draft_revision", sa.Integer(), nullable=True),
            sa.Column("made_from", sa.Uuid(), sa.ForeignKey("events.id", name="fk_events_made_from"), nullable=True),
            sa.Column(
                "superseded_by", sa.Uuid(), sa.ForeignKey("events.id", name="fk_events_superseded_by"), nullable=True
            ),
            sa.Column("gold_of", sa.Uuid(), sa.ForeignKey("events.id", name="fk_events_gold_of"), nullable=True),
        ),
        "revisions": (
            sa.Column("run_id", sa.Uuid(), sa.ForeignKey("runs.id", name="fk_revisions_run_id"), nullable=True),
        ),
        "decisions": (
            sa.Column("round", sa.Text(), server_default="first", nullable=False),
            sa.Column("from_state", sa.Text(), server_default="draft", nullable=False),
            sa.Column("from_stage", sa.Text(), server_default="first", nullable=False),
            sa.Column("seconds", sa.Float(), nullable=True),
            sa.Column("batch_id", sa.Uuid(), nullable=True),
            sa.Column("undoes", sa.Uuid(), sa.ForeignKey("decisions.id", name="fk_decisions_undoes"), nullable=True),
        ),
        "review_items": (
            sa.Column("family", sa.Text(), nullable=True),
            sa.Column(
                *("document_id", sa.Uuid()),
                sa.ForeignKey("documents.id", name="fk_review_items_document_id"),
                nullable=True,
            ),
            sa.Column("stage", sa.Text(), server_default="first", nullable=False),
            sa.Column("expected_edits", sa.Float(), server_default="0", nullable=False),
            sa.Column("due", moment, server_default=now, nullable=False),
            sa.Column("ready_at", moment, server_default=now, nullable=False),
            sa.Column(
                *("assignee_id", sa.Uuid()),
                sa.ForeignKey("users.id", name="fk_review_items_assignee_id"),
                nullable=True,
            ),
            sa.Column("claimed_at", moment, nullable=True),
            sa.Column("readers", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
            sa.Column("first_revision", sa.Integer(), nullable=True),
            sa.Column("second_revision", sa.Integer(), nullable=True),
            sa.Column("note", sa.Text(), nullable=True),
        ),
    }
    for table, added in columns.items():
        for column in added:
            op.add_column(table, column)


def _fill_columns() -> None:
    """What rows of the time before say by the new columns. Defaults only served to fill them; the product sets each."""
    op.execute("update events set draft_revision = 1")
    op.alter_column("events", "run_id", nullable=True)
    op.execute("alter table revisions disable trigger revisions_append_only")
    op.execute(
        "update revisions set run_id = events.run_id from events where events.id = event_id and decision_id is null"
    )
    op.execute("alter table revisions enable trigger revisions_append_only")
    op.execute(
        """
        update review_items set
            family = events.type,
            document_id = events.document_id,
            claimed_at = case when holder_id is not null then now() end,
            expected_edits = coalesce(
                (
                    select sum(1 - value::float) from revisions, jsonb_each_text(body->'confidence')
                    where event_id = events.id and number = 1 and key <> 'record'
                ),
                0
            )
        from events where events.id = review_items.event_id
        """
    )
    op.execute("update review_items set due = created_at - expected_edits * interval '8 hours'")
    for column in ("family", "document_id"):
        op.alter_column("review_items", column, nullable=False)
    for table, column in (
        *(("decisions", "round"), ("decisions", "from_state"), ("decisions", "from_stage")),
        *(("review_items", "stage"), ("review_items", "expected_edits")),
    ):
        op.alter_column(table, column, server_default=None)


def downgrade() -> None:
    for table, name, _ in NEW_CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_index("uq_decisions_undoes", table_name="decisions")
    for table, name, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
    for table, name, check, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check)
    op.create_check_constraint(
        op.f("ck_revisions_first_is_the_draft"), "revisions", "(number = 1) = (decision_id is null)"
    )
    dropped = {
        "users": ("families", "preferences"),
        "events": ("draft_revision", "made_from", "superseded_by", "gold_of"),
        "revisions": ("run_id",),
        "decisions": ("round", "from_state", "from_stage", "seconds", "batch_id", "undoes"),
        "review_items": (
            *("family", "document_id", "stage", "expected_edits", "due", "ready_at", "assignee_id", "claimed_at"),
            *("readers", "first_revision", "second_revision", "note"),
        ),
    }
    for table, columns in dropped.items():
        for column in columns:
            op.drop_column(table, column)
    op.alter_column("events", "run_id", nullable=False)
    for table in ("review_skips", "gold_items", "comments", "saved_filters", "review_rules"):
        op.drop_table(table)
