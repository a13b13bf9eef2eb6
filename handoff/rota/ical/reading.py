"""A calendar as the rota reads it: VEVENTs become series, VTIMEZONEs zones, faults complaints with a line."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import unquote

from handoff.issue import Complaint
from handoff.rota.expansion import TooMany
from handoff.rota.ical.lines import Component, NotACalendar, Property, components
from handoff.rota.ical.values import (
    BadValue,
    additions,
    duration,
    stamp,
    stamps,
    whole,
)
from handoff.rota.ical.vtimezone import zone_brought
from handoff.rota.recurrence import BadRule, Rule, read_rule
from handoff.rota.series import Addition, End, Event, Handover, Lasting, Series, Stamp
from handoff.rota.zones import Zone, iana_name, zone_named

MOST_PEOPLE: Final = 500  # of one event
MOST_IN_A_YEAR: Final = 200_000  # occurrences of a whole calendar
LONGEST_REPEATED: Final = timedelta(days=400)
_NOT_THERE: Final = frozenset({"DECLINED", "DELEGATED"})
_NOT_PEOPLE: Final = frozenset({"ROOM", "RESOURCE"})
_AS_WRITTEN: Final[Mapping[str, str]] = {}
_MAILTO: Final = re.compile(r"mailto:([^@]+)", re.IGNORECASE)

T = TypeVar("T")


def read_calendar(
    text: str, file: str, zone: Zone, people: Mapping[str, str] = _AS_WRITTEN
) -> tuple[tuple[Series, ...] | None, tuple[Complaint, ...]]:
    """The series of a calendar by UID, None when it has errors; `zone` is the rota's, for floating times.

    A volunteer is the local part of an attendee's address, or what `people` calls that.
    """
    reader = _Reader(file, zone, people)
    try:
        calendars = components(text)
    except NotACalendar as fault:
        return None, (Complaint(file, fault.line, "", str(fault)),)
    reader.zones(calendars)
    events = [event for calendar in calendars for event in reader.events(calendar)]
    complaints = tuple(sorted(reader.complaints))
    if any(not complaint.warning for complaint in complaints):
        return None, complaints
    by_uid: dict[str, list[Event]] = {}
    for event in events:
        by_uid.setdefault(event.uid, []).append(event)
    return tuple(Series.of(same) for same in by_uid.values()), complaints


def check_amount(series: tuple[Series, ...], file: str, today: date, zone: Zone) -> tuple[Complaint, ...]:
    """Errors where a calendar recurs more often in 400 days than any rota does.

    A series is looked at from today on, or from its own beginning if that lies ahead.
    """
    ahead, seen = timedelta(days=400), 0
    for one in series:
        line = one.events[0].line
        since = max(zone.midnight(today), min(event.start.moment for event in one.events))
        until = since + ahead
        try:
            for _ in one.near(since, until):
                seen += 1
                if seen > MOST_IN_A_YEAR:
                    sentence = f"the calendar has more than {MOST_IN_A_YEAR} occurrences in 400 days"
                    return (Complaint(file, line, "VEVENT", sentence),)
        except TooMany as fault:
            return (Complaint(file, line, "VEVENT", str(fault)),)
    return ()


class _Reader:
    """One file being read; every fault in it is found in one pass."""

    def __init__(self, file: str, zone: Zone, called: Mapping[str, str]) -> None:
        self.complaints: list[Complaint] = []
        self._file = file
        self._zone = zone
        self._called = called
        self._brought: dict[str, Zone | None] = {}

    def zones(self, calendars: list[Component]) -> None:
        """Read the zones that the calendar brings and the pinned data does not know (P7)."""
        for part in (part for calendar in calendars for part in calendar.parts):
            tzid = part.first("TZID") if part.name == "VTIMEZONE" else None
            if tzid is None or iana_name(tzid.text.strip()) is not None:
                continue
            try:
                self._brought[tzid.text.strip()] = zone_brought(part)
            except (BadValue, BadRule) as fault:
                self._brought[tzid.text.strip()] = None
                self._complain(part.line, "VTIMEZONE", str(fault))

    def events(self, calendar: Component) -> Iterator[Event]:
        """Every VEVENT of a calendar that can be read."""
        method = calendar.first("METHOD")
        cancelling = method is not None and method.value.strip().upper() == "CANCEL"
        for part in calendar.parts:
            if part.name == "VEVENT":
                event = self._event(part, cancelling=cancelling)
                if event is not None:
                    yield event

    def _event(self, part: Component, *, cancelling: bool) -> Event | None:
        uid, start = part.first("UID"), part.first("DTSTART")
        if uid is None or not uid.text.strip():
            self._complain(part.line, "VEVENT", "an event has no UID")
        if start is None:
            self._complain(part.line, "VEVENT", "an event has no DTSTART")
            return None
        for one in part.every("EXRULE"):
            self._complain(one.line, "EXRULE", "EXRULE is of an older standard: write EXDATE instead")
        begins = self._read(start, lambda: stamp(start, self._zone_of))
        if begins is None or uid is None:
            return None
        end = self._end(part, begins)
        rules, also = self._rules(part, begins), self._additions(part)
        status, again = part.first("STATUS"), part.first("RECURRENCE-ID")
        instead_of = None if again is None else self._read(again, lambda: stamp(again, self._zone_of))
        if end is None or (again is not None and instead_of is None):
            return None
        if again is not None and instead_of is not None:
            self._check_kind(again, [instead_of], begins)
            rules, also = (), ()  # an exception is one occurrence; what recurs is the series
        elif (rules or also) and end.longest > LONGEST_REPEATED:
            self._complain(part.line, "VEVENT", "an event of more than 400 days does not recur")
        return Event(
            uid=uid.text.strip(),
            start=begins,
            end=end,
            people=self._people(part),
            rules=rules,
            also=also,
            but_not=self._exdates(part, begins),
            sequence=self._number(part, "SEQUENCE") or 0,
            cancelled=cancelling or (status is not None and status.value.strip().upper() == "CANCELLED"),
            instead_of=None if instead_of is None else instead_of.moment,
            onwards=again is not None and again.param("RANGE").upper() == "THISANDFUTURE",
            required=self._number(part, "X-REQUIRED"),
            line=part.line,
        )

    def _end(self, part: Component, begins: Stamp) -> End | None:
        over, lasts = part.first("DTEND"), part.first("DURATION")
        if over is not None and lasts is not None:
            self._complain(lasts.line, "DURATION", "an event has DTEND and DURATION: keep one of them")
            return None
        if lasts is not None:
            return self._read(lasts, lambda: duration(lasts.value))
        if over is None:
            return Handover(timedelta(days=1) if begins.is_day else timedelta())
        ends = self._read(over, lambda: stamp(over, self._zone_of))
        if ends is None:
            return None
        if ends.is_day is not begins.is_day:
            self._complain(over.line, "DTEND", "DTSTART and DTEND are both days, or both have a time")
            return None
        if ends.moment < begins.moment:
            self._complain(over.line, "DTEND", "it ends before it begins: nobody is on by it", warning=True)
        if ends.zone is begins.zone:
            return Handover(ends.wall - begins.wall)
        return Lasting(0, ends.moment - begins.moment)

    def _rules(self, part: Component, begins: Stamp) -> tuple[Rule, ...]:
        found: list[Rule] = []
        for one in part.every("RRULE"):
            rule = self._read(
                one, lambda one=one: read_rule(_without_times(one.value) if begins.is_day else one.value)
            )
            if rule is not None:
                found.append(rule)
        return tuple(found)

    def _additions(self, part: Component) -> tuple[Addition, ...]:
        found: list[Addition] = []
        for one in part.every("RDATE"):
            found += self._read(one, lambda one=one: additions(one, self._zone_of)) or ()
        return tuple(found)

    def _exdates(self, part: Component, begins: Stamp) -> frozenset[datetime]:
        found: list[Stamp] = []
        for one in part.every("EXDATE"):
            read = self._read(one, lambda one=one: stamps(one, self._zone_of)) or []
            self._check_kind(one, read, begins)
            found += read
        return frozenset(each.moment for each in found)

    def _check_kind(self, one: Property, read: list[Stamp], begins: Stamp) -> None:
        """A day never means the shift that begins at some time of it: it is matched by instant (P5)."""
        if any(each.is_day and not begins.is_day for each in read):
            sentence = f"{one.name} names a day, which is its midnight: write the time the shift begins"
            self._complain(one.line, one.name, sentence, warning=True)

    def _people(self, part: Component) -> tuple[str, ...]:
        people: dict[str, None] = {}
        attendees = part.every("ATTENDEE")
        if len(attendees) > MOST_PEOPLE:
            self._complain(part.line, "ATTENDEE", f"an event has more than {MOST_PEOPLE} attendees")
            return ()
        for one in attendees:
            if one.param("CUTYPE").upper() in _NOT_PEOPLE:
                continue
            match = _MAILTO.match(one.value.strip())
            if match is None:
                self._complain(one.line, "ATTENDEE", "an attendee is written mailto:alias@…", warning=True)
            elif one.param("PARTSTAT").upper() in _NOT_THERE:
                self._complain(one.line, "ATTENDEE", "she declined: she is not on by it", warning=True)
            else:
                name = unquote(match[1])
                people[self._called.get(name, name)] = None
        return tuple(people)

    def _number(self, part: Component, name: str) -> int | None:
        one = part.first(name)
        return None if one is None else self._read(one, lambda: whole(one))

    def _zone_of(self, one: Property) -> Zone:
        name = one.param("TZID").strip()
        if not name:
            return self._zone
        known = iana_name(name)
        if known is not None:
            return zone_named(known)
        if name in self._brought:
            # A zone that could not be read has been complained of.
            return self._brought[name] or self._zone
        # Some programs write an address before the name: /example.org/2026/Europe/Berlin.
        parts = name.split("/")
        for first in range(1, len(parts)):
            known = iana_name("/".join(parts[first:]))
            if known is not None:
                return zone_named(known)
        raise BadValue(f"{name!r} is no zone of the time-zone data, no Windows name, and no VTIMEZONE here")

    def _read(self, one: Property, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (BadValue, BadRule, OverflowError) as fault:
            self._complain(one.line, one.name, str(fault))
            return None

    def _complain(self, line: int, path: str, message: str, *, warning: bool = False) -> None:
        self.complaints.append(Complaint(self._file, line, path, message, warning))


def _without_times(rule: str) -> str:
    """BYHOUR and the like say nothing about whole days, and must be ignored there (RFC 5545 §3.3.10)."""
    parts = rule.split(";")
    return ";".join(part for part in parts if not part.upper().startswith(("BYHOUR", "BYMINUTE", "BYSECOND")))
