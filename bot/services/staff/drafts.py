"""Words of a volunteer that were not sent because a locked screen would show what this is about (D-20)."""

from sqlalchemy import Connection, select, update

from bot.services.house import House
from bot.services.messenger.posts import PostPurpose, open_body, seal_body
from bot.services.staff.chats import Chat
from bot.store import staff_tables as s, tables as t
from bot.vault.envelope import DataKey
from bot.vault.vault import WrappedKey


def key_of(connection: Connection, house: House, handoff: str) -> DataKey | None:
    """The key of the conversation a chat belongs to; None when it is erased."""
    row = connection.execute(
        select(t.data_key.c.id, t.data_key.c.epoch, t.data_key.c.wrapped)
        .join(t.conversation, t.conversation.c.data_key == t.data_key.c.id)
        .join(t.handoff, t.handoff.c.conversation == t.conversation.c.id)
        .where(t.handoff.c.id == handoff)
    ).one_or_none()
    return None if row is None else house.vault.unwrap(WrappedKey(row.id, row.epoch, row.wrapped))


def take(connection: Connection, house: House, chat: Chat) -> str:
    """The latest unsent words of a chat, once; "" when there are none."""
    post, key = s.staff_post.c, key_of(connection, house, chat.handoff)
    if key is None:
        return ""
    rows = connection.execute(
        select(post.id, post.body_sealed)
        .where(
            post.chat == chat.id, post.purpose == PostPurpose.TOLD.value, post.data_key == key.id,
            post.body_sealed.is_not(None),
        )
        .order_by(post.sequence.desc())
    ).all()  # fmt: skip
    for row in rows:
        body = open_body(key, row.id, row.body_sealed)
        if body.draft:
            sealed = seal_body(key, row.id, type(body)(text=body.text))
            connection.execute(update(s.staff_post).where(post.id == row.id).values(body_sealed=sealed))
            return body.draft
    return ""
