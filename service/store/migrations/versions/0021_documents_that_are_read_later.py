"""documents that workers read: without a text at first, with its places in the original, and what is inside of them

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

READ = ("text", "characters", "encoding", "text_sha256")
CHECKS = {
    "state": (
        "state in ('received', 'reading', 'drafting', 'drafted', 'unpacked', 'failed')",
        "state in ('received', 'drafting', 'drafted', 'failed')",
    ),
    "lease_while_drafting": (
        "(state in ('reading', 'drafting')) = (lease_token is not null)",
        "(state = 'drafting') = (lease_token is not null)",
    ),
    "characters": (
        "(text is null) = (characters is null) and (text is null or char_length(text) = characters and characters > 0)",
        "char_length(text) = characters and characters > 0",
    ),
}
IN_WORK, IN_WORK_BEFORE = "state in ('received', 'reading', 'drafting')", "state in ('received', 'drafting')"
INDEXES = {"ix_documents_waiting": ["id"], "ix_documents_in_work": ["created_with"]}


def upgrade() -> None:
    for name in READ:
        op.alter_column("documents", name, nullable=True)
    for name, (check, _) in CHECKS.items():
        _check(name, check)
    op.create_check_constraint(
        op.f("ck_documents_read"), "documents", "text is not null or state not in ('drafting', 'drafted')"
    )
    _index(IN_WORK)
    op.add_column("documents", sa.Column("origins", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("documents", sa.Column("depth", sa.Integer(), server_default="0", nullable=False))
    op.add_column("documents", sa.Column("root_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_documents_root_id"), "documents", "documents", ["root_id"], ["id"])
    op.create_index("ix_documents_root_id", "documents", ["root_id"], postgresql_where=sa.text("root_id is not null"))
    _create_tables()
    op.execute(
        "create trigger documents_read after update of text on documents "
        "for each row when (old.text is distinct from new.text) execute function reindex_document()"
    )


def _create_tables() -> None:
    op.create_table(
        "document_parts",
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["documents.id"], name=op.f("fk_document_parts_parent_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_parts_document_id")),
        sa.PrimaryKeyConstraint("parent_id", "part", name=op.f("pk_document_parts")),
    )
    op.create_index("ix_document_parts_document_id", "document_parts", ["document_id"])
    op.create_table(
        "document_places",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_places_document_id")),
        sa.PrimaryKeyConstraint("document_id", "start", name=op.f("pk_document_places")),
    )
    op.create_table(
        "document_pages",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("width", sa.Float(), nullable=False),
        sa.Column("height", sa.Float(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_pages_document_id")),
        sa.PrimaryKeyConstraint("document_id", "number", name=op.f("pk_document_pages")),
    )


def downgrade() -> None:
    op.execute("drop trigger documents_read on documents")
    for table in ("document_pages", "document_places", "document_parts"):
        op.drop_table(table)
    for column in ("root_id", "depth", "origins"):
        op.drop_column("documents", column)
    op.drop_constraint(op.f("ck_documents_read"), "documents", type_="check")
    # What was never read has nothing that the older version could keep of it.
    op.execute("delete from documents where text is null")
    _index(IN_WORK_BEFORE)
    for name, (_, check) in CHECKS.items():
        _check(name, check)
    for name in READ:
        op.alter_column("documents", name, nullable=False)


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_documents_{name}"), "documents", type_="check")
    op.create_check_constraint(op.f(f"ck_documents_{name}"), "documents", condition)


def _index(condition: str) -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, table_name="documents")
        op.create_index(name, "documents", columns, postgresql_where=sa.text(condition))
