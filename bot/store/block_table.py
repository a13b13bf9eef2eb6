"""The table of addresses that are sent away for a while, under keys that no backup holds (B-102).

Same rules as in `bot.store.tables`.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from bot.store.tables import Id, Moment, metadata

# Addresses that meet only the emergency card for a while (B-066): a digest under a key of its own that dies.
block = Table(
    "block",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("block_key", String(16), nullable=False),  # id of the key; without it the digest means nothing
    Column("digest", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),  # asked, confirmed
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Moment, nullable=False),  # rounded to the hour
    Column("expires_at", Moment, nullable=False),
    Column("objections", Integer, nullable=False),
    Index("block_digest", "digest"),
)
