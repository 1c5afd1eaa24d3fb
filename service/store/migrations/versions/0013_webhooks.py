"""webhooks, what is delivered to them, and each attempt at it

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("families", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("ops", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", MOMENT, nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("url <> ''", name=op.f("ck_webhooks_url")),
        sa.CheckConstraint("ops <@ array['put', 'retract'] and cardinality(ops) > 0", name=op.f("ck_webhooks_ops")),
        sa.CheckConstraint(
            "(previous_secret is null) = (previous_until is null)", name=op.f("ck_webhooks_previous_paired")
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_webhooks_position")),
        sa.CheckConstraint("version > 0", name=op.f("ck_webhooks_version")),
        sa.CheckConstraint(
            "(disabled_at is null) = (disabled_reason is null)", name=op.f("ck_webhooks_disabled_paired")
        ),
        sa.CheckConstraint(
            "disabled_reason is null or disabled_reason in ('administrator', 'gone', 'failing', 'secret_lost')",
            name=op.f("ck_webhooks_disabled_reason"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_webhooks_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("due_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("type in ('event.put', 'event.retract', 'ping')", name=op.f("ck_deliveries_type")),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'failed')", name=op.f("ck_deliveries_state")),
        sa.CheckConstraint(
            "(type = 'ping') = (seq is null) and (seq is null) = (event_id is null)",
            name=op.f("ck_deliveries_tells_change"),
        ),
        sa.CheckConstraint("(state = 'waiting') = (ended_at is null)", name=op.f("ck_deliveries_ended")),
        sa.CheckConstraint("(lease_token is null) = (lease_until is null)", name=op.f("ck_deliveries_lease_paired")),
        sa.CheckConstraint("lease_token is null or state = 'waiting'", name=op.f("ck_deliveries_lease_while_waiting")),
        sa.CheckConstraint("tries >= 0 and attempts >= tries", name=op.f("ck_deliveries_tries")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_deliveries_webhook_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_deliveries_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("webhook_id", "seq", name=op.f("uq_deliveries_webhook_id_seq")),
    )
    waiting, failed = sa.text("state = 'waiting'"), sa.text("state = 'failed'")
    op.create_index("ix_deliveries_log", "deliveries", ["webhook_id", "id"])
    op.create_index("ix_deliveries_due", "deliveries", ["webhook_id", "due_at"], postgresql_where=waiting)
    of_event = ["webhook_id", "event_id", "seq"]
    op.create_index("ix_deliveries_of_event", "deliveries", of_event, postgresql_where=waiting)
    op.create_index("ix_deliveries_failed", "deliveries", ["webhook_id"], postgresql_where=failed)
    op.create_index("ix_deliveries_ended_at", "deliveries", ["ended_at"])
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("(status is null) <> (error is null)", name=op.f("ck_delivery_attempts_outcome")),
        sa.CheckConstraint("(status is null) = (answer is null)", name=op.f("ck_delivery_attempts_answer")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_delivery_attempts_seconds")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_delivery_attempts")),
    )


def downgrade() -> None:
    op.drop_table("delivery_attempts")
    op.drop_table("deliveries")
    op.drop_table("webhooks")
