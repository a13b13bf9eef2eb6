"""Volunteers on messengers: linked addresses, codes, chats there, and what is posted to them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "staff_address",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "address_index", name="staff_address_once"),
    )
    op.create_index("staff_address_person", "staff_address", ["person"], unique=False)
    op.create_table(
        "staff_code",
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"]),
        sa.PrimaryKeyConstraint("code_index"),
    )
    op.create_table(
        "staff_try",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_index"),
    )
    op.create_table(
        "staff_chat",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("handoff", sa.String(length=32), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("place_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["address"], ["staff_address.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("handoff", "claim_version", "address", name="staff_chat_once"),
    )
    op.create_index("staff_chat_address", "staff_chat", ["address", "state"], unique=False)
    op.create_table(
        "staff_post",
        sa.Column(
            "sequence",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sounding", sa.Boolean(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("data_key", sa.String(length=32), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("remote_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["address"], ["staff_address.id"]),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("address", "purpose", "subject", name="staff_post_once"),
    )
    op.create_index("staff_post_due", "staff_post", ["channel", "state", "due_at"], unique=False)
    op.create_index("staff_post_chat", "staff_post", ["chat"], unique=False)
