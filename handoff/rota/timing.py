"""When something recurs on the wall clock of a desk, on days of the week or by a rule: shifts, demand."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from handoff.rota.expansion import recurring
from handoff.rota.recurrence import Rule

MONDAY_FIRST: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = timedelta(days=1)
_NOTHING_LEFT_OUT: Final = frozenset[date]()


class Planned(NamedTuple):
    """One time it recurs: local date, number within that date from 1, and its two walls."""

    day: date
    ordinal: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Timing:
    """From then to then on the wall clock, on these days.

    Attributes:
        days: weekdays on which it begins, Monday 0; not used where there is a rule.
        starts: wall-clock start.
        ends: wall-clock end.
        days_later: how many days after its start it ends; None: the same day, or the next where `ends` is
            at or before `starts`.
        rule: what recurs instead of `days`, counted from `first`.
        first: the day the rule begins.
        also: more local dates on which it begins.
        but_not: local dates on which it does not begin.
        valid_from: first local date it begins on, None for always.
        valid_to: last local date it begins on, inclusive, None for always.
    """

    days: frozenset[int]
    starts: time
    ends: time
    days_later: int | None = None
    rule: Rule | None = None
    first: date | None = None
    also: tuple[date, ...] = ()
    but_not: frozenset[date] = _NOTHING_LEFT_OUT
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def lasts(self) -> timedelta:
        """From start to end on the wall clock."""
        later = int(self.ends <= self.starts) if self.days_later is None else self.days_later
        return datetime.combine(date.min, self.ends) - datetime.combine(date.min, self.starts) + later * _DAY

    def planned(self, first: date, last: date) -> Iterator[Planned]:
        """Every time it begins on a local date from `first` to `last`, in order."""
        first = first if self.valid_from is None else max(first, self.valid_from)
        last = last if self.valid_to is None else min(last, self.valid_to)
        lasts, ordinal, before = self.lasts, 0, None
        for wall in self._walls(first, last):
            day = wall.date()
            ordinal = ordinal + 1 if day == before else 1
            before = day
            if day not in self.but_not:
                yield Planned(day, ordinal, wall, wall + lasts)

    def before(self, planned: Planned, anchor: date) -> int:
        """How many times it begins from `anchor` on before this time; negative when the anchor lies later.

        What recurs is counted, not what is added or left out: an exception moves nobody's turn.
        """
        if planned.day < anchor:
            return -self._count(planned.day, anchor) + planned.ordinal - 1
        return self._count(anchor, planned.day) + planned.ordinal - 1

    def _walls(self, first: date, last: date) -> Iterator[datetime]:
        regular = self._regular(first, last)
        if not self.also:
            yield from regular
            return
        walls = set(regular)
        more = (day for day in self.also if first <= day <= last)
        yield from sorted(walls | {datetime.combine(day, self.starts) for day in more})

    def _regular(self, first: date, last: date) -> Iterator[datetime]:
        if self.rule is not None:
            yield from self._ruled(self.rule, first, last)
            return
        weekdays = sorted((day - first.weekday()) % 7 for day in self.days)
        for week in range(first.toordinal(), last.toordinal() + 1, 7):
            for weekday in weekdays:
                if week + weekday > last.toordinal():
                    return
                yield datetime.combine(date.fromordinal(week + weekday), self.starts)

    def _ruled(self, rule: Rule, first: date, last: date) -> Iterator[datetime]:
        if rule.until is not None:
            last = min(last, rule.until)
        begin = datetime.combine(self.first or first, self.starts)
        since, until = datetime.combine(first, time.min), datetime.combine(last, time.max)
        yield from recurring(rule, begin, until, since)

    def _count(self, first: date, before: date) -> int:
        """How often it begins from a day on before another, whatever its validity."""
        if self.rule is None:
            weeks, rest = divmod((before - first).days, 7)
            return weeks * len(self.days) + sum((first.weekday() + n) % 7 in self.days for n in range(rest))
        days = [_days_of_year(self, year) for year in range(first.year, before.year + 1)]
        return (
            sum(map(len, days)) - bisect_left(days[0], first) - len(days[-1]) + bisect_left(days[-1], before)
        )

    def days_of_year(self, year: int) -> tuple[date, ...]:
        """The local dates of a year on which its rule begins, each as often as it begins."""
        return tuple(wall.date() for wall in self._regular(date(year, 1, 1), date(year, 12, 31)))


@lru_cache(maxsize=1024)
def _days_of_year(timing: Timing, year: int) -> tuple[date, ...]:
    return timing.days_of_year(year)
