"""People: vouching, resets, attendance, pairs kept apart, calls for a supervisor, care; why she was asked."""

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.seed_0006 import PERMISSIONS

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("offer", sa.Column("why_sealed", sa.LargeBinary(), nullable=True))
    _people()
    _attendance()
    _calls()
    _care()
    _allow(PERMISSIONS)


def _people() -> None:
    op.create_table(
        "vouch",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("voucher", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.ForeignKeyConstraint(["voucher"], ["person.id"]),
        sa.PrimaryKeyConstraint("person", "voucher"),
    )
    op.create_table(
        "reset",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("half_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "blocked_pair",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("other", sa.String(length=32), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.ForeignKeyConstraint(["other"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("blocked_pair_person", "blocked_pair", ["person"], unique=False)
    op.create_index("blocked_pair_other", "blocked_pair", ["other"], unique=False)


def _attendance() -> None:
    op.create_table(
        "attendance",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("one_more", sa.Boolean(), nullable=False),
        sa.Column("pause", sa.String(length=8), nullable=False),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.Column("pause_at", sa.BigInteger(), nullable=True),
        sa.Column("cooling_until", sa.BigInteger(), nullable=True),
        sa.Column("working_since", sa.BigInteger(), nullable=True),
        sa.Column("idle_since", sa.BigInteger(), nullable=True),
        sa.Column("exposure_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("person"),
    )
    # Everybody who is here already begins as if she had just come.
    columns = ("person", "missed", "one_more", "pause", "pause_minutes")
    attendance = sa.table("attendance", *map(sa.column, columns))
    person = sa.table("person", sa.column("id"))
    begun = sa.select(person.c.id, sa.literal(0), sa.false(), sa.literal(""), sa.literal(0))
    op.get_bind().execute(sa.insert(attendance).from_select(columns, begun))


def _calls() -> None:
    op.create_table(
        "supervisor_call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["desk"], ["desk.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject", name="supervisor_call_once"),
    )
    op.create_index("supervisor_call_desk", "supervisor_call", ["desk", "state"], unique=False)


def _care() -> None:
    op.create_table(
        "debrief",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.ForeignKeyConstraint(["desk"], ["desk.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("debrief_person", "debrief", ["person"], unique=False)
    op.create_table(
        "limit_override",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("override_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("limit_override_person", "limit_override", ["person"], unique=False)
    op.create_table(
        "cover_ask",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cover_ask_person", "cover_ask", ["person"], unique=False)


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
