"""All tables on one page, SQLAlchemy Core (design §6, PR6).

Columns named `sealed` or `…_sealed` hold envelopes of `bot.vault` and nothing else. In clear stand only
random ids, channel, desk, queue state and urgency while open, and due times. Times are UTC, stored as
integer microseconds since 1970, so that SQLite and PostgreSQL agree to the bit (`bot.store.moments`).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

Id = String(32)
Moment = BigInteger

desk = Table(
    "desk", metadata, Column("id", String(64), primary_key=True), Column("created_at", Moment, nullable=False)
)

# --- keys -----------------------------------------------------------------------------------------------
# A data key seals one conversation or one contact record; deleting the row and turning the epoch shreds it.
data_key = Table(
    "data_key",
    metadata,
    Column("id", Id, primary_key=True),
    Column("epoch", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Index("data_key_epoch", "epoch"),
)

# What the key ring has held. A ring that lacks an epoch not yet retired belongs to another database.
epoch = Table(
    "epoch",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("begun_at", Moment, nullable=False),
    Column(
        "retired_at", Moment, nullable=True
    ),  # from then on no key is wrapped by it, and the ring drops it
)

# --- her side -------------------------------------------------------------------------------------------
contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("data_key", Id, ForeignKey("data_key.id"), nullable=False),
    Column("index_key", String(16), nullable=False),  # id of the week's index key
    Column("address_index", LargeBinary, nullable=False),  # blind index of the address
    Column("address_sealed", LargeBinary, nullable=False),
    Column(
        "record_sealed", LargeBinary, nullable=False
    ),  # phrase hash, failures, answers, ping, held replies
    Column("locked", Boolean, nullable=False),  # True: only her phrase opens it; intake makes a new one
    Column("created_at", Moment, nullable=False),  # rounded to the hour
    Column("expires_at", Moment, nullable=False),  # rounded up to the hour
    Index("contact_address", "address_index"),
    Index("contact_expires", "expires_at"),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contact", Id, nullable=True),  # null once closed
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("data_key", Id, nullable=True),  # null once erased
    Column("stage", String(16), nullable=False),
    Column("revision", Integer, nullable=True),  # script_revision.id it began with (PR10)
    Column("state_sealed", LargeBinary, nullable=True),  # run, presence, quiet mode, signals, handoff facts
    Column("new_until", Moment, nullable=True),  # a new message may be sent until then (PR4)
    Column("edit_until", Moment, nullable=True),  # a silent edit may be sent until then
    Column("next_sequence", BigInteger, nullable=False),  # begins at the moment it was opened: see newcomers
    Column("view_sequence", BigInteger, nullable=False),  # entries below belong to a page that is gone
    Column("version", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),  # rounded to the hour at close
    Column("last_act_at", Moment, nullable=True),  # null once closed
    Column("closed_at", Moment, nullable=True),  # rounded to the hour
    Column("holder", Id, nullable=True),  # the member that has her page; null where one serves alone
    Index("conversation_contact", "contact"),
    Index("conversation_stage", "stage"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer().with_variant(BigInteger, "postgresql"), primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("external_index", LargeBinary, nullable=False),  # blind index of the channel's external id (PR2)
    Column("conversation", Id, nullable=True),  # null once erased: the row stays to refuse repeats
    Column("state", String(16), nullable=False),
    Column("urgent", Boolean, nullable=False),  # `help now`: taken ahead of her earlier acts (PR5)
    Column("received_at", Moment, nullable=False),  # rounded to the hour once erased
    Column("body_sealed", LargeBinary, nullable=True),
    UniqueConstraint("channel", "external_index", name="inbox_once"),
    Index("inbox_new", "state", "id"),
    Index("inbox_conversation", "conversation", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation", Id, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("sequence", BigInteger, nullable=False),  # order within the conversation (PR3)
    Column("kind", String(8), nullable=False),  # new, edit, delete
    Column("purpose", String(16), nullable=False),  # answer, news, relay, cover, deletion
    Column("state", String(16), nullable=False),
    Column("not_after", Moment, nullable=True),  # null only for purpose deletion
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claim_version", Integer, nullable=True),  # relay: the claim it was written under (PR8)
    Column("person", Id, nullable=True),  # relay: who wrote it
    Column("body_sealed", LargeBinary, nullable=True),  # text, choices, speaker, target
    Column("remote_sealed", LargeBinary, nullable=True),  # the network's id of the message
    UniqueConstraint("conversation", "sequence", name="outbox_order"),
    Index("outbox_due", "state", "due_at"),
)

# --- hand-off -------------------------------------------------------------------------------------------
handoff = Table(
    "handoff",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation", Id, nullable=False),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("urgency", String(2), nullable=True),  # null once closed
    Column("queued_at", Moment, nullable=False),  # rounded to the hour at close
    Column("claim_version", Integer, nullable=False),
    Column("person", Id, nullable=True),  # who has it
    Column("facts_sealed", LargeBinary, nullable=True),  # need, language, country, reasons, shares, policy
    Column("front", Boolean, nullable=False),  # passed on or taken back: ahead of its urgency
    Column("guest", Id, nullable=True),  # supervisor who has joined, under the claim below and no other
    Column("guest_version", Integer, nullable=True),
    Column("resumed_by", Id, nullable=True),  # she came back to this held place: the hand-off she waits in
    Column("crowded", Boolean, nullable=True),  # a flagged web page beyond their ceiling (`handoff.queue`)
    Index("handoff_conversation", "conversation"),
    Index("handoff_state", "state", "desk"),
)

offer = Table(
    "offer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handoff", Id, ForeignKey("handoff.id"), nullable=False),
    Column("person", Id, nullable=False),
    Column("state", String(16), nullable=False),
    Column("offered_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("why_sealed", LargeBinary, nullable=True),  # the ranking, under the conversation's key
    Index("offer_handoff", "handoff"),
    Index("offer_person", "person", "state"),
)

note = Table(
    "note",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation", Id, nullable=False),
    Column("person", Id, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column(
        "body_sealed", LargeBinary, nullable=False
    ),  # at most 280 characters, under the conversation's key
    Index("note_conversation", "conversation"),
)

due = Table(
    "due",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("subject", String(80), nullable=False),  # id of the conversation, hand-off, offer, contact, …
    Column("at", Moment, nullable=False),
    Column("version", Integer, nullable=False),  # subject's version it was set for; stale ones do nothing
    UniqueConstraint("kind", "subject", name="due_once"),
    Index("due_at", "at"),
)

# --- people ---------------------------------------------------------------------------------------------
person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alias_index", LargeBinary, nullable=False, unique=True),  # blind index of the casefolded alias
    Column(
        "profile_sealed", LargeBinary, nullable=False
    ),  # alias, languages, skills, password hash, TOTP secret
    Column("state", String(16), nullable=False),  # invited, active, suspended, left
    Column("present", Boolean, nullable=False),  # ready to take chats
    Column("created_at", Moment, nullable=False),
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("granted_at", Moment, nullable=False),
    PrimaryKeyConstraint("person", "role", "desk"),
)

permission = Table(
    "permission",
    metadata,
    Column("role", String(16), nullable=False),
    Column("action", String(16), nullable=False),  # view, edit, comment, close, take, join, sign, …
    Column("object", String(16), nullable=False),  # live_chat, note, queue, script, resource, rota, person, …
    PrimaryKeyConstraint("role", "action", "object"),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),  # one-time link
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
)

console_visit = Table(
    "console_visit",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),  # a signed-in browser
    Column("person", Id, ForeignKey("person.id"), nullable=False),
    Column("form_key_sealed", LargeBinary, nullable=False),  # CSRF secret
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

# --- published documents ----------------------------------------------------------------------------------
script_revision = Table(
    "script_revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("script", String(64), nullable=False),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("state", String(16), nullable=False),  # draft, revised, published, replaced, recalled, …
    Column("digest", String(64), nullable=False),  # SHA-256 of the canonical document
    Column("document_sealed", LargeBinary, nullable=False),
    Column("origin_sealed", LargeBinary, nullable=True),  # who made it, from which revision, over which
    Column("created_at", Moment, nullable=False),
    Column("published_at", Moment, nullable=True),  # when it last became the live one
    Index("script_revision_live", "desk", "state"),
    Index(
        "script_revision_one_live",
        "desk",
        unique=True,
        sqlite_where=text("state = 'published'"),
        postgresql_where=text("state = 'published'"),
    ),
)

signature = Table(
    "signature",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", String(80), nullable=False),  # "script.12", "texts.ro", "words.ro"
    Column("statement_sealed", LargeBinary, nullable=False),  # who signed which content, as what, when
    Index("signature_subject", "subject"),
)

resource = Table(
    "resource",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("desk", String(64), ForeignKey("desk.id"), nullable=False),
    Column("country", String(2), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("body", Text, nullable=False),  # public facts, JSON
    Column("verified_on", String(10), nullable=True),
    Column("verified_by", Id, nullable=True),
    Column("valid_until", String(10), nullable=True),
    Column("withdrawn_at", Moment, nullable=True),
    Index("resource_place", "country", "kind"),
)

rota = Table(
    "rota",
    metadata,
    Column("desk", String(64), ForeignKey("desk.id"), primary_key=True),
    Column("document_sealed", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("imported_at", Moment, nullable=False),
    Column("since", Moment, nullable=True),  # in force from then on; null: always
    Column("clocks_sealed", LargeBinary, nullable=True),  # zone data it was planned by
)

# --- several members on one PostgreSQL (empty on SQLite) ---------------------------------------------------
member = Table(
    "member",
    metadata,
    Column("id", Id, primary_key=True),
    Column("beats", BigInteger, nullable=False),  # rises while it lives
    Column("since", Moment, nullable=False),
    Column(
        "witness", String(64), nullable=False
    ),  # lies in its key ring's folder as well, until it is admitted
    Column("admitted", Boolean, nullable=False),
)

lead = Table(
    "lead",
    metadata,
    Column("name", String(32), primary_key=True),  # "house", or "channel <name>"
    Column("member", Id, nullable=True),  # who has it
    Column("term", BigInteger, nullable=False),  # rises each time it changes hands: the fence
)

# --- housekeeping -----------------------------------------------------------------------------------------
cursor = Table(
    "cursor",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("value_sealed", LargeBinary, nullable=False),
)

# What a channel must remember itself. `owner_index` is a blind index of the address a row is about, under a
# key of the week as in `contact`; rows of one owner and life share a data key, null for the organisation's.
own_row = Table(
    "own_row",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("lives", String(8), nullable=False),
    Column("owner_index", LargeBinary, nullable=True),
    Column("data_key", Id, nullable=True),
    Column("body_sealed", LargeBinary, nullable=False),
    Index("own_row_owner", "owner_index"),
    Index("own_row_key", "data_key"),
)

counter = Table(
    "counter",
    metadata,
    Column("desk", String(64), nullable=False),
    Column("month", String(7), nullable=False),
    Column("name", String(64), nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("desk", "month", "name"),
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("entry_sealed", LargeBinary, nullable=False),  # staff id, verb, object id, codes
    Column("chain", LargeBinary, nullable=False),  # SHA-256 over the previous chain value and this ciphertext
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

request = Table(
    "request",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),  # rotate, destroy, erase
    Column("subject", String(80), nullable=False),
    Column("state", String(16), nullable=False),  # asked, done, refused
    Column("asked_at", Moment, nullable=False),
)
