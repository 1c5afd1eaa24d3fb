"""sketches of documents' texts, by which the same story is found again

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sketches",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("numbers", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("bands", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_sketches_document_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_sketches")),
    )
    op.create_index("ix_sketches_bands", "sketches", ["bands"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("sketches")
