"""with which API key a document came, and how many of each are in work

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("created_with", sa.Uuid(), sa.ForeignKey("api_keys.id"), nullable=True))
    in_work = sa.text("state in ('received', 'drafting')")
    op.create_index("ix_documents_in_work", "documents", ["created_with"], postgresql_where=in_work)


def downgrade() -> None:
    op.drop_index("ix_documents_in_work", table_name="documents")
    op.drop_column("documents", "created_with")
