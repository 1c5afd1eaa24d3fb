"""the rule that made each item of evidence

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("rule", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("evidence", "rule")
