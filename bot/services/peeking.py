"""Looking at open conversations without locking or changing them: what the console's pages are made of."""

import hashlib
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, select

from bot.model import Stage
from bot.services.house import House
from bot.services.opening import Opened, state_place
from bot.services.state import ConversationState
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.writes import Writes
from bot.vault.envelope import open_sealed
from bot.vault.errors import KeyGone
from bot.vault.vault import WrappedKey
from handoff.alias import ALIASES, SOURCE_LANGUAGE

_NAMES: Final = ALIASES[SOURCE_LANGUAGE]


def peek(connection: Connection, house: House, conversations: Iterable[str]) -> dict[str, Opened]:
    """The conversations as they stand; erased ones are left out. For reading only: keep none of them."""
    query = (
        select(t.conversation, t.data_key.c.epoch, t.data_key.c.wrapped)
        .join(t.data_key, t.data_key.c.id == t.conversation.c.data_key)
        .where(t.conversation.c.id.in_(list(conversations)), t.conversation.c.state_sealed.is_not(None))
    )
    found: dict[str, Opened] = {}
    for row in connection.execute(query):
        try:
            key = house.vault.unwrap(WrappedKey(row.data_key, row.epoch, row.wrapped))
        except KeyGone:
            continue
        found[row.id] = Opened(
            id=row.id, contact=row.contact, desk=row.desk, channel=row.channel, key=key,
            stage=Stage(row.stage), revision=row.revision,
            state=ConversationState.from_bytes(open_sealed(key, state_place(row.id), row.state_sealed)),
            new_until=row.new_until or 0, edit_until=row.edit_until or 0, next_sequence=row.next_sequence,
            view_sequence=row.view_sequence, version=row.version, opened_at=row.opened_at,
            last_act_at=row.last_act_at or 0, closed_at=row.closed_at,
        )  # fmt: skip
    return found


def peeked(connection: Connection, house: House, opened: Opened, now: int) -> Talk:
    """A peeked conversation for functions that ask questions of a Talk; nothing of it is written."""
    return Talk(connection, house, Writes(), opened, now)


def chat_name(handoff: str) -> str:
    """A neutral name by which people can speak of a chat without knowing whose it is: "Heron 47".

    The same for everyone and as long as the chat lasts; it is made of the random id alone (B-009, B-123).
    """
    lot = int.from_bytes(hashlib.sha256(handoff.encode()).digest()[:4])
    return f"{_NAMES[lot % len(_NAMES)]} {10 + lot // len(_NAMES) % 90}"
