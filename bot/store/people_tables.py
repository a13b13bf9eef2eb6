"""Tables of the people who answer: vouching, attendance, calls, care (design §10; rota.md §3).

Same rules as in `bot.store.tables`: columns named `…_sealed` hold envelopes under the organisation's key. In
clear stand random ids, states and due times only; why somebody is kept apart, lifted over a limit or owed a
debrief is sealed.
"""

from sqlalchemy import (
    Boolean,
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

vouch = Table(
    "vouch",
    metadata,
    Column("person", Id, ForeignKey("person.id"), nullable=False),  # for whom
    Column("voucher", Id, ForeignKey("person.id"), nullable=False),  # who vouches
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("person", "voucher"),
)

reset = Table(
    "reset",
    metadata,
    Column("person", Id, ForeignKey("person.id"), primary_key=True),  # whose sign-in is made anew
    Column("asked_by", String(32), nullable=False),  # the first of the two; "program" for the machine
    Column("half_hash", LargeBinary, nullable=False),  # of the half she was given
    Column("expires_at", Moment, nullable=False),
)

attendance = Table(
    "attendance",
    metadata,
    Column("person", Id, ForeignKey("person.id"), primary_key=True),
    Column("missed", Integer, nullable=False),  # offers in a row that nobody answered
    Column("one_more", Boolean, nullable=False),  # she asked for one chat beyond her limit, once
    Column("pause", String(8), nullable=False),  # "", asked, break, away
    Column("pause_minutes", Integer, nullable=False),  # how long the break asked for, or begun, is
    Column("pause_at", Moment, nullable=True),  # when it was asked for; of a break, when it ends
    Column("cooling_until", Moment, nullable=True),
    Column("working_since", Moment, nullable=True),  # without a break; null when she is not there
    Column("idle_since", Moment, nullable=True),
    Column("exposure_sealed", LargeBinary, nullable=True),  # days with how many chats of high risk
)

blocked_pair = Table(
    "blocked_pair",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("other", Id, ForeignKey("person.id"), nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),  # kind and words, for coordinators
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=True),
    Index("blocked_pair_person", "person"),
    Index("blocked_pair_other", "other"),
)

supervisor_call = Table(
    "supervisor_call",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("subject", String(80), nullable=False),  # a hand-off, or a desk where nobody is left
    Column("reason", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # open, acknowledged; gone once it is over
    Column("rung", Integer, nullable=False),  # the last rung that has come, -1 for none
    Column("began_at", Moment, nullable=False),
    Column("person", Id, nullable=True),  # who acknowledged it
    UniqueConstraint("subject", name="supervisor_call_once"),
    Index("supervisor_call_desk", "desk", "state"),
)

debrief = Table(
    "debrief",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    Index("debrief_person", "person"),
)

limit_override = Table(
    "limit_override",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("from_at", Moment, nullable=False),
    Column("until_at", Moment, nullable=False),
    Column("override_sealed", LargeBinary, nullable=False),  # which limit, by whom, why
    Index("limit_override_person", "person"),
)

cover_ask = Table(
    "cover_ask",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Index("cover_ask_person", "person"),
)
