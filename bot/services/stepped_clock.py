"""A clock that was set back must not open a window again or put off a deadline (PR4, PR9).

What is stored as a moment is meant as a length of time from an act. When the clock steps back by an hour,
everything that still lies ahead is moved back by that hour as well. A step forward needs nothing: windows
close early and deadlines come early, which harms nobody.
"""

from datetime import timedelta

from sqlalchemy import Connection, func, select, update

from bot.model import Stage
from bot.services import queueing
from bot.services.house import House
from bot.services.opening import keep, open_conversations
from bot.store import people_tables as p, tables as t
from bot.store.writes import Writes, insert_once
from channels.message import DeliveryState
from handoff.model import HandoffState

TOLERATED = timedelta(seconds=10) // timedelta(microseconds=1)  # slewing, and other processes' clocks
NOTED_EVERY = timedelta(seconds=5) // timedelta(microseconds=1)
_ROW = 2  # of `changes`: the latest moment any process saw
_UNSENT = (DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value, DeliveryState.SENDING.value)


def keep_step(connection: Connection, house: House, now: int) -> int:
    """Notice a clock that was set back, and move what is stored; returns by how much (microseconds).

    Costs a comparison while the clock goes forward. What was seen last is noted every few seconds, so that
    a restart notices too.
    """
    seen = house.clock_seen
    if seen and now >= seen - TOLERATED and now < house.clock_noted + NOTED_EVERY:
        house.clock_seen = max(seen, now)
        return 0
    noted = connection.execute(_NOTED).scalar_one_or_none()
    latest = max(seen, noted or 0)
    # Another process may have moved everything already: then the note is no later than now.
    back = latest - now if noted is not None and noted > now + TOLERATED else 0
    if back:
        _move_back(connection, house, back)
    _note(connection, now, new=noted is None)
    house.clock_seen = house.clock_noted = now
    return back


_NOTED = select(t.changes.c.version).where(t.changes.c.id == _ROW).with_for_update()


def _note(connection: Connection, now: int, *, new: bool) -> None:
    if new:  # two processes may be the first in the same moment
        insert_once(connection, t.changes, id=_ROW, version=now)
    else:
        connection.execute(update(t.changes).where(t.changes.c.id == _ROW).values(version=now))


def _move_back(connection: Connection, house: House, back: int) -> None:
    due, out, talk, chat, offer = t.due.c, t.outbox.c, t.conversation.c, t.handoff.c, t.offer.c
    connection.execute(update(t.due).values(at=due.at - back))
    unsent = update(t.outbox).where(out.state.in_(_UNSENT))
    connection.execute(unsent.values(due_at=out.due_at - back, not_after=out.not_after - back))
    connection.execute(
        update(t.conversation)
        .where(talk.stage != Stage.CLOSED.value)
        .values(
            new_until=func.coalesce(talk.new_until, 0) - back,
            edit_until=func.coalesce(talk.edit_until, 0) - back,
            last_act_at=func.coalesce(talk.last_act_at, 0) - back,
        )
    )
    connection.execute(
        update(t.handoff)
        .where(chat.state != HandoffState.CLOSED.value)
        .values(queued_at=chat.queued_at - back)
    )
    # Offers that are over too: how long they rest is counted from their end.
    connection.execute(
        update(t.offer).values(offered_at=offer.offered_at - back, expires_at=offer.expires_at - back)
    )
    _move_people(connection, back)
    _move_sealed(connection, house, back)


def _move_people(connection: Connection, back: int) -> None:
    """Rest, breaks and work of volunteers, calls for a supervisor, resets that were asked for."""
    there, called = p.attendance.c, p.supervisor_call.c
    connection.execute(
        update(p.attendance).values(
            pause_at=there.pause_at - back, cooling_until=there.cooling_until - back,
            working_since=there.working_since - back, idle_since=there.idle_since - back,
        )
    )  # fmt: skip
    connection.execute(update(p.supervisor_call).values(began_at=called.began_at - back))
    connection.execute(update(p.reset).values(expires_at=p.reset.c.expires_at - back))


def _move_sealed(connection: Connection, house: House, back: int) -> None:
    """What lies sealed: the wait-here window, since when she waits for a word, when a search began."""
    waiting = [Stage.WAITING.value, Stage.LIVE.value]
    ids = connection.execute(select(t.conversation.c.id).where(t.conversation.c.stage.in_(waiting))).scalars()
    writes = Writes()
    opened = open_conversations(connection, house, list(ids))
    for conversation in opened.values():
        state = conversation.state
        state.wait_until = state.wait_until - back if state.wait_until is not None else None
        state.hers_since = state.hers_since - back if state.hers_since else 0
        keep(writes, conversation)
    writes.flush(connection)
    chat = t.handoff.c
    for row in connection.execute(
        select(chat.id, chat.conversation, chat.facts_sealed).where(
            chat.state.in_([HandoffState.WAITING.value, HandoffState.ACTIVE.value]),
            chat.facts_sealed.is_not(None),
        )
    ).all():
        if row.conversation in opened:
            key = opened[row.conversation].key
            facts = queueing.open_facts(key, row.id, row.facts_sealed)
            facts.since -= back if facts.since else 0
            facts.nobody_since -= back if facts.nobody_since else 0
            sealed = queueing.seal_facts(key, row.id, facts)
            connection.execute(update(t.handoff).where(chat.id == row.id).values(facts_sealed=sealed))
