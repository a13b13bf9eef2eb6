"""Shifts as the patterns of one edition plan them, before any change."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from handoff.model import Offered, Tier
from handoff.rota.pattern import CalendarPattern, Rota, ShiftPattern
from handoff.rota.series import Occurrence
from handoff.rota.spans import Span
from handoff.rota.timing import Planned, Timing
from handoff.rota.zones import Zone, zone_named

_DAY: Final = timedelta(days=1)
_SLACK: Final = timedelta(days=2)  # more than any offset, or change of one, can move a wall
_KEY: Final = "%Y%m%dT%H%M%SZ"
_IS_KEY: Final = re.compile(r"\d{8}T\d{6}Z")
_IS_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Shift(NamedTuple):
    """One shift: who, from when to when, and what it is for.

    `instance` is its id: pattern and local date, with a number where a date has several; for a calendar,
    UID and recurrence instant. It never contains the time it was moved to. `starts` and `ends` are the
    walls it is planned at on the clock of `zone`; `ends` is None where its length is exact.
    """

    instance: str
    start: datetime
    end: datetime
    people: tuple[str, ...]
    tier: Tier
    role: str
    offers: Offered
    pattern: str
    starts: datetime
    ends: datetime | None
    zone: Zone


def shifts(rota: Rota, since: datetime, until: datetime) -> Iterator[Shift]:
    """The shifts that have part of themselves in the time from `since` to `until`."""
    for shift in shifts_near(rota, since, until):
        if shift.start < shift.end and shift.start < until and shift.end > since:
            yield shift


def shifts_near(rota: Rota, since: datetime, until: datetime) -> Iterator[Shift]:
    """The same and some around it, those of which a change of the clocks leaves nothing among them."""
    zone = zone_named(rota.zone)
    for pattern in rota.patterns:
        for planned in planned_near(pattern.timing, zone, since, until):
            yield _shift(pattern, planned, zone)
    for calendar in rota.calendars:
        for series in calendar.series:
            for occurrence in series.near(since, until):
                yield _imported(calendar, occurrence)


def planned_near(timing: Timing, zone: Zone, since: datetime, until: datetime) -> Iterator[Planned]:
    """Times whose walls are so near that they may have part of themselves in that time."""
    first = (zone.wall(since) - timing.lasts - _SLACK).date()
    return timing.planned(first, (zone.wall(until) + _SLACK).date())


def spans_of(timing: Timing, zone: Zone, since: datetime, until: datetime) -> Iterator[Span]:
    """From when to when something is, near that time; empty spans are left out."""
    for planned in planned_near(timing, zone, since, until):
        start, end = zone.moment(planned.starts), zone.moment(planned.ends)
        if start < end:
            yield start, end


def shifts_named(rota: Rota, instance: str) -> Iterator[Shift]:
    """The shift with this id as the patterns plan it: one, or none; more where calendars share a UID."""
    stem, _, last = instance.rpartition("/")
    if _IS_KEY.fullmatch(last):
        yield from _imported_named(rota, stem, last)
        return
    day, ordinal = last, 1
    if last.isdecimal():
        stem, _, day = stem.rpartition("/")
        ordinal = int(last)
    if not _IS_DAY.fullmatch(day):
        return
    try:
        local = date.fromisoformat(day)
    except ValueError:
        return
    zone = zone_named(rota.zone)
    for pattern in rota.patterns:
        for planned in pattern.timing.planned(local, local) if pattern.id == stem else ():
            shift = _shift(pattern, planned, zone)
            if planned.ordinal == ordinal and shift.start < shift.end:
                yield shift


def _imported_named(rota: Rota, uid: str, written: str) -> Iterator[Shift]:
    try:
        key = datetime.strptime(written, _KEY).replace(tzinfo=UTC)
    except ValueError:
        return
    for calendar in rota.calendars:
        for series in calendar.series:
            for occurrence in series.named(key) if series.uid == uid else ():
                if occurrence.start < occurrence.end:
                    yield _imported(calendar, occurrence)


def _shift(pattern: ShiftPattern, planned: Planned, zone: Zone) -> Shift:
    instance = f"{pattern.id}/{planned.day}"
    return Shift(
        instance if planned.ordinal == 1 else f"{instance}/{planned.ordinal}",
        zone.moment(planned.starts),
        zone.moment(planned.ends),
        pattern.on(planned),
        pattern.tier,
        pattern.role,
        pattern.offers,
        pattern.id,
        planned.starts,
        planned.ends,
        zone,
    )


def _imported(calendar: CalendarPattern, occurrence: Occurrence) -> Shift:
    return Shift(
        f"{occurrence.event.uid}/{occurrence.key:{_KEY}}",
        occurrence.start,
        occurrence.end,
        occurrence.event.people,
        calendar.tier,
        calendar.role,
        calendar.offers,
        calendar.id,
        occurrence.starts,
        occurrence.ends,
        occurrence.zone,
    )
