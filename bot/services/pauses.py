"""Breaks: asked for, granted once the others can do without her, begun whether asked for or not (§3.9)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from bot.model import DueKind
from bot.services import attendance, calls, crew
from bot.services.attendance import NOT_YET, Attendance, Pause
from bot.services.calls import Raised
from bot.services.house import House
from bot.services.looking_again import look_again
from bot.store import tables as t
from bot.store.moments import MICROSECOND, from_moment, to_moment
from bot.store.writes import Writes
from handoff import breaks
from handoff.breaks import BreakPolicy
from handoff.calls import CallReason
from handoff.model import HandoffState, Volunteer

SHORTEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a wish for a break. Moments in microseconds.

    `until` is set once it has begun; else `not_before` is when somebody comes, None if nobody is planned.
    """

    until: int | None = None
    not_before: int | None = None


def ask(
    connection: Connection, house: House, desk: str, person: str, now: int, minutes: int | None = None
) -> Asked:
    """She would like a break: it begins at once if the others can do without her, else once they can."""
    attendance.lock(connection, [person])
    there = attendance.of(connection, house, person)
    lasts = _length(house.library.staffing_of(desk).care.breaks, there, now, minutes)
    volunteers = crew.volunteers_on_duty(connection, house, desk, now)
    if breaks.can_go(person, volunteers, _waiting(connection, desk)):
        return Asked(until=begin(connection, house, person, lasts, now))
    attendance.change(
        connection, person, pause=Pause.ASKED.value, pause_minutes=lasts // timedelta(minutes=1), pause_at=now
    )
    return Asked(not_before=_somebody_comes(house, desk, now))


def begin(connection: Connection, house: House, person: str, lasts: timedelta, now: int) -> int:
    """The break begins: no offers until it is over; chats she holds she finishes or passes on."""
    until = now + lasts // MICROSECOND
    attendance.change(
        connection, person, pause=Pause.BREAK.value, pause_minutes=lasts // timedelta(minutes=1),
        pause_at=until, working_since=None,
    )  # fmt: skip
    writes = Writes()
    writes.set_due(house.identifiers.new_id(), DueKind.BREAK_ENDS.value, person, until)
    writes.flush(connection)
    look_again(connection, now)
    return until


def end(connection: Connection, person: str, now: int) -> None:
    """The break is over, by itself or because she says so; also a wish for one is taken back by it."""
    attendance.change(
        connection, person, pause=Pause.NONE.value, pause_minutes=0, pause_at=None, working_since=now
    )
    writes = Writes()
    writes.drop_due(DueKind.BREAK_ENDS.value, person)
    writes.flush(connection)
    look_again(connection, now)


def is_over(connection: Connection, house: House, person: str, now: int) -> None:
    """Its deadline has come: back to work, if it is still this break."""
    there = attendance.of(connection, house, person)
    if there.pause is Pause.BREAK and there.pause_at is not None and there.pause_at <= now:
        end(connection, person, now)


def look(connection: Connection, house: House, now: int) -> None:
    """What the watchdog sees to: breaks asked for that can begin now, and breaks that must."""
    attendance.note_working(connection, now)
    for desk in sorted(house.library.boards):
        volunteers = crew.volunteers_on_duty(connection, house, desk, now, lock=True)
        if volunteers:
            _look_at(connection, house, desk, volunteers, now)


def _look_at(connection: Connection, house: House, desk: str, volunteers: list[Volunteer], now: int) -> None:
    policy = house.library.staffing_of(desk).care.breaks
    there = attendance.load(connection, house, {one.person for one in volunteers})
    asked = sorted(
        (known.pause_at or 0, person) for person, known in there.items() if known.pause is Pause.ASKED
    )
    for _, person in asked:
        if breaks.can_go(person, volunteers, _waiting(connection, desk)):
            begin(connection, house, person, timedelta(minutes=there[person].pause_minutes), now)
            volunteers = crew.volunteers_on_duty(connection, house, desk, now)
    for one in {v.person: v for v in volunteers}.values():
        known = there.get(one.person, NOT_YET)
        must = one.present and not one.holding and breaks.forced(_worked(known, now), policy)
        if must and known.pause is not Pause.BREAK:
            begin(connection, house, one.person, _length(policy, known, now, None), now)
            volunteers = crew.volunteers_on_duty(connection, house, desk, now)
            _tell_if_nobody_is_left(connection, house, desk, volunteers, now)


def _tell_if_nobody_is_left(
    connection: Connection, house: House, desk: str, volunteers: list[Volunteer], now: int
) -> None:
    if not crew.is_uncovered(volunteers):
        return
    writes = Writes()
    calls.raise_all(connection, house, writes, [Raised(desk, f"desk:{desk}", CallReason.UNCOVERED)], now)
    writes.flush(connection)


def _length(policy: BreakPolicy, there: Attendance, now: int, minutes: int | None) -> timedelta:
    if minutes is not None:
        return timedelta(minutes=max(1, minutes))
    return breaks.due(_worked(there, now), policy) or SHORTEST


def _worked(there: Attendance, now: int) -> timedelta:
    return timedelta(0) if there.working_since is None else max(0, now - there.working_since) * MICROSECOND


def _waiting(connection: Connection, desk: str) -> int:
    query = (
        select(func.count())
        .select_from(t.handoff)
        .where(t.handoff.c.desk == desk, t.handoff.c.state == HandoffState.WAITING.value)
    )
    return connection.execute(query).scalar_one()


def _somebody_comes(house: House, desk: str, now: int) -> int | None:
    """When the rota next brings somebody to the desk who is not there now."""
    board = house.library.boards.get(desk)
    if board is None:
        return None
    at = from_moment(now)
    comes = board.next_arrival(at)
    return None if comes is None else to_moment(comes)
