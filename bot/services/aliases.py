"""Which open chat is meant by an alias or an id of the live queue. Closed ones have neither (B-061)."""

from sqlalchemy import Connection, select

from bot.model import Stage
from bot.services.house import House
from bot.services.opening import open_conversations
from bot.store import tables as t

_IS_OPEN = (t.conversation.c.stage != Stage.CLOSED.value) & t.conversation.c.data_key.is_not(None)


def is_open(connection: Connection, conversation: str) -> bool:
    """Whether a conversation of this id is open."""
    query = select(t.conversation.c.id).where(_IS_OPEN, t.conversation.c.id == conversation)
    return connection.execute(query).first() is not None


def contact_named(connection: Connection, house: House, alias: str) -> tuple[str, ...]:
    """Contacts whose open chat has this alias; letter case does not matter."""
    ids = connection.execute(select(t.conversation.c.id).where(_IS_OPEN)).scalars().all()
    wanted = alias.strip().casefold()
    found = {
        opened.contact
        for opened in open_conversations(connection, house, ids).values()
        if opened.contact is not None and opened.state.alias.casefold() == wanted
    }
    return tuple(sorted(found)) if wanted else ()
