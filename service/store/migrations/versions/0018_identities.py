"""people whom an OpenID provider signs in

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CHECKS = {
    "identity_paired": "(oidc_issuer is null) = (oidc_subject is null)",
    "way_in": "password_hash is not null or oidc_subject is not null",
}


def upgrade() -> None:
    op.alter_column("users", "password_hash", nullable=True)
    op.add_column("users", sa.Column("oidc_issuer", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("oidc_subject", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_users_oidc_issuer_oidc_subject"), "users", ["oidc_issuer", "oidc_subject"])
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_users_{name}"), "users", condition)
    op.add_column("sign_ins", sa.Column("id_token", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("sign_ins", "id_token")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_users_{name}"), "users", type_="check")
    op.drop_constraint(op.f("uq_users_oidc_issuer_oidc_subject"), "users", type_="unique")
    op.drop_column("users", "oidc_subject")
    op.drop_column("users", "oidc_issuer")
    # Whoever came from a provider alone keeps what he decided, and has no password that anybody knows.
    op.execute("update users set password_hash = '' where password_hash is null")
    op.alter_column("users", "password_hash", nullable=False)
