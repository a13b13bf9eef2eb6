"""The clocks a rota was planned by, kept so that new zone data shows what it moves.

UTC moments of what is planned on the wall clock are never trusted: governments change their clocks with a
week's notice (Mexico 2022). What is kept is the version of the data and when it lets each clock change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from handoff.rota.advice import clock_changes
from handoff.rota.brought_along import BroughtAlong, ClockChange
from handoff.rota.pattern import Rota
from handoff.rota.shifts import Shift, shifts_near
from handoff.rota.zones import IANA_VERSION, Zone, zone_named, zone_names

KEPT_FOR: Final = timedelta(days=3700)
LOOKED_AHEAD: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Zones by name with the changes of their clocks, as one version of the data (such as 2026f) has them."""

    iana: str
    changes: Mapping[str, tuple[ClockChange, ...]]


class ShiftMoved(NamedTuple):
    """A shift that other zone data puts at another time."""

    shift: Shift
    start: datetime
    end: datetime


def clocks_of(rota: Rota, now: datetime, kept_for: timedelta = KEPT_FOR) -> Clocks:
    """The clocks a rota goes by, for about ten years from now on."""
    return Clocks(IANA_VERSION, {name: _changes(zone_named(name), now, kept_for) for name in zones_of(rota)})


def zones_of(rota: Rota) -> tuple[str, ...]:
    """Names of the zones whose data a rota depends on; none that a calendar brought along."""
    events = (event for line in rota.calendars for one in line.series for event in one.events)
    names = {rota.zone, *(event.start.zone.name for event in events)}
    return tuple(sorted(names & zone_names()))


def moved_by_zone_data(
    rota: Rota, before: Clocks, now: datetime, ahead: timedelta = LOOKED_AHEAD
) -> tuple[ShiftMoved, ...]:
    """Shifts to come that were elsewhere by the clocks of `before`: the shift as it is, and its old times."""
    old = {name: Zone(name, BroughtAlong(name, changes)) for name, changes in before.changes.items()}
    found: list[ShiftMoved] = []
    for shift in shifts_near(rota, now, now + ahead):
        zone = old.get(shift.zone.name)
        if zone is None or shift.end <= now or shift.start >= now + ahead:
            continue
        start = zone.moment(shift.starts)
        end = start + (shift.end - shift.start) if shift.ends is None else zone.moment(shift.ends)
        if (start, end) != (shift.start, shift.end):
            found.append(ShiftMoved(shift, start, end))
    return tuple(sorted(found, key=lambda one: (one.shift.start, one.shift.instance)))


def _changes(zone: Zone, now: datetime, kept_for: timedelta) -> tuple[ClockChange, ...]:
    first = zone.wall(now).date() - _DAY
    days = clock_changes(zone, first, first + kept_for)
    begin = zone.midnight(first)
    found = [ClockChange(_naive(begin), _offset(zone, begin), _offset(zone, begin))]
    for day in days:
        found.extend(_changes_between(zone, zone.midnight(day), zone.midnight(day + _DAY)))
    return tuple(found)


def _changes_between(zone: Zone, since: datetime, until: datetime) -> list[ClockChange]:
    """The change of the clock between two moments, to the second; halves the time until it is found."""
    before, after = _offset(zone, since), _offset(zone, until)
    if before == after:
        return []
    while until - since > timedelta(seconds=1):
        middle = since + (until - since) // timedelta(seconds=2) * timedelta(seconds=1)
        if _offset(zone, middle) == before:
            since = middle
        else:
            until = middle
    return [ClockChange(_naive(until), before, after)]


def _offset(zone: Zone, moment: datetime) -> timedelta:
    return zone.local(moment).utcoffset() or timedelta()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
