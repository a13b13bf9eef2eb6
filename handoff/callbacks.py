"""Callbacks: hours in which somebody will be there to write to her once, and when each is looked at. Pure.

A callback is a promise: it is offered only in hours the rota staffs, it becomes a task when they begin, it
rings again while nobody has done it, and it calls a supervisor before it would be missed (B-018, PR4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
AHEAD: Final = timedelta(days=7)
"""How far ahead hours are offered, and so how long the opt-in lives (B-018)."""
NOT_BEFORE: Final = timedelta(hours=1)
"""No hours begin sooner: she has just left, and the phone may not be hers alone."""
LONGEST: Final = timedelta(hours=2)
SHORTEST: Final = timedelta(hours=1)
MOST: Final = 5
A_DAY: Final = 2
"""Hours offered at once, and of one day: a choice, not a timetable."""
EACH: Final = 2
"""Callbacks that are promised in the same hours: each takes somebody's whole attention."""
ALARM_BEFORE: Final = timedelta(minutes=30)


class CallbackState(StrEnum):
    """Where a callback stands; a kept, missed or withdrawn one is gone."""

    PROMISED = "promised"
    RUNG = "rung"  # the one line was written; until the hours end she stands at the front


class Look(StrEnum):
    """What a look at a promised callback finds."""

    EARLY = "early"
    DUE = "due"  # whoever is on duty is rung
    REMINDED = "reminded"  # half of the hours have passed
    ALARM = "alarm"  # a supervisor is called: it would be missed
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Hours:
    """One stretch of hours, `[start, end)`."""

    start: datetime
    end: datetime

    @property
    def halfway(self) -> datetime:
        """When those on duty are rung again."""
        return self.start + (self.end - self.start) / 2

    @property
    def alarm(self) -> datetime:
        """When a supervisor is called."""
        return max(self.halfway, self.end - ALARM_BEFORE)


def hours_to_offer(answered: Iterable[Span], now: datetime, zone: ZoneInfo) -> tuple[Hours, ...]:
    """Hours to offer her, from the time somebody who could answer her is on duty without a break.

    At most two a day, so that there is a choice of days; a rest shorter than an hour is no promise.
    """
    found: list[Hours] = []
    of_day: dict[object, int] = {}
    for start, end in answered:
        begins, last = _on_the_quarter(max(start, now + NOT_BEFORE)), min(end, now + AHEAD)
        while last - begins >= SHORTEST:
            hours = Hours(begins, min(begins + LONGEST, last))
            day = begins.astimezone(zone).date()
            of_day[day] = of_day.get(day, 0) + 1
            if of_day[day] <= A_DAY:
                found.append(hours)
            begins = hours.end
    return tuple(found)


def is_staffed(answered: Sequence[Span], hours: Hours, now: datetime) -> bool:
    """Whether somebody is planned for all of what is left of the hours."""
    begins = max(hours.start, now)
    return any(start <= begins and hours.end <= end for start, end in answered)


def look(hours: Hours, now: datetime) -> tuple[Look, datetime | None]:
    """What is the case at `now`, and when to look again; None once the hours are over."""
    steps = (
        (hours.start, Look.EARLY),
        (hours.halfway, Look.DUE),
        (hours.alarm, Look.REMINDED),
        (hours.end, Look.ALARM),
    )
    for until, found in steps:
        if now < until:
            return found, until
    return Look.MISSED, None


def _on_the_quarter(moment: datetime) -> datetime:
    """The same or the next quarter of an hour: "14:15", never "14:07"."""
    past = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not past else moment - past + timedelta(minutes=15)
