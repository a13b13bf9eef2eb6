"""Opening hours of a resource: read, checked, and asked whether it is open (B-129, B-131).

The written form is the one editors already use: `24/7`, `daily 10:00-22:00`, `weekdays 09-17`,
`Mon-Fri 08:00-12:00 & 14:00-20:00; Sat 10:00-12:00`, and `… except holidays`. What is not understood
is never guessed: `parse` answers None, and the text is shown as it was given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GROUPS = {
    "daily": range(7),
    "every day": range(7),
    "weekdays": range(5),
    "weekends": range(5, 7),
}
_HOLIDAYS = re.compile(r"\s*,?\s*(?:except|not on)(?: public)? holidays\s*$")
_DAY_NAME = r"(?:(?:mon|fri|sun)(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|sat(?:urday)?)\b"
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<group>daily|every day|weekdays|weekends)"
    rf"|(?P<day>{_DAY_NAME})(?:\s*-\s*(?P<until>{_DAY_NAME}))?"
    r"|(?P<start>\d{1,2}(?::\d{2})?)\s*-\s*(?P<end>\d{1,2}(?::\d{2})?)"
    r"|(?P<join>[,;&]|and\b)"
    r")\s*"
)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One stretch of opening on local clocks.

    Attributes:
        day: 0 for Monday to 6 for Sunday, the day it begins.
        start: minutes after midnight, below `DAY`.
        end: minutes after that midnight; above `DAY` when it crosses into the next day.
    """

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A week of opening.

    Attributes:
        spans: sorted; empty when `always`.
        always: day and night.
        open_on_holidays: False when it keeps public holidays, which this program does not know.
    """

    spans: tuple[Span, ...] = ()
    always: bool = False
    open_on_holidays: bool = True


def parse(text: str) -> OpeningHours | None:
    """Read opening hours; None for anything not wholly understood, an impossible time included."""
    plain = text.casefold().replace("–", "-").replace("—", "-").strip()
    if plain == "24/7":
        return OpeningHours(always=True)
    shortened = _HOLIDAYS.sub("", plain)
    rules = _rules(shortened)
    if rules is None:
        return None
    spans = (Span(day, start, end) for days, times in rules for day in days for start, end in times)
    return OpeningHours(spans=tuple(sorted(spans)), open_on_holidays=shortened == plain)


def faults(hours: OpeningHours) -> tuple[str, ...]:
    """What is wrong with a week: spans that overlap, over midnight and over the week's end too (B-131)."""
    on_circle = sorted((span.day * DAY + span.start, span.day * DAY + span.end, span) for span in hours.spans)
    found: list[str] = []
    for index, (start, end, span) in enumerate(on_circle):
        if end - start > DAY:
            found.append(f"{_spoken(span)} is longer than a day")
        following = on_circle[(index + 1) % len(on_circle)]
        gap = following[0] - start if index + 1 < len(on_circle) else following[0] + WEEK - start
        if len(on_circle) > 1 and gap < end - start:
            found.append(f"{_spoken(span)} overlaps {_spoken(following[2])}")
    return tuple(found)


def clock_change_faults(hours: OpeningHours, zone: ZoneInfo, year: int) -> tuple[str, ...]:
    """Begins and ends that fall into an hour the clocks skip or repeat in `year` (B-131)."""
    found: list[str] = []
    for day in _days_near_changes(zone, year):
        for span in hours.spans:
            if span.day != day.weekday():
                continue
            for minutes in (span.start, span.end):
                wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
                if _uncertain(wall, zone):
                    found.append(f"{_spoken(span)}: clocks change at {wall:%H:%M on %Y-%m-%d}")
    return tuple(found)


def is_open(hours: OpeningHours | None, now: datetime, zone: ZoneInfo | None) -> bool | None:
    """Whether it is open at `now`; None when hours, zone or a possible holiday leave it unknown."""
    if hours is None:
        return None
    if hours.always:
        return True
    if zone is None:
        return None
    wall = now.astimezone(zone)
    minute = wall.weekday() * DAY + wall.hour * 60 + wall.minute
    within = any(
        start <= minute < end or start <= minute + WEEK < end
        for start, end in ((span.day * DAY + span.start, span.day * DAY + span.end) for span in hours.spans)
    )
    return (True if hours.open_on_holidays else None) if within else False


def next_opening(hours: OpeningHours | None, now: datetime, zone: ZoneInfo | None) -> datetime | None:
    """When it opens next after `now`, in its own zone; None when always open or unknown."""
    if hours is None or hours.always or zone is None:
        return None
    today = now.astimezone(zone).date()
    begins = (
        datetime.combine(day, time(), zone) + timedelta(minutes=span.start)
        for day in (today + timedelta(days=ahead) for ahead in range(8))
        for span in hours.spans
        if span.day == day.weekday()
    )
    # Through UTC, so that a begin inside a skipped hour becomes the moment clocks really show.
    moments = (begin.astimezone(UTC) for begin in begins)
    following = min((moment for moment in moments if moment > now), default=None)
    return following.astimezone(zone) if following else None


def grouped(hours: OpeningHours) -> tuple[tuple[tuple[int, int], str], ...]:
    """The week for display: ((first day, last day), "08:00-12:00, 14:00-20:00") with like days joined."""
    by_day = {
        day: ", ".join(f"{_clock(span.start)}-{_clock(span.end)}" for span in hours.spans if span.day == day)
        for day in range(7)
    }
    groups: list[tuple[tuple[int, int], str]] = []
    for day, times in by_day.items():
        if not times:
            continue
        if groups and groups[-1][1] == times and groups[-1][0][1] == day - 1:
            groups[-1] = ((groups[-1][0][0], day), times)
        else:
            groups.append(((day, day), times))
    return tuple(groups)


_Rule = tuple[list[int], list[tuple[int, int]]]


def _rules(text: str) -> list[_Rule] | None:
    rules: list[_Rule] = []
    days: list[int] = []
    times: list[tuple[int, int]] = []
    for token in _tokens(text):
        if token is None:
            return None
        if isinstance(token, list):
            # "10:00-19:00 daily": days may follow the times of the first and only rule.
            if days and times:
                rules.append((days, times))
                days, times = [], []
            days = [*days, *token]
        else:
            times.append(token)
    if not days or not times:
        return None
    return [*rules, (days, times)]


def _tokens(text: str) -> Iterator[list[int] | tuple[int, int] | None]:
    """Days as a list, times as a pair; None where the text is not understood."""
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            yield None
            return
        place = found.end()
        if found["group"]:
            yield list(_GROUPS[found["group"]])
        elif found["day"]:
            yield _day_range(found["day"], found["until"] or found["day"])
        elif found["start"]:
            yield _time_range(found["start"], found["end"])


def _day_range(first: str, last: str) -> list[int]:
    start, end = DAYS.index(first[:3]), DAYS.index(last[:3])
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def _time_range(first: str, last: str) -> tuple[int, int] | None:
    start, end = _minutes(first), _minutes(last)
    if start is None or end is None or start == end or start >= DAY:
        return None
    return start, end if end > start else end + DAY


def _minutes(clock: str) -> int | None:
    hour, _, minute = clock.partition(":")
    total = int(hour) * 60 + int(minute or 0)
    return total if int(minute or 0) < 60 and total <= DAY else None


def _clock(minutes: int) -> str:
    shown = minutes if minutes == DAY else minutes % DAY
    return f"{shown // 60:02}:{shown % 60:02}"


def _spoken(span: Span) -> str:
    return f"{DAYS[span.day].title()} {_clock(span.start)}-{_clock(span.end)}"


@cache
def _days_near_changes(zone: ZoneInfo, year: int) -> tuple[date, ...]:
    """Days on which clocks change, and the evenings before them."""
    days = [date(year, 1, 1) + timedelta(days=count) for count in range(366)]
    offsets = {
        day: datetime.combine(day, time(), zone).utcoffset() for day in (*days, days[-1] + timedelta(1))
    }
    changes = [day for day in days if day.year == year and offsets[day] != offsets[day + timedelta(days=1)]]
    return tuple(sorted({day - timedelta(days=early) for day in changes for early in (0, 1)}))


def _uncertain(wall: datetime, zone: ZoneInfo) -> bool:
    """True for a wall time the zone skips or repeats."""
    early, late = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return early.utcoffset() != late.utcoffset()
