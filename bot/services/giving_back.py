"""Whoever is shut out, or has no browser left, gives her chats back: nobody talks to an empty chair (PR9).

The commit that takes the volunteer away leaves a deadline that is due at once; the due loop, which has the
published words, returns the chat to the head of the queue with an honest line (`deadlines`).
"""

from sqlalchemy import Connection, select, update

from bot.model import ChatState, DueKind
from bot.services.house import House
from bot.services.presence import CONSOLE_IDLE, MICROSECOND
from bot.store import staff_tables as s, tables as t
from bot.store.writes import Writes
from handoff.model import HandoffState


def give_back(connection: Connection, person: str) -> int:
    """Have every chat this person holds returned to the queue; returns how many."""
    chat, due = t.handoff.c, t.due.c
    asked = select(due.id).where(due.kind == DueKind.HOLDER_GONE.value, due.subject == chat.conversation)
    rows = connection.execute(
        select(chat.id, chat.conversation, chat.queued_at).where(
            chat.person == person, chat.state == HandoffState.ACTIVE.value, ~asked.exists()
        )
    ).all()
    writes = Writes()
    for row in rows:
        # No commands need a clock for this: a moment that is past is due now.
        writes.set_due(row.id, DueKind.HOLDER_GONE.value, row.conversation, row.queued_at)
    writes.flush(connection)
    return len(rows)


def give_back_of_the_gone(connection: Connection, house: House, now: int) -> int:
    """Chats of people who are shut out, or whose every browser has locked itself; returns how many chats.

    Who never had a browser here is not judged by it, nor who talks on a messenger.
    """
    chat, visit, person = t.handoff.c, t.console_visit.c, t.person.c
    holders = select(chat.person).where(chat.state == HandoffState.ACTIVE.value, chat.person.is_not(None))
    visits = connection.execute(
        select(visit.person, visit.seen_at, visit.expires_at).where(visit.person.in_(holders))
    ).all()
    idle = 0 if house.mode == "demo" else CONSOLE_IDLE // MICROSECOND
    here = {row.person for row in visits if row.expires_at > now and (not idle or row.seen_at + idle > now)}
    chats = select(s.staff_address.c.person).join(
        s.staff_chat, s.staff_chat.c.address == s.staff_address.c.id
    )
    here |= set(connection.execute(chats.where(s.staff_chat.c.state == ChatState.OPEN.value)).scalars())
    gone = {row.person for row in visits} - here
    shut_out = select(person.id).where(person.id.in_(holders), person.state.in_(("suspended", "left")))
    gone |= set(connection.execute(shut_out).scalars())
    if gone:
        connection.execute(update(t.person).where(person.id.in_(gone)).values(present=False))
    return sum(give_back(connection, one) for one in sorted(gone))
