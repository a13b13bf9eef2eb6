"""The live chat, complete: a supervisor who joins, a place taken up again, addresses blocked for a while."""

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.seed_0007 import PERMISSIONS

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("handoff", sa.Column("guest", sa.String(length=32), nullable=True))
    op.add_column("handoff", sa.Column("guest_version", sa.Integer(), nullable=True))
    op.add_column("handoff", sa.Column("resumed_by", sa.String(length=32), nullable=True))
    op.create_table(
        "block",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("block_key", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("objections", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["desk"], ["desk.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("block_digest", "block", ["digest"], unique=False)
    _allow(PERMISSIONS)


def _allow(rows: tuple[tuple[str, str, str], ...]) -> None:
    """Add rights, leaving alone those an organisation has given already."""
    permission = sa.table("permission", sa.column("role"), sa.column("action"), sa.column("object"))
    here = op.get_bind()
    known = {tuple(row) for row in here.execute(sa.select(permission))}
    missing = [row for row in rows if row not in known]
    if missing:
        here.execute(
            sa.insert(permission),
            [{"role": role, "action": action, "object": thing} for role, action, thing in missing],
        )
