"""Erasing what an operator or a coordinator names: a conversation by id, a contact by its alias."""

from sqlalchemy import Connection, select

from bot.services import hiding
from bot.services.house import House
from bot.services.opening import address_of, open_conversation
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.writes import Writes


def erase_asked(connection: Connection, house: House, subject: str, now: int) -> Writes:
    """Erase as `stop` does. `subject` is "conversation:<id>" or "contact:<id>"; unknown ids do nothing.

    Ids come from the live queue only; there is no search (B-061).
    """
    writes = Writes()
    kind, _, identifier = subject.partition(":")
    conversations = [identifier]
    if kind == "contact":
        query = select(t.conversation.c.id).where(t.conversation.c.contact == identifier)
        conversations = list(connection.execute(query).scalars())
    for conversation in conversations:
        opened = open_conversation(connection, house, conversation)
        if opened is not None and address_of(connection, house, opened) is not None:
            hiding.hide(Talk(connection, house, writes, opened, now), erase_contact=True)
    writes.flush(connection)
    return writes
