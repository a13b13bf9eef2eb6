"""What travels through a channel, as plain frozen values (design §3, §4).

Nothing here knows a network. Handles, external ids and remote ids are opaque strings: only the
adapter that made one may parse it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """Where a contact can be answered: a channel's name and an opaque handle."""

    channel: str
    handle: str


class InboundKind(StrEnum):
    """What she did."""

    TEXT = "text"
    CHOICE = "choice"  # she tapped a choice; `choice` holds its token
    EDIT = "edit"  # she edited an earlier message; `refers_to` names it by external id
    DELETE = "delete"  # she deleted an earlier message; `refers_to` names it
    MEDIA = "media"  # a photo, voice, sticker, file, contact card or location: never fetched
    ARRIVED = "arrived"  # a page or chat was opened afresh: what was shown before is gone
    ASIDE = "aside"  # the channel itself has something to say in answer to her act; `choice` is an `Aside`


class Aside(StrEnum):
    """What a channel can ask the guide to say for it: neutral words, in answer to an act of hers.

    The guide's word is `word.<value>`. The first three say nothing about who acted; the last two answer an
    act of hers that was meant for the channel, and count as one.
    """

    UNREADABLE = "unreadable"  # something of hers came that could not be opened
    NEW_DEVICE = "new_device"  # one more device can read along: nothing else is sent until she has answered
    ROOM_OFFER = "room_offer"  # here her words cannot be taken back: the channel can make a better place
    GOING_ON = "going_on"  # she answered: what was held back is sent
    ROOM_MADE = "room_made"  # she asked for the better place: it is there


HER_OWN_ACTS = frozenset({Aside.GOING_ON, Aside.ROOM_MADE})


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One act of hers that must not be lost (PR1).

    Attributes:
        external_id: unique within the channel; the same act delivered twice carries the same id.
        address: who did it.
        kind: what she did.
        text: her words, exactly as typed, or "" when the kind carries none. At most
            `Capabilities.max_inbound` characters; the adapter refuses longer ones kindly.
        choice: the token of the tapped choice, the `Aside` of an aside, else None.
        refers_to: external id of the message edited or deleted, else None.
        remote_id: the network's own id of this message, kept sealed so that it can be deleted.
        language: the client's language tag if the network tells it, used for global words only.
        sent_at: the network's own time of the act, aware, if it tells one.
        place: the topic or room it was written in, where the channel has several (staff channels only).
        reply_to: remote id of the message it answers, where the network tells one.
    """

    external_id: str
    address: Address
    kind: InboundKind
    text: str = ""
    choice: str | None = None
    refers_to: str | None = None
    remote_id: str | None = None
    language: str | None = None
    sent_at: datetime | None = None
    place: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """The chat is open before her eyes; counts as her act, says nothing (design §4).

    Not stored, may be lost.
    """

    address: Address


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The same page came back after a break: messages after `after` were not seen by it.

    `after` is the highest `OutboundMessage.sequence` the page holds; 0 for none.
    """

    address: Address
    after: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The network confirms that entry `entry_id` reached her screen."""

    address: Address
    entry_id: str


@dataclass(frozen=True, slots=True)
class Left:
    """She left for good by the exit. `hide` semantics without her typing it."""

    address: Address
    external_id: str


class Lives(StrEnum):
    """How long a channel's own row lives, and so under which key it lies."""

    LINE = "line"  # as long as the organisation: under its key, so it lies in backups
    KEYS = "keys"  # the channel's own secrets: under a key that no backup holds
    CONTACT = "contact"  # until the contact record of its owner is erased
    TALK = "talk"  # until the conversation of its owner is erased


@dataclass(frozen=True, slots=True)
class OwnRow:
    """Something a channel must remember itself; the host seals it and never looks inside (PR6).

    Attributes:
        id: made by the channel, random; writing the same id again replaces the row.
        lives: see `Lives`.
        owner: handle of the address it is about; "" for LINE and KEYS. Rows are erased with her.
        body: what is remembered; None takes the row away.
    """

    id: str
    lives: Lives
    owner: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll, webhook call or socket drain brought, and the cursor that follows it.

    The sink stores everything in one transaction, cursor included, and returns only after the
    commit; only then may the adapter acknowledge (PR1).
    """

    channel: str
    messages: tuple[InboundMessage, ...] = ()
    presences: tuple[Presence, ...] = ()
    reconnections: tuple[Reconnected, ...] = ()
    seen: tuple[Seen, ...] = ()
    left: tuple[Left, ...] = ()
    cursor: str | None = None
    poison: int = 0  # updates that could not be translated; counted, never blocking
    own_rows: tuple[OwnRow, ...] = ()  # written in the same transaction as the messages


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer she can tap.

    `token` comes back in `InboundMessage.choice`; at most 60 bytes. `digit` is what she can type instead;
    "" means its place in the list, counted from 1.
    """

    token: str
    label: str
    digit: str = ""


class OutboundKind(StrEnum):
    """How a message reaches her screen."""

    NEW = "new"  # a new message: can light a screen
    EDIT = "edit"  # replaces the text and choices of an earlier message, silently
    DELETE = "delete"  # removes an earlier message, ours or hers
    LEAVE = "leave"  # after hide: the chat itself is emptied, left and forgotten, where it is a place
    OPEN = "open"  # staff channels: makes a topic or room of its own; the receipt's remote id names it
    CLOSE = "close"  # staff channels: empties and removes the topic or room in `place`


class Speaker(StrEnum):
    """Who speaks, so that a page can say so (B-007)."""

    GUIDE = "guide"  # the automatic guide
    PERSON = "person"  # a volunteer, by alias
    HER = "her"  # only as the target of DELETE: the message was hers


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to her.

    Attributes:
        entry_id: the outbox entry's id; a channel that can dedupe uses it as transaction id (PR2).
        address: to whom.
        kind: new, edit or delete.
        sequence: rises per conversation; a page shows entries in this order, each once.
        text: plain text, already within the limits of the content rules.
        choices: in order; rendered as buttons or numbered lines by capability.
        speaker: who speaks.
        speaker_name: the alias shown with a person's words, "" for the guide.
        language: BCP 47 tag of the text.
        target: for EDIT and DELETE the entry id (ours) or external id (hers) of the message meant.
        target_remote_id: the network's id of that message, if one was ever told.
        silent: no sound, where the network can.
        protect: no forwarding or saving, where the network can (relayed talk only).
        not_after: end of her window, aware; an adapter that keeps the message for a page to fetch does not
            show it later (PR4). None for deletions.
        aside: the channel asked the guide to say it: it may pass where the channel holds back the rest.
        aloud: she has answered the safe check: a screen reader may read it out by itself, where the channel
            can tell one to.
        tried_before: an earlier attempt may have succeeded without our learning of it.
        written_at: when the entry was written, aware; None for what is repeated only within minutes.
        place: the topic or room it goes to, None for the one chat every address has.
        reply_to: remote id of the message it answers, where the network can show that.
        asks_reply: the client should answer this very message, where the network can ask for it.
        link: (label, URL) of one button that opens a page, where the network has such buttons.
    """

    entry_id: str
    address: Address
    kind: OutboundKind
    sequence: int
    text: str = ""
    choices: tuple[Choice, ...] = ()
    speaker: Speaker = Speaker.GUIDE
    speaker_name: str = ""
    language: str = "en"
    target: str | None = None
    target_remote_id: str | None = None
    silent: bool = True
    protect: bool = False
    not_after: datetime | None = None
    aside: bool = False
    aloud: bool = False
    tried_before: bool = False
    written_at: datetime | None = None
    place: str | None = None
    reply_to: str | None = None
    asks_reply: bool = False
    link: tuple[str, str] | None = None


class DeliveryState(StrEnum):
    """Where an outbox entry stands."""

    PENDING = "pending"  # written, not yet claimed
    SENDING = "sending"  # claimed; the wire may or may not have it
    SENT = "sent"  # the network took it
    DELIVERED = "delivered"  # it reached her screen
    HELD = "held"  # outside her presence window; only her next act releases it (PR4)
    UNKNOWN = "unknown"  # the network did not say whether it took it
    FAILED_FOR_NOW = "failed_for_now"  # to be tried again inside the window
    FAILED_FOR_GOOD = "failed_for_good"  # she blocked us, or the network refuses for good
    CANCELLED = "cancelled"  # withdrawn by hide or stop before it was sent


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a send. Delivery failure is data, never an exception.

    `state` is one of SENT, DELIVERED, UNKNOWN, FAILED_FOR_NOW, FAILED_FOR_GOOD.
    `reason` is a code for metrics and the volunteer: "ok", "blocked", "gone", "not_connected",
    "rate_limited", "refused", "network", "timeout", "window", "no_places", "paused", "no_keys".
    """

    state: DeliveryState
    reason: str = "ok"
    remote_id: str | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one channel can do; the port's table, read by rendering and by the services.

    `encryption`: "transport" or "end-to-end"; what her notice says depends on it (B-005).
    """

    buttons: bool
    edits: bool
    deletes_ours: bool
    deletes_hers: bool
    delete_within: timedelta | None  # None: no limit
    confirms_delivery: bool  # sends Seen
    replays: bool  # idempotent by entry id and sequence: resending is safe (PR2)
    tells_presence: bool  # sends Presence
    silent: bool
    protects: bool
    encryption: str
    max_text: int  # characters in one outbound message
    max_label: int  # characters on one button
    max_choices: int
    wipes: bool = False  # `forget` takes every line, hers and ours, from her screen
    max_inbound: int = 16_000  # characters of hers taken whole
    leaves: bool = False  # a chat is a place that is left after hide: LEAVE follows the deletions
    places: bool = False  # makes topics or rooms (OPEN, CLOSE); what it refuses is told as "no_places"
    many_listen: bool = False  # several processes may listen at once, each to its own pages
    notes: Mapping[str, str] = field(default_factory=dict[str, str])
