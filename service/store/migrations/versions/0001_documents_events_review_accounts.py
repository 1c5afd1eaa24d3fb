"""documents, events, review, accounts

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What happened stays: no statement changes these, whatever code runs it.
APPEND_ONLY = ("contents", "revisions", "evidence", "decisions", "audit_entries")


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("sha256 = encode(sha256(original), 'hex')", name=op.f("ck_contents_sha256")),
        sa.CheckConstraint("octet_length(original) > 0", name=op.f("ck_contents_not_empty")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_contents")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role in ('administrator', 'reviewer', 'reader')", name=op.f("ck_users_role")),
        sa.CheckConstraint("username = lower(username) and username <> ''", name=op.f("ck_users_username")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scopes <@ array['upload', 'read', 'review', 'admin']", name=op.f("ck_api_keys_scopes")),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_api_keys_some_scope")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_api_keys_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_detail", sa.Text(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'drafted') = (drafted_at is not null)", name=op.f("ck_documents_drafted_at_when_drafted")
        ),
        sa.CheckConstraint(
            "(state = 'drafting') = (lease_token is not null)", name=op.f("ck_documents_lease_while_drafting")
        ),
        sa.CheckConstraint("(state = 'failed') = (failure is not null)", name=op.f("ck_documents_failure_when_failed")),
        sa.CheckConstraint("state in ('received', 'drafting', 'drafted', 'failed')", name=op.f("ck_documents_state")),
        sa.CheckConstraint("(lease_token is null) = (lease_until is null)", name=op.f("ck_documents_lease_paired")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_documents_attempts")),
        sa.CheckConstraint("char_length(text) = characters and characters > 0", name=op.f("ck_documents_characters")),
        sa.ForeignKeyConstraint(["content_sha256"], ["contents.sha256"], name=op.f("fk_documents_content_sha256")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_documents_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("content_sha256", name=op.f("uq_documents_content_sha256")),
    )
    op.create_index(
        "ix_documents_waiting",
        "documents",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state in ('received', 'drafting')"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sign_ins")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_audit_entries_actor_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_audit_entries_key_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("extractor_version", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("notes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "outcome is null or outcome in ('drafted', 'failed', 'abandoned')", name=op.f("ck_runs_outcome")
        ),
        sa.CheckConstraint("(outcome is null) = (ended_at is null)", name=op.f("ck_runs_ended_with_outcome")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_runs_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_document_id", "runs", ["document_id"], unique=False)
    op.create_index("uq_runs_open", "runs", ["document_id"], unique=True, postgresql_where=sa.text("outcome is null"))
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'approved', 'rejected', 'retracted', 'superseded')", name=op.f("ck_events_state")
        ),
        sa.CheckConstraint("revision > 0", name=op.f("ck_events_revision")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_events_document_id")),
        sa.ForeignKeyConstraint(
            ["id", "revision"],
            ["revisions.event_id", "revisions.number"],
            name="fk_events_current_revision",
            initially="DEFERRED",
            deferrable=True,
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_events_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("document_id", "key", name=op.f("uq_events_document_id_key")),
    )
    op.create_index("ix_events_state", "events", ["state", "id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("on_revision", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(decision = 'fix') = (changes <> '[]'::jsonb)", name=op.f("ck_decisions_changes_when_fixed")
        ),
        sa.CheckConstraint(
            "(decision = 'reject') = (reason is not null)", name=op.f("ck_decisions_reason_when_rejected")
        ),
        sa.CheckConstraint("decision in ('approve', 'fix', 'reject')", name=op.f("ck_decisions_decision")),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_decisions_by")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_decisions_event_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_decisions_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_event_id", "decisions", ["event_id"], unique=False)
    op.create_table(
        "review_items",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("lease_number", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(holder_id is null) = (lease_until is null)", name=op.f("ck_review_items_lease_paired")),
        sa.CheckConstraint("decided_at is null or holder_id is null", name=op.f("ck_review_items_decided_is_free")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_review_items_event_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["users.id"], name=op.f("fk_review_items_holder_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_review_items")),
    )
    op.create_index(
        "ix_review_items_waiting",
        "review_items",
        [sa.literal_column("priority desc"), "event_id"],
        unique=False,
        postgresql_where=sa.text("decided_at is null"),
    )
    op.create_table(
        "revisions",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(number = 1) = (decision_id is null)", name=op.f("ck_revisions_first_is_the_draft")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_revisions_decision_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_revisions_event_id")),
        sa.PrimaryKeyConstraint("event_id", "number", name=op.f("pk_revisions")),
    )
    op.create_table(
        "evidence",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "start >= 0 and char_length(quote) = \"end\" - start and quote <> ''",
            name=op.f("ck_evidence_quote_fits_span"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "revision"],
            ["revisions.event_id", "revisions.number"],
            name=op.f("fk_evidence_event_id_revision"),
        ),
        sa.PrimaryKeyConstraint("event_id", "revision", "position", name=op.f("pk_evidence")),
    )
    op.create_foreign_key(
        "fk_events_current_revision",
        "events",
        "revisions",
        ["id", "revision"],
        ["event_id", "number"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.execute(
        """
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    op.drop_constraint("fk_events_current_revision", "events", type_="foreignkey")
    op.drop_table("evidence")
    op.drop_table("revisions")
    op.drop_index("ix_review_items_waiting", table_name="review_items", postgresql_where=sa.text("decided_at is null"))
    op.drop_table("review_items")
    op.drop_index("ix_decisions_event_id", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("ix_events_state", table_name="events")
    op.drop_table("events")
    op.drop_index("uq_runs_open", table_name="runs", postgresql_where=sa.text("outcome is null"))
    op.drop_index("ix_runs_document_id", table_name="runs")
    op.drop_table("runs")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("sign_ins")
    op.drop_index(
        "ix_documents_waiting", table_name="documents", postgresql_where=sa.text("state in ('received', 'drafting')")
    )
    op.drop_table("documents")
    op.drop_table("api_keys")
    op.drop_table("users")
    op.drop_table("contents")
    op.execute("drop function refuse_change cascade")
