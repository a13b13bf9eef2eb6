"""What a planner should look at: shifts a clock change swallows, odd handovers, people planned twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from handoff.rota.pattern import Rota
from handoff.rota.shifts import Shift, shifts, shifts_near
from handoff.rota.zones import Oddity, Zone, zone_named

AHEAD: Final = timedelta(days=400)
TWICE_AHEAD: Final = timedelta(days=28)
_DAY: Final = timedelta(days=1)


class Edge(StrEnum):
    """Which end of a shift."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, order=True)
class OddHandover:
    """A shift that begins or ends at a wall that never comes, or comes twice.

    `moment` is when it really is: the first of two, or read with the offset before the gap (P2).
    """

    moment: datetime
    instance: str
    edge: Edge
    wall: datetime
    oddity: Oddity


@dataclass(frozen=True, slots=True, order=True)
class OddLength:
    """A shift that is longer or shorter than the clock says; `lasts` is zero where nothing is left of it."""

    start: datetime
    instance: str
    on_the_clock: timedelta
    lasts: timedelta


def clock_changes(zone: Zone, first: date, last: date) -> tuple[date, ...]:
    """Local dates from `first` to `last` in which the clocks change."""
    found: list[date] = []
    day, offset = first, zone.local(zone.midnight(first)).utcoffset()
    while day <= last:
        after = zone.local(zone.midnight(day + _DAY)).utcoffset()
        if after != offset:
            found.append(day)
        day, offset = day + _DAY, after
    return tuple(found)


def odd_handovers(rota: Rota, since: datetime, until: datetime) -> tuple[OddHandover, ...]:
    """Every handover from `since` to `until` that falls into a gap or a fold of the clock."""
    found: set[OddHandover] = set()
    for shift in _near_changes(rota, since, until):
        walls = ((Edge.START, shift.starts, shift.start), (Edge.END, shift.ends, shift.end))
        for edge, wall, moment in walls:
            oddity = None if wall is None else shift.zone.oddity(wall)
            if wall is not None and oddity is not None and since <= moment < until:
                found.add(OddHandover(moment, shift.instance, edge, wall, oddity))
    return tuple(sorted(found))


def odd_lengths(rota: Rota, since: datetime, until: datetime) -> tuple[OddLength, ...]:
    """Every shift that begins from `since` to `until` and does not last as long as the clock says."""
    found: set[OddLength] = set()
    for shift in _near_changes(rota, since, until):
        if shift.ends is None or not since <= shift.start < until:
            continue
        on_the_clock = shift.ends - shift.starts
        lasts = max(shift.end - shift.start, timedelta())
        if on_the_clock > timedelta() and lasts != on_the_clock:
            found.add(OddLength(shift.start, shift.instance, on_the_clock, lasts))
    return tuple(sorted(found))


def plan_warnings(rota: Rota, today: date) -> Iterator[tuple[str, str]]:
    """Pattern (or calendar) id and a sentence for what a planner did not mean."""
    zone = zone_named(rota.zone)
    since = zone.midnight(today)
    told: set[str] = set()
    for shift in _near_changes(rota, since, since + AHEAD):
        swallowed = shift.ends is not None and shift.ends > shift.starts and shift.end <= shift.start
        if swallowed and shift.instance not in told:
            told.add(shift.instance)
            yield shift.pattern, _swallowed(shift)
    yield from _planned_twice(rota, since, zone)


def _near_changes(rota: Rota, since: datetime, until: datetime) -> Iterator[Shift]:
    """The shifts around every change of the clocks; the rest of the year has nothing odd in it."""
    zones = {zone_named(rota.zone)}
    zones.update(event.start.zone for line in rota.calendars for one in line.series for event in one.events)
    seen: set[date] = set()
    for zone in zones:
        for day in clock_changes(zone, zone.wall(since).date() - _DAY, zone.wall(until).date() + _DAY):
            if day not in seen:
                seen.add(day)
                yield from shifts_near(rota, zone.midnight(day - _DAY), zone.midnight(day + 2 * _DAY))


def _swallowed(shift: Shift) -> str:
    return (
        f"on {shift.starts:%Y-%m-%d} the clocks change and nothing is left of the shift from "
        f"{shift.starts:%H:%M} to {shift.ends:%H:%M}: nobody is on duty by it that night"
    )


def _planned_twice(rota: Rota, since: datetime, zone: Zone) -> Iterator[tuple[str, str]]:
    """Whoever stands in two shifts at once counts once, which the next four weeks show."""
    last: dict[str, Shift] = {}
    told: set[tuple[str, str, str]] = set()
    for shift in sorted(shifts(rota, since, since + TWICE_AHEAD), key=lambda one: one.start):
        for who in shift.people:
            before = last.get(who)
            if before is not None and before.end > shift.start:
                key = (who, before.pattern, shift.pattern)
                if key not in told and before.pattern != shift.pattern:
                    told.add(key)
                    yield shift.pattern, _twice(who, before, shift, zone)
            if before is None or shift.end > before.end:
                last[who] = shift


def _twice(who: str, one: Shift, other: Shift, zone: Zone) -> str:
    tiers = sorted({one.tier.value, other.tier.value})
    as_what = f"; of {' and '.join(tiers)} the stronger counts" if len(tiers) > 1 else ""
    when = zone.wall(other.start)
    return f"{who} is planned in two shifts at once on {when:%Y-%m-%d} and is on duty once{as_what}"
