"""where evidence stands in the original: page, place, boxes, bytes

Evidence that is there keeps none: it cannot be changed, and where it stands can be asked of its document.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("original", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("evidence", "original")
