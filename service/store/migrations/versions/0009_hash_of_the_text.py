"""the SHA-256 of a document's text, by which exported evidence is checked without the database

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Immutable, since the encoding of the database never changes, and a generated column asks for it.
TEXT_SHA256 = """
create function text_sha256(written text) returns text language sql immutable strict parallel safe
return encode(sha256(convert_to(written, 'UTF8')), 'hex')
"""


def upgrade() -> None:
    op.execute(TEXT_SHA256)
    made = sa.Computed("text_sha256(text)", persisted=True)
    op.add_column("documents", sa.Column("text_sha256", sa.Text(), made, nullable=False))


def downgrade() -> None:
    op.drop_column("documents", "text_sha256")
    op.execute("drop function text_sha256")
