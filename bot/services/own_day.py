"""What one of us does with her own shifts beside chats: comes late, is ill, looks at them (rota.md §3.10)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from bot.services import (
    audit,
    calls,
    check_in,
    cover_calls,
    cover_rows,
    own_rota,
    people,
    qualifying,
    shift_rows,
    shift_watch,
    swaps,
)
from bot.services.as_recorded import as_recorded, held
from bot.services.desk import DeskRefusal
from bot.services.giving_back import give_back
from bot.services.house import House
from bot.services.locking import EVERY_SHIFT, lock_rota
from bot.services.messenger.calls import Call, Notice, notify
from bot.services.own_rota import LONGEST_AHEAD, SHOWN_AHEAD, OwnDuty
from bot.services.qualifying import Facts
from bot.services.shift_rows import Watched
from bot.services.zones import own_zone
from bot.store.moments import from_moment, to_moment
from handoff.model import Duty, Refusal
from handoff.rota.clock_face import stretch_told
from handoff.shift_day import SICK_NOW, comes_late

LATE_SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Ill:
    """What became of it: she is free of the shift at once, or has it until somebody steps in.

    `told` is when the shift is, on her own clock; `chats` how many of hers go back to the queue.
    """

    cover: str
    free: bool
    told: str
    chats: int = 0


def shifts(connection: Connection, house: House, person: str, now: int) -> tuple[OwnDuty, ...]:
    """Her shifts from now on, as far as they are published and the page goes."""
    at = from_moment(now)
    alias = people.alias_of(connection, house, person)
    return own_rota.shifts_of(as_recorded(connection, house), alias, at, at + SHOWN_AHEAD, at)


def told(connection: Connection, house: House, person: str, duty: Duty, now: int) -> str:
    """When a shift is, on her own clock."""
    return stretch_told(duty.start, duty.end, own_zone(connection, house, person, now))


def late(
    connection: Connection, house: House, person: str, minutes: int, now: int, *, watched: str = ""
) -> datetime:
    """She comes so many minutes later; nobody is alarmed until then. Returns when she is expected.

    `watched` names the shift by its row, else it is the one that runs or comes next. Supervisors on duty are
    told. Raises `DeskRefusal` (NOT_ON_DUTY) where no shift of hers is near.
    """
    one = _next(connection, house, person, now, LATE_SOON, watched)
    course = comes_late(one.course, timedelta(minutes=minutes), from_moment(now))
    shift_watch.settle(connection, house, one, course, now)
    expected = course.expected_at or course.start
    audit.record(connection, house.vault, person, "late", person, (one.id,), now)
    there = sorted(calls.supervisors(connection, house, one.desk, now) - {person})
    whom = there or calls.coordinators(connection, one.desk)
    notify(connection, house, Notice(Call.ROTA, f"late:{one.id}:{to_moment(expected)}"), whom, now)
    return expected


def meant(connection: Connection, house: House, person: str, now: int, watched: str = "") -> OwnDuty:
    """The shift she means: the one of a reminder (`watched`), else the one that runs or comes next.

    Raises `DeskRefusal` (NOT_YOURS).
    """
    row = shift_rows.find(connection, house, watched) if watched else None
    named = (row.desk, row.instance) if row is not None and row.person == person else ("", "")
    desk, duty = _named(connection, as_recorded(connection, house), person, *named, now)
    return OwnDuty(desk, duty)


def ill(
    connection: Connection, house: House, person: str, now: int, *, desk: str = "", instance: str = ""
) -> Ill:
    """She cannot have a shift of hers: the one named, else the one that runs or comes next.

    Within a day she is free of it at once; if it runs, her chats go back to the head of the queue with an
    honest line. Further away she has it until somebody says yes. Raises `DeskRefusal` (NOT_YOURS).
    """
    lock_rota(connection, EVERY_SHIFT)
    fresh, at = as_recorded(connection, house), from_moment(now)
    where, duty = _named(connection, fresh, person, desk, instance, now)
    release = duty.start - at <= SICK_NOW
    cover = cover_calls.ask_around(connection, house, where, person, duty, now, release=release)
    chats = 0
    if duty.start <= at:
        people.set_present(connection, person, present=False)
        chats = give_back(connection, person)
    audit.record(connection, house.vault, person, "ill", cover, (where,), now)
    if release:
        shift_watch.look(connection, as_recorded(connection, house), now)
    whom = sorted(calls.supervisors(connection, house, where, now) - {person})
    whom = sorted({*whom, *calls.coordinators(connection, where)})
    notify(connection, house, Notice(Call.ROTA, f"ill:{cover}"), whom, now)
    return Ill(cover, release, told(connection, house, person, duty, now), chats)


def asked_to_step_in(
    connection: Connection, house: House, person: str, now: int
) -> tuple[tuple[str, str], ...]:
    """(id of the call, when) of every shift somebody wants her to step in for."""
    zone = own_zone(connection, house, person, now)
    return tuple(
        (one.id, stretch_told(max(one.duty.start, from_moment(now)), one.duty.end, zone))
        for one in cover_rows.asked_of(connection, house, person)
    )


@dataclass(frozen=True, slots=True)
class Own:
    """What she wishes otherwise; "" leaves it as it is. `reads` is a language of the messengers' words."""

    reads: str = ""
    zone: str = ""
    pin: str = ""


def keep_own(connection: Connection, house: House, person: str, own: Own, now: int) -> None:
    """Keep it, from today on. Raises `NotAProfile` for a zone nobody knows, `BadPin`."""
    if own.reads in house.library.staff:
        profile = people.get(connection, house, person).profile
        people.save_profile(connection, house, person, replace(profile, reads=own.reads))
        audit.record(connection, house.vault, person, "edit", person, ("reads",), now)
    if own.zone.strip():
        facts = Facts(zone=own.zone.strip().replace(" ", "_"))
        today = from_moment(now).astimezone(own_zone(connection, house, person, now)).date()
        qualifying.change(connection, house, person, facts, person, today, now)
    if own.pin.strip():
        check_in.set_pin(connection, house, person, own.pin, now)


def offer_days(
    connection: Connection, house: House, person: str, first: date, last: date, to: tuple[str, ...], now: int
) -> tuple[str, ...]:
    """Offer every shift that begins on one of these days, both included, on her own clock; see `swaps`."""
    zone = own_zone(connection, house, person, now)
    since = datetime.combine(first, time(0), tzinfo=zone)
    until = datetime.combine(last + timedelta(days=1), time(0), tzinfo=zone)
    return swaps.offer_range(connection, house, person, since, until, to, person, now)


def _next(
    connection: Connection, house: House, person: str, now: int, within: timedelta, watched: str
) -> Watched:
    """The shift that is named, or runs, else the next one that begins within this time."""
    shift_watch.look(connection, as_recorded(connection, house), now)
    at = from_moment(now)
    rows = [one for one in shift_rows.of_person(connection, house, person) if one.course.end > at]
    rows = [one for one in rows if one.id == watched] or rows
    if not rows or rows[0].course.start > at + within:
        raise DeskRefusal(Refusal.NOT_ON_DUTY)
    return rows[0]


def _named(
    connection: Connection, house: House, person: str, desk: str, instance: str, now: int
) -> tuple[str, Duty]:
    at = from_moment(now)
    alias = people.alias_of(connection, house, person)
    if instance:
        board = house.library.boards.get(desk)
        found = () if board is None else held(board.rota, alias, instance, (at, at + LONGEST_AHEAD))
        if not found:
            raise DeskRefusal(Refusal.NOT_YOURS)
        return desk, replace(found[0], end=found[-1].end)
    own = own_rota.shifts_of(house, alias, at, at + SHOWN_AHEAD, at)
    if not own:
        raise DeskRefusal(Refusal.NOT_YOURS)
    return own[0].desk, own[0].duty
