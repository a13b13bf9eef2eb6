"""Tables of the volunteers' days: swaps, shifts that are looked after, cover asked for (rota.md §3.2).

Same rules as in `bot.store.tables`: in clear stand random ids, states and moments only. Which shift it is,
and what was agreed of it, is sealed under the organisation's key.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from bot.store.tables import Id, Moment, metadata

swap = Table(
    "swap",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("offered_by", Id, ForeignKey("person.id"), nullable=False),  # who is on duty until it is approved
    Column("taken_by", Id, ForeignKey("person.id"), nullable=True),
    Column("made_at", Moment, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),  # the shift, whom it was offered, what comes back
    Index("swap_state", "state"),
)

shift_watch = Table(
    "shift_watch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("shift_index", LargeBinary, nullable=False),  # blind index of desk and shift
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("done", Integer, nullable=False),  # the last stage that is over (handoff.shift_day)
    Column("presence", String(16), nullable=False),
    Column("expected_at", Moment, nullable=True),
    Column("body_sealed", LargeBinary, nullable=False),  # the shift's id and tier
    UniqueConstraint("person", "shift_index", name="shift_watch_once"),
)

cover = Table(
    "cover",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("person", Id, ForeignKey("person.id"), nullable=False),  # whose shift it is, or was
    Column("shift_index", LargeBinary, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("wave", Integer, nullable=False),  # how many waves have gone out
    Column("alarms", Integer, nullable=False),  # how often whoever plans was told that nobody came
    Column("body_sealed", LargeBinary, nullable=False),  # the shift; which changes were recorded
    Index("cover_state", "state"),
)

cover_offer = Table(
    "cover_offer",
    metadata,
    Column("cover", Id, ForeignKey("cover.id"), nullable=False),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("answer", String(8), nullable=False),
    PrimaryKeyConstraint("cover", "person"),
)
