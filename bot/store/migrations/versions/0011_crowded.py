"""The queue: flagged web pages beyond a ceiling of their own stand in it without the flag."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("handoff", sa.Column("crowded", sa.Boolean(), nullable=True))
