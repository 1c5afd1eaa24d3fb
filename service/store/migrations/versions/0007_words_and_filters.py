"""what a record says and is unsure of, computed once; indexes for the filters of the list

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The fields of which the machine is less sure than 0.9; service/operations/filters.py has the same bound, and a test
# holds the two together. The words of an action are the trigger's.
RECORD_UNSURE = """
create function record_unsure(body jsonb) returns text[] language sql immutable strict parallel safe
return (
    select coalesce(
        array_agg(distinct case key when 'details/action' then 'trigger' else split_part(key, '/', 1) end), '{}'
    )
    from jsonb_each_text(body -> 'confidence')
    where key <> 'record' and value::double precision < 0.9
)
"""


def upgrade() -> None:
    op.execute(sa.text(RECORD_UNSURE.replace(":", r"\:")))
    op.drop_index("ix_revisions_words", table_name="revisions")
    for name, type_, made in (
        ("words", postgresql.TSVECTOR(), "record_vector(body)"),
        ("unsure", postgresql.ARRAY(sa.Text()), "record_unsure(body)"),
    ):
        op.add_column("revisions", sa.Column(name, type_, sa.Computed(made, persisted=True), nullable=True))
        op.create_index(f"ix_revisions_{name}", "revisions", [name], postgresql_using="gin")
    for name, column, where in (
        ("snoozed", "ready_at", "decided_at is null and ready_at > created_at"),
        ("confidence", "confidence", "decided_at is null"),
    ):
        op.create_index(f"ix_review_items_{name}", "review_items", [column], postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in ("confidence", "snoozed"):
        op.drop_index(f"ix_review_items_{name}", table_name="review_items")
    for name in ("unsure", "words"):
        op.drop_index(f"ix_revisions_{name}", table_name="revisions", postgresql_using="gin")
        op.drop_column("revisions", name)
    op.create_index(
        "ix_revisions_words", "revisions", [sa.literal_column("record_vector(body)")], postgresql_using="gin"
    )
    op.execute("drop function record_unsure")
