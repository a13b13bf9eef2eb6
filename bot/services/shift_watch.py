"""Shifts looked after from three days before to their end: a restart loses and repeats nothing of it.

`look` makes the rows agree with the rota, again and again; each row has one deadline, and what a deadline
does is written in the commit that moves it (§3.13). Nobody is told of a shift that is not hers any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from bot.model import DueKind
from bot.services import calls, cover_calls, people, shift_rows
from bot.services.as_recorded import as_recorded, held
from bot.services.calls import Raised
from bot.services.house import House
from bot.services.locking import EVERY_SHIFT, lock_rota
from bot.services.messenger.calls import Call, Notice, notify
from bot.services.people import Person
from bot.services.shift_rows import Watched
from bot.store import day_tables as d, tables as t
from bot.store.moments import from_moment, to_moment
from bot.store.writes import Writes
from handoff.calls import CallReason
from handoff.model import Duty, Tier
from handoff.rota.questions import whole_duties
from handoff.shift_day import (
    ALARMING,
    CHECKS_IN_FROM,
    Course,
    Presence,
    Stage,
    begun,
    moved,
    turn,
)

AHEAD: Final = timedelta(days=3)
"""So far ahead a shift has its row: a service that stood still for two days still reminds of it."""
AT_THE_CONSOLE: Final = timedelta(minutes=15) // timedelta(microseconds=1)
"""Whoever is ready and was seen at the console so lately is there."""


@dataclass(frozen=True, slots=True)
class _Planned:
    desk: str
    person: str
    instance: str
    tier: Tier
    start: datetime
    end: datetime
    present: bool


def look(connection: Connection, house: House, now: int) -> None:
    """Rows for what the rota plans in the days to come; gone is what it plans no more."""
    lock_rota(connection, EVERY_SHIFT)
    at = from_moment(now)
    known = {(one.desk, one.person, one.instance): one for one in shift_rows.everybodys(connection, house)}
    dues = _dues(connection)
    writes = Writes()
    for planned in _planned(connection, house, at):
        one = known.pop((planned.desk, planned.person, planned.instance), None)
        if one is None:
            one = _begin(connection, house, planned, at)
        elif (one.course.start, one.course.end) != (planned.start, planned.end):
            course = _moved(one.course, planned, at)
            one = shift_rows.keep(connection, one, course)
        _set(house, writes, one, at, dues.get(one.id))
    for gone in known.values():
        _end(connection, house, writes, gone, at)
    writes.flush(connection)


def step(connection: Connection, house: House, writes: Writes, watched: str, now: int) -> None:
    """The next stage of one shift, once."""
    one = shift_rows.find(connection, house, watched)
    if one is None:
        return
    at = from_moment(now)
    taken = turn(one.course, at)
    if taken.done is Stage.OVER:
        _end(connection, house, writes, one, at)
        return
    course = _with_done(one.course, taken.done)
    if taken.stage is not None and not _still_hers(connection, house, one):
        _end(connection, house, writes, one, at)
        return
    if taken.stage is Stage.NOT_THERE:
        course = _is_missed(connection, house, writes, one, course, now)
    elif taken.stage is not None:
        _remind(connection, house, one, taken.stage, now)
    one = shift_rows.keep(connection, one, course)
    _set(house, writes, one, at, None)


def running(course: Course, at: datetime) -> bool:
    """Whether she can check in to it now."""
    return course.start - CHECKS_IN_FROM <= at < course.end


def settle(connection: Connection, house: House, one: Watched, course: Course, now: int) -> None:
    """Keep a course somebody changed, with its deadline."""
    writes = Writes()
    kept = shift_rows.keep(connection, one, course)
    _set(house, writes, kept, from_moment(now), None)
    if course.presence is not Presence.MISSING:
        calls.end(connection, writes, [one.id])
    writes.flush(connection)


def unguarded(connection: Connection) -> int:
    """How many rows have no deadline: must be none."""
    due = select(t.due.c.id).where(
        t.due.c.kind == DueKind.SHIFT_STEP.value, t.due.c.subject == d.shift_watch.c.id
    )
    return len(connection.execute(select(d.shift_watch.c.id).where(~due.exists())).all())


# ----------------------------------------------------------------------------------------------------------
def _planned(connection: Connection, house: House, at: datetime) -> Iterable[_Planned]:
    """Every shift of active people that runs or begins in the days to come; a shift's pieces as one."""
    found: dict[tuple[str, str, str], _Planned] = {}
    duties = [
        (desk, duty)
        for desk, board in sorted(house.library.boards.items())
        for duty in whole_duties(board.rota, at, at + AHEAD)
        if board.standings.stand([duty], max(duty.start, at))
    ]
    known = people.called(connection, house, {duty.volunteer for _, duty in duties})
    for desk, duty in duties:
        person = known.get(duty.volunteer.casefold())
        if person is None or person.state != "active" or duty.tier is Tier.SHADOW:
            continue
        key = (desk, person.id, duty.instance)
        found[key] = _joined(found.get(key), desk, person, duty)
    return found.values()


def _joined(known: _Planned | None, desk: str, person: Person, duty: Duty) -> _Planned:
    start = duty.start if known is None else min(known.start, duty.start)
    end = duty.end if known is None else max(known.end, duty.end)
    return _Planned(desk, person.id, duty.instance, duty.tier, start, end, person.present)


def _begin(connection: Connection, house: House, planned: _Planned, at: datetime) -> Watched:
    """A row of its own; whoever is ready while her shift runs already has come to it."""
    course = begun(planned.start, planned.end, at)
    if planned.start <= at and planned.present:
        course = _with_presence(course, Presence.THERE)
    one = Watched(
        house.identifiers.new_id(), planned.desk, planned.person, planned.instance, planned.tier, course
    )
    shift_rows.add(connection, house, one)
    return one


def _moved(course: Course, planned: _Planned, at: datetime) -> Course:
    """Only what lies ahead of it is moved; where it has begun, or ends otherwise, nothing is said anew."""
    if planned.start == course.start or (course.start <= at and planned.start <= at):
        return Course(course.start, planned.end, course.done, course.presence, course.expected_at)
    return moved(course, planned.start, planned.end, at)


def _set(house: House, writes: Writes, one: Watched, at: datetime, known: int | None) -> None:
    """Its deadline, where it has another one or none: clocks that were set change the time before a shift."""
    stages = [one.course.at(stage) for stage in Stage if stage > one.course.done]
    due = to_moment(min(stages, default=max(one.course.end, at)))
    if due != known:
        writes.set_due(house.identifiers.new_id(), DueKind.SHIFT_STEP.value, one.id, due)


def _dues(connection: Connection) -> dict[str, int]:
    query = select(t.due.c.subject, t.due.c.at).where(t.due.c.kind == DueKind.SHIFT_STEP.value)
    return {row.subject: row.at for row in connection.execute(query)}


def _end(connection: Connection, house: House, writes: Writes, one: Watched, at: datetime) -> None:
    """Its time is over, or it is not hers any more. Whoever goes on into the next shift has come to that."""
    shift_rows.drop(connection, one.id)
    calls.end(connection, writes, [one.id])
    writes.drop_due(DueKind.SHIFT_STEP.value, one.id)
    goes_on = one.course.end <= at and one.course.presence is Presence.THERE
    if not goes_on or not people.get(connection, house, one.person).present:
        return
    for other in shift_rows.of_person(connection, house, one.person):
        if one.course.start < other.course.start <= one.course.end:
            shift_rows.keep(connection, other, _with_presence(other.course, Presence.THERE))


def _remind(connection: Connection, house: House, one: Watched, stage: Stage, now: int) -> None:
    """A content-free line with her own clock's time; it comes before the next one, or not at all."""
    start = one.course.start
    upto = Stage(stage + 1)
    ends = start if stage is Stage.MINUTES_BEFORE else one.course.at(upto)
    notice = Notice(
        Call.REMINDER, f"{one.id}:{int(stage)}:{to_moment(start)}", subject=one.id,
        ends_at=to_moment(ends), sounding=stage is not Stage.DAY_BEFORE, at=to_moment(start),
    )  # fmt: skip
    notify(connection, house, notice, [one.person], now)


def _is_missed(
    connection: Connection, house: House, writes: Writes, one: Watched, course: Course, now: int
) -> Course:
    """She has not come: whoever supervises or plans is called, others are asked, and she is rung."""
    if one.tier not in ALARMING or house.mode == "demo":  # the demo's people are made up
        return course
    if _is_there(connection, house, one, now):
        return _with_presence(course, Presence.THERE)
    about = f"{one.id}:{to_moment(course.expected_at or course.start)}"
    ring = Notice(Call.EXPECTED, about, one.id, to_moment(course.end), sounding=True)
    notify(connection, house, ring, [one.person], now)
    raised = Raised(one.desk, one.id, CallReason.NOT_THERE)
    calls.raise_all(connection, house, writes, [raised], now)
    alias = people.alias_of(connection, house, one.person)
    duty = Duty(_as_written(house, one, alias), one.tier, course.start, course.end, "", one.instance)
    cover_calls.ask_around(connection, house, one.desk, one.person, duty, now, release=False)
    return _with_presence(course, Presence.MISSING)


def _is_there(connection: Connection, house: House, one: Watched, now: int) -> bool:
    """Ready and at the console; a supervisor, who need not take chats, at the console."""
    if one.tier is not Tier.SUPERVISOR and not people.get(connection, house, one.person).present:
        return False
    seen = select(t.console_visit.c.person).where(
        t.console_visit.c.person == one.person, t.console_visit.c.seen_at > now - AT_THE_CONSOLE
    )
    return connection.execute(seen).first() is not None


def _as_written(house: House, one: Watched, alias: str) -> str:
    board = house.library.boards.get(one.desk)
    if board is None:
        return alias
    return next(
        (
            duty.volunteer
            for duty in whole_duties(board.rota, one.course.start, one.course.end)
            if duty.volunteer.casefold() == alias.casefold()
        ),
        alias,
    )


def _still_hers(connection: Connection, house: House, one: Watched) -> bool:
    """Whether the rota, as it is recorded now, still gives her this shift."""
    board = as_recorded(connection, house).library.boards.get(one.desk)
    alias = people.alias_of(connection, house, one.person)
    span = (one.course.start, one.course.end)
    return board is not None and bool(held(board.rota, alias, one.instance, span))


def _with_done(course: Course, done: Stage) -> Course:
    return Course(course.start, course.end, done, course.presence, course.expected_at)


def _with_presence(course: Course, presence: Presence) -> Course:
    return Course(course.start, course.end, course.done, presence, course.expected_at)
