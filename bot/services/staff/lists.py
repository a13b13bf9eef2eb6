"""Lists shown on a messenger: which one a typed number means, and what a place of one stands for.

A number always means the list shown last; a tap always means the list it stands on, however old.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.services.house import House
from bot.services.messenger.posts import PostBody, PostPurpose, open_body, take_away
from bot.services.staff.chats import Chat, chat_of, open_rows
from bot.services.staff.drafts import key_of
from bot.store import staff_tables as s
from channels.message import OutboundKind
from handoff.commands import PLACES

_LISTS = (
    PostPurpose.TOLD.value,
    PostPurpose.HEAD.value,
    PostPurpose.OFFER.value,
    PostPurpose.CALL.value,
    PostPurpose.NOTICE.value,
)


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked, and the chat whose list it stood on."""

    chat: Chat
    value: str


def numbered(connection: Connection, house: House, address: str, chat: Chat | None, digit: str) -> str | None:
    """The token a typed number stands for in the list shown last here; None where it stands for nothing."""
    row = s.staff_post.c
    here = row.chat == chat.id if chat is not None else row.chat.is_(None)
    rows = connection.execute(
        select(row.id, row.data_key, row.body_sealed)
        .where(
            row.address == address,
            here,
            row.purpose.in_(_LISTS),
            row.kind == OutboundKind.NEW.value,
            row.body_sealed.is_not(None),
        )
        .order_by(row.sequence.desc())
    )
    for found in rows:
        body = _opened(connection, house, found.id, found.data_key, found.body_sealed, chat)
        if body is not None and body.choices:
            return next((token for token, _, place in body.choices if place == digit), None)
    return None


def picked(connection: Connection, house: House, address: str, name: str, place: str) -> Picked | None:
    """What a place of the list called `name` stands for, while its chat is open here."""
    row = s.staff_post.c
    post = connection.execute(
        select(row.id, row.chat, row.data_key, row.body_sealed).where(
            row.address == address,
            row.purpose == PostPurpose.TOLD.value,
            row.subject == name,
            row.body_sealed.is_not(None),
        )
    ).one_or_none()
    chats = {found.id: chat_of(found) for found in open_rows(connection, address)} if post else {}
    if post is None or post.chat not in chats:
        return None
    chat = chats[post.chat]
    body = _opened(connection, house, post.id, post.data_key, post.body_sealed, chat)
    number = PLACES.find(place) if place else -1
    if body is None or not 0 <= number < len(body.picks):
        return None
    return Picked(chat, body.picks[number])


def picked_value(connection: Connection, house: House, address: str, name: str, place: str) -> str | None:
    """What a place of a list stands for that belongs to no chat; None for a list that is gone."""
    row = s.staff_post.c
    post = connection.execute(
        select(row.id, row.body_sealed).where(
            row.address == address,
            row.chat.is_(None),
            row.purpose == PostPurpose.TOLD.value,
            row.subject == name,
            row.data_key.is_(None),
            row.body_sealed.is_not(None),
        )
    ).one_or_none()
    if post is None:
        return None
    body = open_body(house.vault.organisation, post.id, post.body_sealed)
    number = PLACES.find(place) if place else -1
    return body.picks[number] if 0 <= number < len(body.picks) else None


def remove_what_she_wrote(connection: Connection, house: House, address: str, now: int) -> None:
    """Her newest line here goes from the messenger at once: it held a secret of hers."""
    row = s.staff_post.c
    newest = connection.execute(
        select(s.staff_post)
        .where(
            row.address == address, row.purpose == PostPurpose.THEIRS.value, row.remote_sealed.is_not(None)
        )
        .order_by(row.sequence.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None:
        take_away(connection, house, newest, now)


def _opened(
    connection: Connection, house: House, post: str, data_key: str | None, sealed: bytes, chat: Chat | None
) -> PostBody | None:
    key = house.vault.organisation
    if data_key is not None:
        own = key_of(connection, house, chat.handoff) if chat is not None else None
        if own is None or own.id != data_key:
            return None
        key = own
    return open_body(key, post, sealed)
