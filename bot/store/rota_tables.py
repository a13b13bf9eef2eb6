"""Tables of the rota's history: editions, changes, absences; and secret calendar links (rota.md §3.1).

Same rules as in `bot.store.tables`: what is sealed lies under the organisation's key.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from bot.store.tables import Id, Moment, metadata

# Editions of a rota that a newer one took the place of: they still say who was on before (rota.md §3.1.3).
rota_edition = Table(
    "rota_edition",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("since", Moment, nullable=True),
    Column("until", Moment, nullable=False),
    Column("document_sealed", LargeBinary, nullable=False),
    Index("rota_edition_desk", "desk", "until"),
)

rota_change = Table(
    "rota_change",
    metadata,
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("seq", Integer, nullable=False, autoincrement=False),
    Column("record_sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("desk", "seq"),
)

rota_absence = Table(
    "rota_absence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record_sealed", LargeBinary, nullable=False),  # of one volunteer, at every desk
)

feed = Table(
    "feed",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),  # secret calendar link
    Column("person", Id, ForeignKey("person.id"), nullable=False),  # whose link it is
    Column(
        "desk", String(64), ForeignKey("desk.id"), nullable=True
    ),  # everybody's shifts there; null: her own
    Column("told_sealed", LargeBinary, nullable=True),  # entries as told last
    Column("made_at", Moment, nullable=False),
    Index("feed_person", "person"),
)
