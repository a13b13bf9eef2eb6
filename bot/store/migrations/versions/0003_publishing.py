"""Signatures, who made a revision and over which, one live revision a desk, rights of coordinators."""

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.seed_0003 import PERMISSIONS

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("script_revision", sa.Column("origin_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("script_revision", sa.Column("published_at", sa.BigInteger(), nullable=True))
    # The only moment known of what is or was live: when it was taken in. Their order is the same.
    op.execute(
        "UPDATE script_revision SET published_at = created_at "
        "WHERE state IN ('published', 'replaced', 'recalled')"
    )
    live = sa.text("state = 'published'")
    op.create_index(
        "script_revision_one_live",
        "script_revision",
        ["desk"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "signature",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("statement_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("signature_subject", "signature", ["subject"], unique=False)
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
