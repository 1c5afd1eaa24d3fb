"""what senders tell of their documents: language, their own id, priority, tags

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("external_id", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
    op.add_column("documents", sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    has_one = sa.text("external_id is not null")
    op.create_index("ix_documents_external_id", "documents", ["external_id"], postgresql_where=has_one)
    op.create_index("ix_documents_tags", "documents", ["tags"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_documents_tags", table_name="documents", postgresql_using="gin")
    op.drop_index("ix_documents_external_id", table_name="documents")
    for name in ("tags", "priority", "external_id", "language"):
        op.drop_column("documents", name)
