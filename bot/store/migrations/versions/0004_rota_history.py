"""Rotas with a history: editions, changes, absences; and secret calendar links."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("rota", sa.Column("since", sa.BigInteger(), nullable=True))
    op.add_column("rota", sa.Column("clocks_sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "rota_edition",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["desk"], ["desk.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("rota_edition_desk", "rota_edition", ["desk", "until"], unique=False)
    op.create_table(
        "rota_change",
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["desk"], ["desk.id"]),
        sa.PrimaryKeyConstraint("desk", "seq"),
    )
    op.create_table(
        "rota_absence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("record_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "feed",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=True),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["desk"], ["desk.id"]),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("feed_person", "feed", ["person"], unique=False)
