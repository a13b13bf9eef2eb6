"""Callbacks: hours promised to somebody, which the rota must staff."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("contact", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("unstaffed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["desk"], ["desk.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("callback_contact", "callback", ["contact"], unique=True)
