"""Rows a channel keeps for itself."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "own_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("lives", sa.String(length=8), nullable=False),
        sa.Column("owner_index", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.String(length=32), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("own_row_owner", "own_row", ["owner_index"], unique=False)
    op.create_index("own_row_key", "own_row", ["data_key"], unique=False)
