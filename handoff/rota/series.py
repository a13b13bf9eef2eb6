"""A calendar series: an event, its rules, and the exceptions to it, each known by its recurrence instant.

What RFC 5545 calls a recurrence set, with the rota's own readings (rota.md P2 to P6): the wall clock rules
starts and ends, no occurrence is dropped, everything is matched by instant. An occurrence keeps the instant
at which the rule put it as its name, however it is moved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from handoff.rota.expansion import recurring
from handoff.rota.recurrence import Rule
from handoff.rota.zones import Zone

_DAY: Final = timedelta(days=1)
_SLACK: Final = timedelta(days=2)  # more than any offset, or change of one, can move a wall


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as a calendar writes it: a wall, and the clock it is read on; a day is its midnight."""

    wall: datetime
    zone: Zone
    is_day: bool = False

    @property
    def moment(self) -> datetime:
        """When that is."""
        return self.zone.moment(self.wall)


@dataclass(frozen=True, slots=True)
class Handover:
    """DTEND: it ends at the wall this long after the start's wall, however long that really is (P3)."""

    after: timedelta

    def of(self, wall: datetime, begun: datetime, zone: Zone) -> datetime:  # noqa: ARG002  as Lasting.of
        """When an occurrence ends that begins at this wall."""
        return zone.moment(wall + self.after)

    @property
    def longest(self) -> timedelta:
        """No occurrence is longer on the wall clock."""
        return max(self.after, timedelta())


@dataclass(frozen=True, slots=True)
class Lasting:
    """DURATION: whole days on the wall clock first, then exact time (P3)."""

    days: int
    exact: timedelta

    def of(self, wall: datetime, begun: datetime, zone: Zone) -> datetime:
        """When an occurrence ends that begins at this wall."""
        return (zone.moment(wall + self.days * _DAY) if self.days else begun) + self.exact

    @property
    def longest(self) -> timedelta:
        """No occurrence is longer on the wall clock, but for a change of the clocks."""
        return max(self.days * _DAY + self.exact, timedelta())


End = Handover | Lasting


class Addition(NamedTuple):
    """RDATE: one more occurrence; a PERIOD brings its own end."""

    moment: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT.

    Attributes:
        uid: names the series it belongs to.
        start: DTSTART.
        end: from DTEND, DURATION, or what their absence means.
        people: local parts of the attendees' addresses, each once.
        rules: RRULE.
        also: RDATE.
        but_not: EXDATE.
        sequence: SEQUENCE, 0 when not given.
        cancelled: STATUS:CANCELLED.
        instead_of: RECURRENCE-ID; None for the series itself.
        onwards: RANGE=THISANDFUTURE: later occurrences follow this one.
        required: X-REQUIRED of a demand window, None when not given.
        line: where it stands in its file.
    """

    uid: str
    start: Stamp
    end: End
    people: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    also: tuple[Addition, ...] = ()
    but_not: frozenset[datetime] = frozenset()
    sequence: int = 0
    cancelled: bool = False
    instead_of: datetime | None = None
    onwards: bool = False
    required: int | None = None
    line: int = 0

    @property
    def over(self) -> datetime:
        """When this event itself ends."""
        return self.end.of(self.start.wall, self.start.moment, self.start.zone)


class Occurrence(NamedTuple):
    """One occurrence: `key` is the instant the series put it at, `event` says who and how.

    `starts` is the wall it begins at, on the clock of `zone`.
    """

    key: datetime
    start: datetime
    end: datetime
    event: Event
    starts: datetime
    zone: Zone

    @property
    def ends(self) -> datetime | None:
        """The wall it ends at, None where its length is exact."""
        return self.starts + self.event.end.after if isinstance(self.event.end, Handover) else None


@dataclass(frozen=True)
class Series:
    """All events of one UID: the series itself, if the calendar holds it, and its exceptions by instant.

    An exception that matches no occurrence stands for itself; one for an instant that EXDATE takes out
    goes with it. A later event of the same rank has been dropped by `of`.
    """

    uid: str
    master: Event | None
    exceptions: Mapping[datetime, Event] = field(default_factory=dict[datetime, Event])

    @staticmethod
    def of(events: list[Event]) -> "Series":
        """The series that events of one UID make: the highest SEQUENCE wins, of equals the first (P6)."""
        master: Event | None = None
        exceptions: dict[datetime, Event] = {}
        for event in events:
            if event.instead_of is None:
                if master is None or event.sequence > master.sequence:
                    master = event
            else:
                known = exceptions.get(event.instead_of)
                if known is None or event.sequence > known.sequence:
                    exceptions[event.instead_of] = event
        return Series(events[0].uid, master, exceptions)

    def renamed(self, called: Mapping[str, str]) -> "Series":
        """The same with people named as `called` (casefolded) says; who is not in it keeps her name."""

        def rename(event: Event) -> Event:
            names = (called.get(who.casefold(), who) for who in event.people)
            return replace(event, people=tuple(dict.fromkeys(names)))

        master = None if self.master is None else rename(self.master)
        return Series(self.uid, master, {key: rename(event) for key, event in self.exceptions.items()})

    @property
    def events(self) -> tuple[Event, ...]:
        """Those that count."""
        return (*(() if self.master is None else (self.master,)), *self.exceptions.values())

    def between(self, since: datetime, until: datetime) -> Iterator[Occurrence]:
        """Every occurrence that has part of itself in the time from `since` to `until`."""
        for one in self.near(since, until):
            if one.start < one.end and one.start < until and one.end > since:
                yield one

    def near(self, since: datetime, until: datetime) -> Iterator[Occurrence]:
        """The same and some around it, those of no length among them; none is cancelled."""
        master = self.master
        gone = master.but_not if master is not None else frozenset[datetime]()
        if master is not None:
            zone = master.start.zone
            first = zone.wall(since) - self._reach - _SLACK
            last = zone.wall(until) + self._reach + _SLACK
            for key, wall, end in _recurrences(master, first, last):
                if key not in gone and key not in self.exceptions:
                    one = self._planned(master, key, wall, end)
                    if not one.event.cancelled:
                        yield one
        for key, event in self.exceptions.items():
            if key not in gone and not event.cancelled:
                start = event.start
                yield Occurrence(key, start.moment, event.over, event, start.wall, start.zone)

    def named(self, key: datetime) -> Iterator[Occurrence]:
        """The occurrence with this recurrence instant, wherever it was moved to."""
        return (one for one in self.near(key, key) if one.key == key)

    def _planned(self, master: Event, key: datetime, wall: datetime, end: datetime | None) -> Occurrence:
        """An occurrence without an exception of its own: the last THISANDFUTURE before it counts."""
        zone = master.start.zone
        event, moved = master, timedelta()
        for begin, follower, shift in self._followers:
            if begin < key:
                event, moved = follower, shift
        start = key if not moved else zone.moment(wall + moved)
        if end is not None:
            return Occurrence(key, start, end + (start - key), event, wall + moved, zone)
        return Occurrence(key, start, event.end.of(wall + moved, start, zone), event, wall + moved, zone)

    @cached_property
    def _followers(self) -> list[tuple[datetime, Event, timedelta]]:
        """Exceptions that later occurrences follow, with how far each moves them on the wall clock."""
        if self.master is None:
            return []
        zone = self.master.start.zone
        return [
            (key, event, zone.wall(event.start.moment) - zone.wall(key))
            for key, event in sorted(self.exceptions.items())
            if event.onwards
        ]

    @cached_property
    def _reach(self) -> timedelta:
        """How far from its recurrence instant an occurrence of the rule can begin or end."""
        if self.master is None:
            return timedelta()
        moved = [abs(shift) + event.end.longest for _, event, shift in self._followers]
        own = [one.end - one.moment for one in self.master.also if one.end is not None]
        return max([self.master.end.longest, *moved, *own])


def _recurrences(
    event: Event, first: datetime, last: datetime
) -> Iterator[tuple[datetime, datetime, datetime | None]]:
    """The recurrence set near these walls: (instant, its wall, an end of its own).

    What is said twice is there once. Two walls that a jump of the clocks lays on one instant are both there:
    one of them may have no length left, and a person counts once anyway (P8).
    """
    zone = event.start.zone
    ends = {one.moment: one.end for one in event.also if one.end is not None}
    walls = set(_walls(event, first, last))
    keys = {zone.moment(wall) for wall in walls}
    for wall in sorted(walls):
        key = zone.moment(wall)
        yield key, wall, ends.get(key)
    for key in {one.moment for one in event.also} - keys:
        wall = zone.wall(key)
        if first <= wall <= last:
            yield key, wall, ends.get(key)


def _walls(event: Event, first: datetime, last: datetime) -> Iterator[datetime]:
    start = event.start
    limits = [_limit(rule.until, start.zone) for rule in event.rules]
    if first <= start.wall <= last and (not limits or any(start.moment < limit for limit in limits)):
        yield start.wall
    for rule, limit in zip(event.rules, limits, strict=True):
        until = last if limit is _NEVER else min(last, start.zone.wall(limit) + _SLACK)
        for wall in recurring(rule, start.wall, until, first):
            if limit is _NEVER or start.zone.moment(wall) < limit:
                yield wall


_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def _limit(until: date | None, zone: Zone) -> datetime:
    """The first moment that UNTIL leaves out: it is inclusive, and a day means its whole (P4)."""
    if until is None:
        return _NEVER
    if not isinstance(until, datetime):
        return zone.midnight(until + _DAY)
    return (until if until.tzinfo is not None else zone.moment(until)) + timedelta.resolution
