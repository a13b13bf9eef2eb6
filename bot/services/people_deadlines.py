"""Deadlines of the people who answer: calls climb, breaks end, rest is over, debriefs owed, swaps end."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection

from bot.model import DueKind
from bot.services import aftercare, calling_back, calls, cover_calls, pauses, shift_watch, swaps
from bot.services.house import House
from bot.services.looking_again import look_again
from bot.store.writes import Writes

Act = Callable[[Connection, House, Writes, str, int], None]
"""(connection, house, writes, subject of the due row, now)."""


def _rested(connection: Connection, _house: House, _writes: Writes, _person: str, now: int) -> None:
    look_again(connection, now)


def _break_over(connection: Connection, house: House, _writes: Writes, person: str, now: int) -> None:
    pauses.is_over(connection, house, person, now)


def _exposed(_connection: Connection, _house: House, writes: Writes, person: str, _now: int) -> None:
    writes.after.append(("alert", "exposure", person))


def _debrief_open(connection: Connection, _house: House, writes: Writes, debrief: str, _now: int) -> None:
    aftercare.still_open(connection, writes, debrief)


FOR_PEOPLE: Final[Mapping[DueKind, Act]] = {
    DueKind.CALL_STEP: calls.step,
    DueKind.CALLBACK: calling_back.step,
    DueKind.BREAK_ENDS: _break_over,
    DueKind.COOLING_ENDS: _rested,
    DueKind.EXPOSURE: _exposed,
    DueKind.DEBRIEF_OPEN: _debrief_open,
    DueKind.SWAP_ENDS: swaps.expire,
    DueKind.SHIFT_STEP: shift_watch.step,
    DueKind.COVER_STEP: cover_calls.look,
}
