"""Every fifteen seconds: does everyone who waits have a deadline, and is none of them late (PR9, §3.8)?"""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from bot.model import DueKind
from bot.services import calling_back, calls, deadlines, pauses, shift_watch, swaps
from bot.services.as_recorded import as_recorded
from bot.services.house import House
from bot.store import tables as t
from bot.store.writes import Writes
from handoff.model import HandoffState

SHIFTS_EVERY: Final = timedelta(seconds=60) // timedelta(microseconds=1)
"""How often the shifts are looked at when the rota has not changed; when it has, at once."""
LATE: Final = timedelta(seconds=10) // timedelta(microseconds=1)


def look(connection: Connection, house: House, now: int) -> int:
    """Give a deadline to whatever lacks one, see to breaks and shifts; returns how many had none."""
    if now - house.shifts_looked_at >= SHIFTS_EVERY or house.shifts_looked_in is not house.library:
        house.shifts_looked_at, house.shifts_looked_in = now, house.library
        recorded = as_recorded(connection, house)
        shift_watch.look(connection, recorded, now)
        swaps.look(connection, recorded, now)
    pauses.look(connection, house, now)
    calling_back.look_over(connection, house, now)
    unclimbed = calls.unguarded(connection)
    writes = Writes()
    for subject in unclimbed:
        writes.set_due(house.identifiers.new_id(), DueKind.CALL_STEP.value, subject, now)
    writes.flush(connection)
    return deadlines.repair(connection, house, now) + len(unclimbed)


def late(connection: Connection, now: int) -> int:
    """How many who wait should have been looked at more than ten seconds ago: an alarm."""
    chat, due = t.handoff.c, t.due.c
    query = (
        select(func.count())
        .select_from(t.due)
        .join(t.handoff, chat.id == due.subject)
        .where(
            due.kind == DueKind.QUEUE_STEP.value, due.at < now - LATE,
            chat.state == HandoffState.WAITING.value,
        )
    )  # fmt: skip
    return connection.execute(query).scalar_one()
