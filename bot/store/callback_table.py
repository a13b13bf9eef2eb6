"""The table of callbacks: what was promised to somebody, without anything of her (B-018, PR6).

Same rules as in `bot.store.tables`. Which line is sent and in which language lies in her contact record.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table

from bot.store.tables import Id, Moment, metadata

callback = Table(
    "callback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("contact", Id, nullable=False),  # rows go with the contact: no foreign key holds it back
    Column("state", String(16), nullable=False),  # promised, rung
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("unstaffed", Boolean, nullable=False),  # coordinators were called: nobody is planned any more
    Index("callback_contact", "contact", unique=True),  # one promise at a time
)
