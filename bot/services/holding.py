"""Whose page is it: where several processes serve, what goes to a page goes out from the one that has it.

A conversation names the member that has its page. It moves with her: when she, or her page after a break,
shows up at another member, that one takes the conversation over in the transaction that stores what she did.
The one before is told, so that it gives up a page that is gone, or tells an older one that it moved. Entries
it was just sending go out again from here: the page shows each once (PR2).
"""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, update

from bot.services.house import House
from bot.services.locking import lock_conversations
from bot.services.newcomers import Place
from bot.store import tables as t
from bot.store.notices import Word
from bot.store.writes import Writes
from channels.message import Address, DeliveryState


def take_over(
    connection: Connection,
    house: House,
    writes: Writes,
    places: dict[Address, Place],
    opened_afresh: Collection[Address],
) -> None:
    """These people are here now. `opened_afresh`: theirs is a page that nobody has seen before."""
    if not house.member:
        return
    writes.correspondents.update({place.conversation: address for address, place in places.items()})
    moved = {
        place.conversation: address
        for address, place in places.items()
        if place.holder != house.member and house.channels[address.channel].many_listen
    }
    if not moved:
        return
    writes.flush(connection)
    lock_conversations(connection, moved)
    ids = {"b_ids": list(moved)}
    connection.execute(_HOLD, {**ids, "b_member": house.member})
    connection.execute(_AGAIN, ids)
    for conversation, address in moved.items():
        word = Word.MOVED if address in opened_afresh else Word.ELSEWHERE
        writes.elsewhere.append((word, conversation))


_HOLD = (
    update(t.conversation)
    .where(t.conversation.c.id.in_(bindparam("b_ids", expanding=True)))
    .values(holder=bindparam("b_member"))
)
_AGAIN = (
    update(t.outbox)
    .where(
        t.outbox.c.conversation.in_(bindparam("b_ids", expanding=True)),
        t.outbox.c.state == DeliveryState.SENDING.value,
    )
    .values(state=DeliveryState.PENDING.value)
)
