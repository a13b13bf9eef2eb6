"""A second answer to a rota vector, that shares no code with the product.

icalendar reads the file, dateutil expands the rules in naive local time, zoneinfo maps walls to moments,
and coverage is counted anew at every edge. Slow, plain, and only for tests.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event
from icalendar.prop import vDuration
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

Span = tuple[datetime, datetime]
On = dict[str, list[Span]]
FAR = timedelta(days=60)


def answer(vector: dict[str, Any]) -> dict[str, Any]:
    """On duty and gaps of a vector, and the minutes of each volunteer."""
    zone = pinned(vector["rota_zone"])
    query = parsed(vector["query"]["start"]), parsed(vector["query"]["end"])
    on: On = {}
    for start, end, event in occurrences(vector["ical"], zone, query):
        for who in attendees(event):
            on.setdefault(who, []).append((start, end))
    for change in sorted(vector.get("changes") or (), key=lambda each: each["seq"]):
        if change["status"] == "approved":
            on = changed(on, change)
    on = {who: merged(clip(spans, query)) for who, spans in on.items()}
    on = {who: on[who] for who in sorted(on) if on[who]}
    found: dict[str, Any] = {
        "on_duty": {who: [[told(start), told(end)] for start, end in spans] for who, spans in on.items()},
        "total_minutes": {
            who: int(sum((end - start).total_seconds() for start, end in spans) // 60)
            for who, spans in on.items()
        },
    }
    if vector.get("demand") is not None:
        found["gaps"] = gaps(on, list(demanded(vector["demand"], zone, query)), query)
    return found


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def pinned(name: str) -> ZoneInfo:
    """The zone of the package, not of the host, whose data may be older."""
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


# --- the calendar ---------------------------------------------------------------------------------------
def occurrences(text: str, zone: ZoneInfo, query: Span) -> Iterator[tuple[datetime, datetime, Event]]:
    # As text: icalendar reads PT24H and P1D as the same.
    calendar = Calendar.from_ical(text.replace("\nDURATION:", "\nX-DURATION:"))
    brought = {str(each["TZID"]): each.to_tz() for each in calendar.walk("VTIMEZONE")}
    by_uid: dict[str, list[Event]] = {}
    for event in calendar.walk("VEVENT"):
        by_uid.setdefault(str(event["UID"]), []).append(event)
    for events in by_uid.values():
        yield from _Series(events, zone, brought).occurrences(query)


class _Series:
    def __init__(self, events: list[Event], zone: ZoneInfo, brought: dict[str, tzinfo]) -> None:
        self.zone = zone
        self.brought = brought
        self.master: Event | None = None
        self.exceptions: dict[datetime, Event] = {}
        for event in events:
            rank = int(event.get("SEQUENCE", 0))
            if "RECURRENCE-ID" in event:
                (key,) = self.moments(event["RECURRENCE-ID"])
                if key not in self.exceptions or rank > int(self.exceptions[key].get("SEQUENCE", 0)):
                    self.exceptions[key] = event
            elif self.master is None or rank > int(self.master.get("SEQUENCE", 0)):
                self.master = event

    def clock(self, prop: Any, digits: str) -> tzinfo:
        if digits.endswith("Z"):
            return UTC
        tzid = str(prop.params.get("TZID", "")) if prop.params else ""
        if len(digits) == 8 or not tzid:
            return self.zone
        tzid = WINDOWS_TO_OLSON.get(tzid, tzid)
        return pinned(tzid) if "/" in tzid or tzid not in self.brought else self.brought[tzid]

    @staticmethod
    def wall(digits: str) -> datetime:
        bare = digits.removesuffix("Z")
        return datetime.strptime(bare, "%Y%m%d" if len(bare) == 8 else "%Y%m%dT%H%M%S")  # noqa: DTZ007

    def moments(self, prop: Any) -> list[datetime]:
        words = prop.to_ical().decode().split(",")
        return [moment(self.wall(word), self.clock(prop, word)) for word in words]

    def listed(self, event: Event, name: str) -> Iterator[Any]:
        props = event.get(name, [])
        yield from props if isinstance(props, list) else [props]

    def start(self, event: Event) -> tuple[datetime, tzinfo]:
        prop = event["DTSTART"]
        digits = prop.to_ical().decode()
        return self.wall(digits), self.clock(prop, digits)

    def end(self, event: Event, wall: datetime, begun: datetime, clock: tzinfo) -> datetime:
        """P3."""
        first, first_clock = self.start(event)
        if "DTEND" in event:
            digits = event["DTEND"].to_ical().decode()
            last, last_clock = self.wall(digits), self.clock(event["DTEND"], digits)
            if str(last_clock) == str(first_clock):
                return moment(wall + (last - first), clock)
            return begun + (moment(last, last_clock) - moment(first, first_clock))
        if "X-DURATION" in event:
            return lasting(str(event["X-DURATION"]), wall, begun, clock)
        if len(event["DTSTART"].to_ical()) == 8:
            return moment(wall + timedelta(days=1), clock)
        return begun

    def recurrences(self, query: Span) -> Iterator[tuple[datetime, datetime, datetime | None]]:
        """(instant, wall, own end) of the master's recurrence set, before EXDATE."""
        assert self.master is not None
        wall, clock = self.start(self.master)
        horizon = query[1].replace(tzinfo=None) + FAR
        rules = [each.to_ical().decode() for each in self.listed(self.master, "RRULE")]
        found: dict[datetime, list[datetime]] = {}
        ends: dict[datetime, datetime] = {}
        limits: list[datetime | None] = []
        for rule in rules:
            parts = dict(part.split("=") for part in rule.split(";"))
            limits.append(self.limit(parts.pop("UNTIL", None), clock))
            text = ";".join(f"{name}={value}" for name, value in parts.items())
            for each in rrulestr(text, dtstart=wall):
                if each > horizon:
                    break
                begun = moment(each, clock)
                if limits[-1] is not None and begun > limits[-1]:
                    break
                found.setdefault(begun, []).append(each)
        if not rules or any(limit is None or moment(wall, clock) <= limit for limit in limits):
            found.setdefault(moment(wall, clock), [wall])
        for prop in self.listed(self.master, "RDATE"):
            for word in prop.to_ical().decode().split(","):
                head, _, tail = word.partition("/")
                own = self.clock(prop, head)
                begun = moment(self.wall(head), own)
                found.setdefault(begun, [begun.astimezone(clock).replace(tzinfo=None)])
                if tail.startswith("P"):
                    ends[begun] = lasting(tail, self.wall(head), begun, own)
                elif tail:
                    ends[begun] = moment(self.wall(tail), self.clock(prop, tail))
        for begun, walls in found.items():
            for there in walls:
                yield begun, there, ends.get(begun)

    def limit(self, until: str | None, clock: tzinfo) -> datetime | None:
        if until is None:
            return None
        if len(until) == 8:
            next_day = self.wall(until) + timedelta(days=1)
            return moment(next_day, clock) - timedelta(microseconds=1)
        return moment(self.wall(until), UTC if until.endswith("Z") else clock)

    def occurrences(self, query: Span) -> Iterator[tuple[datetime, datetime, Event]]:
        gone: set[datetime] = set()
        if self.master is not None:
            for prop in self.listed(self.master, "EXDATE"):
                gone.update(self.moments(prop))
            _, clock = self.start(self.master)
            followers = sorted(
                (key, event)
                for key, event in self.exceptions.items()
                if event["RECURRENCE-ID"].params.get("RANGE") == "THISANDFUTURE"
            )
            for key, wall, own_end in self.recurrences(query):
                if key in gone or key in self.exceptions:
                    continue
                event, shift = self.master, timedelta()
                for begin, follower in followers:
                    if begin < key:
                        theirs, their_clock = self.start(follower)
                        new = moment(theirs, their_clock).astimezone(clock).replace(tzinfo=None)
                        event, shift = follower, new - begin.astimezone(clock).replace(tzinfo=None)
                if str(event.get("STATUS", "")) == "CANCELLED":
                    continue
                begun = moment(wall + shift, clock) if shift else key
                end = (
                    self.end(event, wall + shift, begun, clock)
                    if own_end is None
                    else own_end + (begun - key)
                )
                yield begun, end, event
        for key, event in self.exceptions.items():
            if key not in gone and str(event.get("STATUS", "")) != "CANCELLED":
                wall, clock = self.start(event)
                begun = moment(wall, clock)
                yield begun, self.end(event, wall, begun, clock), event


@cache
def moment(wall: datetime, clock: tzinfo) -> datetime:
    """P2, tried out: of the moments that show this wall the first; of none, by the offset before the gap."""
    guess = wall.replace(tzinfo=UTC)
    offsets = {
        (guess + timedelta(hours=hours)).astimezone(clock).utcoffset() or timedelta()
        for hours in range(-36, 37, 6)
    }
    shown = [
        guess - offset
        for offset in offsets
        if (guess - offset).astimezone(clock).replace(tzinfo=None, fold=0) == wall
    ]
    if shown:
        return min(shown)
    # Nothing shows it: the clocks jump over it, and before the jump they were behind.
    return max(guess - offset for offset in around(guess, clock))


def around(guess: datetime, clock: tzinfo) -> set[timedelta]:
    """The offsets just before and just after the jump over a wall."""
    low, high = guess - timedelta(hours=40), guess + timedelta(hours=40)
    target = guess.replace(tzinfo=None)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(clock).replace(tzinfo=None) < target:
            low = middle
        else:
            high = middle
    return {each.astimezone(clock).utcoffset() or timedelta() for each in (low, high)}


def lasting(text: str, wall: datetime, begun: datetime, clock: tzinfo) -> datetime:
    """Days on the wall clock, then exact time."""
    head, _, tail = text.partition("T")
    sign = -1 if text.startswith("-") else 1
    exact = abs(vDuration.from_ical(f"PT{tail}")) * sign if tail else timedelta()
    days = abs(vDuration.from_ical(head.lstrip("+-"))) * sign if head.lstrip("+-") != "P" else timedelta()
    return (moment(wall + days, clock) if days else begun) + exact


def attendees(event: Event) -> list[str]:
    listed = event.get("ATTENDEE", [])
    names = [
        str(each).split(":", 1)[1].split("@")[0]
        for each in (listed if isinstance(listed, list) else [listed])
    ]
    return list(dict.fromkeys(names))


# --- changes --------------------------------------------------------------------------------------------
def changed(on: On, change: dict[str, Any]) -> On:
    """P8."""
    new = {who: list(spans) for who, spans in on.items()}

    def take(who: str, window: Span) -> list[Span]:
        taken = clip(merged(on.get(who, [])), window)
        new[who] = without(new.get(who, []), window)
        return taken

    def give(who: str, spans: list[Span]) -> None:
        new[who] = merged([*new.get(who, []), *spans])

    if change["kind"] == "swap":
        sides = [
            (side["who"], (parsed(side["start"]), parsed(side["end"]))) for side in (change["a"], change["b"])
        ]
        taken = [take(*side) for side in sides]
        give(sides[0][0], taken[1])
        give(sides[1][0], taken[0])
        return new
    window = parsed(change["start"]), parsed(change["end"])
    if change["kind"] == "add":
        give(change["to"], [window])
    elif change["kind"] == "remove":
        take(change["from"], window)
    elif change["kind"] == "replace":
        give(change["to"], take(change["from"], window))
    else:
        raise AssertionError(change["kind"])
    return new


def merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def clip(spans: Iterable[Span], window: Span) -> list[Span]:
    cut = ((max(start, window[0]), min(end, window[1])) for start, end in spans)
    return [(start, end) for start, end in cut if start < end]


def without(spans: Iterable[Span], window: Span) -> list[Span]:
    spans = list(spans)
    before = [(start, min(end, window[0])) for start, end in spans]
    after = [(max(start, window[1]), end) for start, end in spans]
    return [(start, end) for start, end in (*before, *after) if start < end]


# --- demand ---------------------------------------------------------------------------------------------
def demanded(demand: dict[str, Any], zone: ZoneInfo, query: Span) -> Iterator[tuple[Span, int]]:
    if "required" in demand:
        yield query, demand["required"]
        return
    for start, end, event in occurrences(demand["ical"], zone, query):
        yield (start, end), int(str(event["X-REQUIRED"]))


def gaps(on: On, demand: list[tuple[Span, int]], query: Span) -> list[dict[str, Any]]:
    edges = {*query}
    for spans in (*on.values(), [span for span, _ in demand]):
        edges.update(edge for span in clip(spans, query) for edge in span)
    found: list[dict[str, Any]] = []
    ordered = sorted(edges)
    for start, end in itertools.pairwise(ordered):
        needed = max((n for span, n in demand if span[0] <= start and end <= span[1]), default=0)
        there = sum(any(s <= start and end <= e for s, e in spans) for spans in on.values())
        if needed <= there:
            continue
        if found and found[-1]["end"] == told(start) and found[-1]["missing"] == needed - there:
            found[-1]["end"] = told(end)
        else:
            found.append({"start": told(start), "end": told(end), "missing": needed - there})
    return found
