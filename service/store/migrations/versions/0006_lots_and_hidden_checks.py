"""lots of second readings, and items that are there for one person alone

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review_items", sa.Column("lot", sa.Float(), server_default=sa.text("random()"), nullable=False))
    op.create_check_constraint(op.f("ck_review_items_lot"), "review_items", "lot >= 0 and lot < 1")
    whom = sa.ForeignKey("users.id", name="fk_review_items_only_for")
    op.add_column("review_items", sa.Column("only_for", sa.Uuid(), whom, nullable=True))
    op.create_index(
        *("ix_review_items_only_for", "review_items", ["only_for"]), postgresql_where=sa.text("only_for is not null")
    )


def downgrade() -> None:
    op.drop_index("ix_review_items_only_for", table_name="review_items")
    op.drop_column("review_items", "only_for")
    op.drop_constraint(op.f("ck_review_items_lot"), "review_items", type_="check")
    op.drop_column("review_items", "lot")
