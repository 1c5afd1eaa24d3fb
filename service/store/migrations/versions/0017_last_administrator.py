"""the last administrator stays

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create function keep_an_administrator() returns trigger language plpgsql as $$
        begin
            perform from users where role = 'administrator' and disabled_at is null for update;
            if not found then
                raise exception 'the last administrator cannot be lost'
                using errcode = 'integrity_constraint_violation';
            end if;
            return null;
        end $$
        """
    )
    op.execute(
        """
        create trigger keep_an_administrator after update of role, disabled_at on users for each row
        when (old.role = 'administrator' and old.disabled_at is null
              and (new.role <> 'administrator' or new.disabled_at is not null))
        execute function keep_an_administrator()
        """
    )


def downgrade() -> None:
    op.execute("drop trigger keep_an_administrator on users")
    op.execute("drop function keep_an_administrator()")
