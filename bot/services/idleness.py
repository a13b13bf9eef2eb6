"""Nobody is there any more: the conversation ends, her record and her address stay (B-099).

A deadline does it. On the web she may be back a moment before that: then what she does belongs to a new
conversation, because her page was dead already and must not open what stood on it.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from bot.model import Stage
from bot.services import closing, held, hiding, newcomers, notes_left
from bot.services.house import House
from bot.services.opening import Opened, open_conversations
from bot.services.presence import with_wait
from bot.services.talk import Talk
from bot.store.writes import Writes
from channels.message import Address


def over_at(opened: Opened) -> int:
    """When she counts as gone, in microseconds: nobody who said that she waits is gone before that ends."""
    idle = newcomers.IDLE_WEB if opened.channel == "web" else newcomers.IDLE
    over, state = opened.last_act_at + idle, opened.state
    return with_wait(over, state.wait_until, opened.stage, unanswered=state.unanswered)


def close(talk: Talk) -> None:
    """Close without a word; a flagged place is held, and what she never saw is kept for her return."""
    if talk.opened.stage in {Stage.WAITING, Stage.LIVE}:
        held.move_to_record(talk)  # she withdrew nothing
        notes_left.move_to_record(talk)
        hiding.hide(talk, erase_contact=False, for_good=False)
    else:
        closing.close_now(talk)
    talk.count("conversation.idle")


def begin_anew(
    connection: Connection,
    house: House,
    writes: Writes,
    places: dict[Address, newcomers.Place],
    acting: Collection[Address],
    now: int,
) -> dict[Address, newcomers.Place]:
    """The places of this batch, with a new one for each of `acting` whose page has been dead for too long."""
    stale = {
        places[address].conversation: address
        for address in acting
        if address.channel == "web" and 0 < places[address].last_act_at <= now - newcomers.IDLE_WEB
    }
    if not stale:
        return places
    closed: set[Address] = set()
    for opened in open_conversations(connection, house, stale).values():
        talk = Talk(connection, house, writes, opened, now)
        if over_at(opened) <= now and not closing.has_unread(talk):
            close(talk)
            closed.add(stale[opened.id])
    # The page that brings this act is a new one: it is not the one to be told to leave.
    writes.after = [what for what in writes.after if what[0] != "leave" or Address(*what[1:]) not in closed]
    writes.flush(connection)
    return {**places, **newcomers.find_or_make(connection, house, writes, closed, (), now)}
