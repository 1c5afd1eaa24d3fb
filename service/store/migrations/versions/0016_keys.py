"""keys that expire, are rotated, and have limits of their own

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHECKS = {
    "previous_paired": "(previous_sha256 is null) = (previous_until is null)",
    "limits": "rate_limit > 0 and documents_in_work > 0",
    "expires_at": "expires_at > secret_at",
}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("api_keys", sa.Column("secret_at", moment, server_default=sa.func.now(), nullable=False))
    op.execute("update api_keys set secret_at = created_at")
    op.add_column("api_keys", sa.Column("previous_sha256", sa.Text(), nullable=True))
    op.add_column("api_keys", sa.Column("previous_until", moment, nullable=True))
    op.add_column("api_keys", sa.Column("rate_limit", sa.Integer(), nullable=True))
    op.add_column("api_keys", sa.Column("documents_in_work", sa.Integer(), nullable=True))
    op.add_column("api_keys", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("api_keys", sa.Column("expires_at", moment, nullable=True))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_api_keys_{name}"), "api_keys", condition)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_api_keys_{name}"), "api_keys", type_="check")
    columns = (
        "expires_at",
        "version",
        "documents_in_work",
        "rate_limit",
        "previous_until",
        "previous_sha256",
        "secret_at",
    )
    for name in columns:
        op.drop_column("api_keys", name)
