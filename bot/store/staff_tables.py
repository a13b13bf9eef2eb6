"""Tables of the volunteers' messengers: linked addresses, open chats there, what is posted (design §5).

Same rules as in `bot.store.tables`: what is sealed is named so; words of hers lie under the key of her
conversation and go with it. Rows of a chat go when its last message has been taken from the messenger.
"""

from sqlalchemy import (
    BigInteger,
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

staff_address = Table(
    "staff_address",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address_index", LargeBinary, nullable=False),  # blind index under the organisation's key
    Column("address_sealed", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),  # linked, blocked (she blocked the bot), unlinked
    Column("linked_at", Moment, nullable=False),  # rounded to the hour
    UniqueConstraint("channel", "address_index", name="staff_address_once"),
    Index("staff_address_person", "person"),
)

staff_code = Table(
    "staff_code",
    metadata,
    Column("code_index", LargeBinary, primary_key=True),  # blind index of a one-time code
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
)

staff_try = Table(
    "staff_try",
    metadata,
    Column("channel", String(16), nullable=False),
    Column("address_index", LargeBinary, nullable=False),  # who tried a wrong code
    Column("tries", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    PrimaryKeyConstraint("channel", "address_index"),
)

staff_chat = Table(
    "staff_chat",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handoff", Id, nullable=False),
    Column("claim_version", Integer, nullable=False),  # a later claim is another chat (PR8)
    Column("address", Id, ForeignKey("staff_address.id"), nullable=False),
    Column("state", String(16), nullable=False),  # open, ending
    Column("mode", String(8), nullable=False),  # opening, place, reply
    Column("place_sealed", LargeBinary, nullable=True),  # the network's id of its topic or room
    Column("seen_version", Integer, nullable=False),  # of the conversation, as it stands on her screen
    UniqueConstraint("handoff", "claim_version", "address", name="staff_chat_once"),
    Index("staff_chat_address", "address", "state"),
)

staff_post = Table(
    "staff_post",
    metadata,
    Column(
        "sequence", Integer().with_variant(BigInteger, "postgresql"), primary_key=True, autoincrement=True
    ),
    Column("id", Id, nullable=False, unique=True),
    Column("address", Id, ForeignKey("staff_address.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("chat", Id, nullable=True),  # staff_chat, null for what belongs to no chat
    Column("kind", String(8), nullable=False),  # new, edit, delete, open, close; theirs: her own message
    Column("purpose", String(16), nullable=False),
    Column("subject", String(80), nullable=False),  # what it tells of: an offer, a line, an outbox entry
    Column("state", String(16), nullable=False),
    Column("sounding", Boolean, nullable=False),
    Column("not_after", Moment, nullable=True),
    Column("due_at", Moment, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("data_key", Id, nullable=True),  # key of her conversation; null: the organisation's
    Column("body_sealed", LargeBinary, nullable=True),
    Column("remote_sealed", LargeBinary, nullable=True),  # the network's id, under the organisation's key
    UniqueConstraint("address", "purpose", "subject", name="staff_post_once"),
    Index("staff_post_due", "channel", "state", "due_at"),
    Index("staff_post_chat", "chat"),
)
