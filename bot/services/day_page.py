"""Everything on the page of one's own shifts, as one value: one look at the rota, told on her own clock."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.services import own_day, people, shift_rows, shift_watch, swap_checks
from bot.services.house import House
from bot.services.messenger import addresses
from bot.services.own_rota import OwnDuty
from bot.services.swap_checks import SeenSwap
from bot.services.zones import own_zone
from bot.store.moments import from_moment
from handoff.rota.clock_face import clock_face, stretch_told


@dataclass(frozen=True, slots=True)
class DayShift:
    """One shift: `ahead` says that it has not begun, `offered` that a swap of it waits."""

    desk: str
    instance: str
    tier: str
    told: str
    ahead: bool
    offered: bool


@dataclass(frozen=True, slots=True)
class DaySwap:
    """A swap on the page; `mine` where she offered it, `waits` where it waits for a coordinator."""

    id: str
    told: str
    who: str
    desk: str
    mine: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The page.

    Attributes:
        zone: name of the zone times are told in.
        comes: what she can check in to, told; "" for nothing.
        presence: expected, late, there or missing.
        expected: when she said she would come, "" where she said nothing.
        shifts, on_offer, pending, stepping_in: see the page.
        linked: whether a messenger of hers is linked: without one she is reminded nowhere.
        others: (id, alias) of people a shift can be offered to alone.
    """

    zone: str
    comes: str
    presence: str
    expected: str
    shifts: tuple[DayShift, ...]
    on_offer: tuple[DaySwap, ...]
    pending: tuple[DaySwap, ...]
    stepping_in: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    linked: bool


def day_of(connection: Connection, house: House, person: str, now: int) -> Day:
    """The page of one person. Raises `UnknownPerson`."""
    at, zone = from_moment(now), own_zone(connection, house, person, now)
    pending = swap_checks.own(connection, house, person)
    offered = {one.swap.gives.instance for one in pending if one.swap.offered_by == person}
    near = [
        one for one in shift_rows.of_person(connection, house, person) if shift_watch.running(one.course, at)
    ]
    course = near[0].course if near else None
    expected = course.expected_at if course is not None and course.presence.value == "late" else None
    return Day(
        zone=zone.key,
        comes=stretch_told(course.start, course.end, zone) if course is not None else "",
        presence=course.presence.value if course is not None else "",
        expected=clock_face(expected, zone) if expected is not None else "",
        shifts=tuple(
            _shift(one, zone, offered, ahead=one.duty.start > at)
            for one in own_day.shifts(connection, house, person, now)
        ),
        on_offer=tuple(
            _swap(one, zone, one.offered_by) for one in swap_checks.on_offer(connection, house, person, now)
        ),
        pending=tuple(
            _swap(one, zone, _other(one, person), mine=one.swap.offered_by == person) for one in pending
        ),
        stepping_in=own_day.asked_to_step_in(connection, house, person, now),
        others=_others(connection, house, person),
        linked=bool(addresses.linked(connection, person)),
    )


def _shift(one: OwnDuty, zone: ZoneInfo, offered: set[str], *, ahead: bool) -> DayShift:
    duty = one.duty
    told = stretch_told(duty.start, duty.end, zone)
    return DayShift(one.desk, duty.instance, duty.tier.value, told, ahead, duty.instance in offered)


def _swap(one: SeenSwap, zone: ZoneInfo, who: str, *, mine: bool = False) -> DaySwap:
    gives = one.swap.gives
    told = stretch_told(gives.start, gives.end, zone)
    return DaySwap(one.swap.id, told, who, one.swap.desk, mine, bool(one.taken_by))


def _other(one: SeenSwap, person: str) -> str:
    return one.taken_by if one.swap.offered_by == person else one.offered_by


def _others(connection: Connection, house: House, person: str) -> tuple[tuple[str, str], ...]:
    """Colleagues at a desk of hers."""
    everybody = people.everyone(connection, house)
    mine = {where for one in everybody if one.id == person for _, where in one.grants}
    return tuple(
        (one.id, one.profile.alias)
        for one in everybody
        if one.id != person
        and one.state == "active"
        and any(where in mine or "network" in {where, *mine} for _, where in one.grants)
    )
