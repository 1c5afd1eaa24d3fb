"""versions of documents: which one replaces which, and in which text each revision's evidence counts

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("replaces", sa.Uuid(), nullable=True))
    op.add_column("documents", sa.Column("series", sa.Uuid(), nullable=True))
    op.execute("update documents set series = id")
    op.alter_column("documents", "series", nullable=False)
    for name in ("replaces", "series"):
        op.create_foreign_key(op.f(f"fk_documents_{name}"), "documents", "documents", [name], ["id"])
    op.create_unique_constraint(op.f("uq_documents_replaces"), "documents", ["replaces"])
    is_first = "(replaces is null) = (series = id) and replaces <> id"
    op.create_check_constraint(op.f("ck_documents_series"), "documents", is_first)
    op.create_index("ix_documents_series", "documents", ["series", "id"])
    op.add_column("revisions", sa.Column("document_id", sa.Uuid(), nullable=True))
    op.execute("alter table revisions disable trigger revisions_append_only")
    op.execute("update revisions set document_id = events.document_id from events where events.id = revisions.event_id")
    op.execute("alter table revisions enable trigger revisions_append_only")
    op.alter_column("revisions", "document_id", nullable=False)
    op.create_foreign_key(op.f("fk_revisions_document_id"), "revisions", "documents", ["document_id"], ["id"])


def downgrade() -> None:
    op.drop_column("revisions", "document_id")
    op.drop_index("ix_documents_series", table_name="documents")
    op.drop_constraint(op.f("ck_documents_series"), "documents")
    op.drop_column("documents", "series")
    op.drop_column("documents", "replaces")
