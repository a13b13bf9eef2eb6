"""Turns for a whole batch: the oldest unread act of each conversation, one commit (design §3, PR3)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, func, literal, select, update

from bot.model import InboxState, Stage
from bot.services import held
from bot.services.acts import open_act
from bot.services.apart import together_or_apart
from bot.services.conversation import take_turn
from bot.services.house import House
from bot.services.locking import is_alone, lock_what_is_free
from bot.services.opening import Opened, keep, open_conversations
from bot.services.stepped_clock import keep_step
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.moments import month_of
from bot.store.writes import Writes

MOST_AT_ONCE = 200
Entry = Row[Any, Any, Any, Any, Any, Any]


class Torn(Exception):
    """A conversation that was not erased has no data key: its acts cannot be answered."""


@dataclass(frozen=True, slots=True)
class TurnsTaken:
    """What one commit did: how many acts were answered, and what must follow outside the database.

    `more` says that unread acts were left for the next commit; with no act answered, that another process is
    at all of them. `channels` are those of the conversations answered, `soonest` is the earliest deadline
    set: what need not be looked at now is left asleep.
    """

    acts: int
    after: tuple[tuple[str, str, str], ...]
    more: bool = False
    channels: frozenset[str] = frozenset()
    soonest: int | None = None


def take_turns(connection: Connection, house: House, now: int) -> TurnsTaken:
    """Answer the oldest new act of up to MOST_AT_ONCE conversations (`help now` first of hers)."""
    keep_step(connection, house, now)
    found = list(connection.execute(_OLDEST if is_alone(connection) else _CANDIDATES))
    writes = Writes()
    if not found:
        return TurnsTaken(0, ())
    free = lock_what_is_free(connection, [row.conversation for row in found], MOST_AT_ONCE)
    entries = [row for row in found if row.conversation in free]
    more = found[0].unread > len(entries)
    poison: list[int] = []
    groups = together_or_apart(
        connection,
        entries,
        lambda group: _answer(connection, house, group, now),
        lambda row: poison.append(row.id),
    )
    if poison:
        connection.execute(_POISON, {"b_ids": poison})
        writes.count(house.desk, month_of(now), "inbox.poison.turn", len(poison))
        writes.flush(connection)
    after = [what for group in groups for what in group.after]
    return TurnsTaken(
        sum(group.acts for group in groups) + len(poison),
        tuple(after),
        more,
        frozenset(channel for group in groups for channel in group.channels),
        min((group.soonest for group in groups if group.soonest is not None), default=None),
    )


def _answer(connection: Connection, house: House, entries: list[Entry], now: int) -> TurnsTaken:
    """Answer these acts, at most one of each conversation."""
    writes = Writes()
    opened = open_conversations(connection, house, [row.conversation for row in entries])
    entries = _still_new(connection, entries)
    _refuse_torn(connection, {row.conversation for row in entries} - opened.keys())
    kept = held.held_for(connection, opened)
    for row in entries:
        conversation = opened.get(row.conversation)
        if conversation is not None:  # else erased since: its words cannot be opened by anyone
            _one(connection, house, writes, conversation, row, kept.get(conversation.id, ()), now)
    connection.execute(_DONE, {"b_ids": [row.id for row in entries]})
    soonest = min((due["at"] for due in writes.dues.values()), default=None)
    writes.flush(connection)
    channels = frozenset(conversation.channel for conversation in opened.values())
    return TurnsTaken(len(entries), tuple(writes.after), channels=channels, soonest=soonest)


def _one(
    connection: Connection,
    house: House,
    writes: Writes,
    conversation: Opened,
    row: Entry,
    kept: tuple[held.Kept, ...],
    now: int,
) -> None:
    talk = Talk(connection, house, writes, conversation, now)
    act = open_act(conversation.key, bytes(row.external_index), row.body_sealed)
    take_turn(talk, act, min(row.received_at, now), kept)
    if conversation.stage is not Stage.CLOSED:
        keep(writes, conversation)


def _still_new(connection: Connection, entries: list[Entry]) -> list[Entry]:
    """Once the conversations are locked: read anew, without what another process answered meanwhile (PR2).

    A close of that process may have given the conversation a new key and sealed the act again under it.
    """
    if is_alone(connection):
        return entries
    new = {row.id: row for row in connection.execute(_ANEW, {"b_ids": [row.id for row in entries]})}
    return [new[row.id] for row in entries if row.id in new]


def _refuse_torn(connection: Connection, missing: set[str]) -> None:
    """An act without a turn is done only when its conversation was erased (PR1), else Torn is raised."""
    if not missing:
        return
    torn = select(t.conversation.c.id).where(
        t.conversation.c.id.in_(missing), t.conversation.c.data_key.is_not(None)
    )
    if connection.execute(torn).first() is not None:
        raise Torn("a conversation names a data key that is not there")


def _oldest(most: int) -> Select[Any, Any, Any, Any, Any, Any]:
    """The next act of each conversation; a `help now` goes ahead of her earlier acts (PR5).

    Chosen among all that is unread: however much one page has brought, it takes one place of the batch (PR3).
    """
    row = t.inbox.c
    urgent = func.min(case((row.urgent, row.id)))
    first = (
        select(
            func.coalesce(urgent, func.min(row.id)).label("id"),
            urgent.is_(None).label("calm"),
            func.sum(func.count()).over().label("unread"),
        )
        .where(row.state == InboxState.NEW.value)
        .group_by(row.conversation)
        .order_by("calm", "id")
        .limit(most)
        .subquery()
    )
    return (
        select(row.id, row.conversation, row.external_index, row.body_sealed, row.received_at, first.c.unread)
        .join(first, first.c.id == row.id)
        .order_by(first.c.calm, row.id)
    )


_OLDEST = _oldest(MOST_AT_ONCE)
_CANDIDATES = _oldest(4 * MOST_AT_ONCE)  # the first of them may be what the other processes are at
_ANEW = select(
    t.inbox.c.id,
    t.inbox.c.conversation,
    t.inbox.c.external_index,
    t.inbox.c.body_sealed,
    t.inbox.c.received_at,
    literal(0).label("unread"),
).where(t.inbox.c.id.in_(bindparam("b_ids", expanding=True)), t.inbox.c.state == InboxState.NEW.value)
_POISON = (
    update(t.inbox)
    .where(t.inbox.c.id.in_(bindparam("b_ids", expanding=True)), t.inbox.c.state == InboxState.NEW.value)
    .values(state=InboxState.POISON.value)
)
_DONE = (
    update(t.inbox)
    .where(t.inbox.c.id.in_(bindparam("b_ids", expanding=True)), t.inbox.c.state == InboxState.NEW.value)
    .values(state=InboxState.DONE.value)
)
