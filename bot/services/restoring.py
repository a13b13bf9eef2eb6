"""After a restore nothing of the past is sent by itself, and what no key opens is gone (PR4, PR7).

The database is older than the world: who asked for what since then is unknown. So everything that could
still go out waits for her next act, as if her window had closed. What was erased since, and whose epoch was
shredded, comes back as rows that no key opens: they are closed like any erased conversation.
"""

from sqlalchemy import Connection, Select, delete, select, update

from bot.model import DueKind, Stage
from bot.services.entries import Purpose
from bot.services.house import House
from bot.services.leaving import closed_values
from bot.store import callback_table, own_rows, tables as t
from bot.store.moments import HOUR
from channels.message import DeliveryState
from handoff.model import HandoffState

_ON_THEIR_WAY = (
    DeliveryState.PENDING.value,
    DeliveryState.SENDING.value,
    DeliveryState.FAILED_FOR_NOW.value,
    DeliveryState.UNKNOWN.value,
)


def hold_everything(connection: Connection) -> int:
    """Hold every entry that is still on its way, and close every window; returns how many were held.

    Deletions go on: they show nothing. Call it once, before any loop runs.
    """
    row = t.outbox.c
    held = connection.execute(
        update(t.outbox)
        .where(row.purpose != Purpose.DELETION.value, row.state.in_(_ON_THEIR_WAY))
        .values(state=DeliveryState.HELD.value)
    )
    connection.execute(
        update(t.outbox)
        .where(row.purpose == Purpose.PING.value, row.state == DeliveryState.HELD.value)
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )
    connection.execute(update(t.conversation).values(new_until=None, edit_until=None))
    # What she has withdrawn since is unknown: no callback of the past is kept.
    connection.execute(delete(t.due).where(t.due.c.kind == DueKind.CALLBACK.value))
    connection.execute(delete(callback_table.callback))
    return held.rowcount


def forget_unopenable(connection: Connection, house: House) -> int:
    """Erase what no key of the ring opens any more; returns how many data keys that were."""
    epochs = list(connection.execute(select(t.data_key.c.epoch).distinct()).scalars())
    gone = [epoch for epoch in epochs if not house.vault.holds(epoch)]
    if not gone:
        return 0
    keys: Select[str] = select(t.data_key.c.id).where(t.data_key.c.epoch.in_(gone))
    talks = select(t.conversation.c.id).where(t.conversation.c.data_key.in_(keys))
    chats = select(t.handoff.c.id).where(t.handoff.c.conversation.in_(talks))
    connection.execute(delete(t.offer).where(t.offer.c.handoff.in_(chats)))
    connection.execute(delete(t.due).where(t.due.c.subject.in_(talks.union(chats).subquery().select())))
    connection.execute(
        update(t.handoff)
        .where(t.handoff.c.conversation.in_(talks), t.handoff.c.state != HandoffState.CLOSED.value)
        .values(**closed_values())
    )
    connection.execute(delete(t.note).where(t.note.c.conversation.in_(talks)))
    connection.execute(delete(t.outbox).where(t.outbox.c.conversation.in_(talks)))
    connection.execute(
        update(t.inbox)
        .where(t.inbox.c.conversation.in_(talks))
        .values(body_sealed=None, conversation=None, state="withdrawn")
    )
    opened = t.conversation.c.opened_at
    connection.execute(
        update(t.conversation)
        .where(t.conversation.c.data_key.in_(keys))
        .values(
            contact=None, data_key=None, stage=Stage.CLOSED.value, revision=None, state_sealed=None,
            new_until=None, edit_until=None, last_act_at=None, opened_at=opened - opened % HOUR,
            closed_at=opened - opened % HOUR, next_sequence=0, view_sequence=0,
        )
    )  # fmt: skip
    own_rows.forget_unopenable(connection, keys)
    lost = select(t.contact.c.id).where(t.contact.c.data_key.in_(keys))
    connection.execute(update(t.conversation).where(t.conversation.c.contact.in_(lost)).values(contact=None))
    connection.execute(delete(t.contact).where(t.contact.c.data_key.in_(keys)))
    return connection.execute(delete(t.data_key).where(t.data_key.c.epoch.in_(gone))).rowcount
