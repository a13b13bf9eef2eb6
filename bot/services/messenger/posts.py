"""What is posted to a volunteer's messenger: rows that are written, claimed, sent and taken away again."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, insert, update

from bot.services.house import House
from bot.store import staff_tables as s
from bot.vault.envelope import DataKey, Place, open_sealed, seal
from channels.message import DeliveryState, OutboundKind

UNSENT: Final = (DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value)
BUSY: Final = (*UNSENT, DeliveryState.SENDING.value)


class PostPurpose(StrEnum):
    """Why something is posted."""

    OFFER = "offer"  # somebody waits: rings; goes when the offer ends
    CALL = "call"  # an answer is owed, or a supervisor is called: rings
    NOTICE = "notice"  # something about shifts: makes no sound, and stays for a day
    PLACE = "place"  # makes or removes a topic or room
    HEAD = "head"  # what is known of a chat, with its commands
    LINE = "line"  # what she wrote, or what the guide told her
    DELIVERY = "delivery"  # words of the volunteer that did not reach her, or not yet
    TOLD = "told"  # the answer to something the volunteer did
    THEIRS = "theirs"  # a message of the volunteer's own, kept to be removed with the chat
    REMOVAL = "removal"


THEIRS: Final = "theirs"
"""Kind of a row that stands for a message of the volunteer's own; never sent."""


@dataclass(frozen=True, slots=True)
class PostBody:
    """What is sealed in a row.

    Attributes:
        text: words.
        choices: [token, label, digit].
        target: id of the row an edit or removal means; `target_remote` the network's id where it is known.
        reply_to: remote id of the message this answers.
        asks_reply: the client should answer this message.
        link: [label, URL] of a button, empty for none.
        protect: no forwarding, where the network can: words of hers.
        draft: words of the volunteer that were not sent, for "send anyway".
        picks: what the places of a list stand for, in its order.
    """

    text: str = ""
    choices: list[list[str]] = field(default_factory=list[list[str]])
    target: str | None = None
    target_remote: str | None = None
    reply_to: str | None = None
    asks_reply: bool = False
    link: list[str] = field(default_factory=list[str])
    protect: bool = False
    draft: str = ""
    picks: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Where:
    """Where something is posted: the linked address, its channel, and the chat it belongs to."""

    address: str
    channel: str
    chat: str | None = None


def body_place(post: str) -> Place:
    """Where a row's body is sealed."""
    return Place("staff_post", "body_sealed", post)


def remote_place(post: str) -> Place:
    """Where the network's id of a row is sealed."""
    return Place("staff_post", "remote_sealed", post)


def seal_remote(house: House, post: str, remote: str) -> bytes:
    """The network's id of a message, for the row of `post`."""
    return seal(house.vault.organisation, remote_place(post), remote.encode())


def open_remote(house: House, row: Row[*tuple[Any, ...]]) -> str:
    """The network's id of a posted row, which must have one."""
    return open_sealed(house.vault.organisation, remote_place(row.id), row.remote_sealed).decode()


def open_body(key: DataKey, post: str, sealed: bytes) -> PostBody:
    """The inverse of what `post` seals."""
    return PostBody(**orjson.loads(open_sealed(key, body_place(post), sealed)))


def seal_body(key: DataKey, post: str, body: PostBody) -> bytes:
    """A body for the row of `post`."""
    return seal(key, body_place(post), orjson.dumps(body))


@dataclass(frozen=True, slots=True)
class Post:
    """One row to be written.

    Attributes:
        where: address and chat.
        purpose: why.
        body: what.
        subject: what it tells of; one row for each purpose and subject of an address, "" for the row itself.
        kind: new, edit, delete, open or close.
        key: of her conversation, for words of hers; None for the organisation's.
        sounding: it may ring.
        not_after: microseconds; later it is dropped instead of sent.
    """

    where: Where
    purpose: PostPurpose
    body: PostBody
    subject: str = ""
    kind: OutboundKind = OutboundKind.NEW
    key: DataKey | None = None
    sounding: bool = False
    not_after: int | None = None


def post(connection: Connection, house: House, what: Post, now: int) -> str:
    """Write one row and return its id."""
    identifier, key = house.identifiers.new_id(), what.key
    connection.execute(
        insert(s.staff_post).values(
            _row(what.where, what.purpose, what.subject or identifier, now)
            | {
                "id": identifier,
                "kind": what.kind.value,
                "state": DeliveryState.PENDING.value,
                "sounding": what.sounding,
                "not_after": what.not_after,
                "data_key": key.id if key else None,
                "body_sealed": seal_body(key or house.vault.organisation, identifier, what.body),
            }
        )
    )
    return identifier


def note_theirs(connection: Connection, house: House, where: Where, remote: str, now: int) -> None:
    """Keep the network's id of a volunteer's own message, so that it can be removed with the chat."""
    identifier = house.identifiers.new_id()
    connection.execute(
        insert(s.staff_post).values(
            _row(where, PostPurpose.THEIRS, identifier, now)
            | {
                "id": identifier,
                "kind": THEIRS,
                "state": DeliveryState.SENT.value,
                "sounding": False,
                "remote_sealed": seal_remote(house, identifier, remote),
            }
        )
    )


def take_away(connection: Connection, house: House, row: Row[*tuple[Any, ...]], now: int) -> None:
    """Remove a posted message from the messenger, or keep it from being sent; the row says no more of it.

    A message on its way right now keeps its row as it is: ask again once its receipt is there.
    """
    if row.state == DeliveryState.SENDING.value:
        return
    if row.remote_sealed is not None:
        where = Where(row.address, row.channel, row.chat)
        body = PostBody(target_remote=open_remote(house, row))
        post(connection, house, Post(where, PostPurpose.REMOVAL, body, kind=OutboundKind.DELETE), now)
    connection.execute(
        update(s.staff_post)
        .where(s.staff_post.c.id == row.id)
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None, remote_sealed=None)
    )


def _row(where: Where, purpose: PostPurpose, subject: str, now: int) -> dict[str, Any]:
    return {
        "address": where.address,
        "channel": where.channel,
        "chat": where.chat,
        "purpose": purpose.value,
        "subject": subject,
        "due_at": now,
        "posted_at": now,
        "attempts": 0,
    }
