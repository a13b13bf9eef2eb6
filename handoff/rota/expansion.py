"""The walls at which a rule recurs, in order (RFC 5545 §3.3.10; P4: on the wall clock, nothing dropped).

Works in naive local time only; `zones` turns walls into moments afterwards. Periods far from the question
are skipped, not walked through, unless COUNT has to be counted.
"""

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Final

from handoff.rota.recurrence import Frequency, Rule

LAST_YEAR: Final = 9000
MOST: Final = 500_000
"""Occurrences and days one question may walk through; a rota has a thousandth of it."""

_SEARCHED: Final = {Frequency.HOURLY: 24, Frequency.MINUTELY: 1440, Frequency.SECONDLY: 1440}
_DAY: Final = timedelta(days=1)


class TooMany(ValueError):
    """A rule recurs so often that no rota means it."""


def recurring(
    rule: Rule, first: datetime, until: datetime, since: datetime | None = None
) -> Iterator[datetime]:
    """Every wall from `since` to `until`, both included, at which the rule that begins at `first` recurs.

    `first` itself is given only if the rule falls on it. UNTIL is the caller's to compare: it is a moment
    (P4). Raises TooMany.
    """
    counting = rule.count is not None
    begin = first if counting or since is None else max(first, since)
    counted = walked = 0
    for period in _periods(rule, first, begin, until):
        walked += 1
        for wall in _chosen(rule, period):
            if wall > until:
                return
            if wall < first:
                continue
            counted += 1
            if counted + walked > MOST:
                raise TooMany(f"{rule.text} recurs more than {MOST} times")
            if since is None or wall >= since:
                yield wall
            if counted == rule.count:
                return
        if walked > MOST:
            raise TooMany(f"{rule.text} is looked for on more than {MOST} days")


def _chosen(rule: Rule, period: Sequence[datetime]) -> Iterable[datetime]:
    """BYSETPOS: the n-th of what one period holds, counted from either end."""
    if not rule.by_set_pos:
        return period
    size = len(period)
    places = {place - 1 if place > 0 else size + place for place in rule.by_set_pos}
    return [period[place] for place in sorted(places) if 0 <= place < size]


def _periods(rule: Rule, first: datetime, begin: datetime, until: datetime) -> Iterator[list[datetime]]:
    """What each period holds, in order, from the period of `begin` on."""
    if rule.frequency >= Frequency.HOURLY:
        yield from _short_periods(rule, first, begin, until)
        return
    times = _times(rule, first)
    for days in _day_sets(rule, first.date(), begin.date(), until.date()):
        yield [datetime.combine(day, at) for day in days for at in times]


def _times(rule: Rule, first: datetime) -> list[time]:
    hours = rule.by_hour or (first.hour,)
    minutes = rule.by_minute or (first.minute,)
    return sorted({time(h, m, s) for h, m, s in product(hours, minutes, _seconds(rule, first))})


def _seconds(rule: Rule, first: datetime) -> tuple[int, ...]:
    # A leap second is written 60 and is no second of this calendar: the last one stands for it.
    return tuple(min(second, 59) for second in rule.by_second) or (first.second,)


# --- periods of days and more ---------------------------------------------------------------------------
def _day_sets(rule: Rule, first: date, begin: date, until: date) -> Iterator[list[date]]:
    if rule.frequency is Frequency.YEARLY:
        for year in _numbers(rule, first.year, begin.year, min(until.year, LAST_YEAR)):
            yield _of_year(rule, year, first)
    elif rule.frequency is Frequency.MONTHLY:
        for month in _numbers(rule, _month(first), _month(begin), _month(until)):
            yield _of_month(rule, month // 12, month % 12 + 1, first)
    elif rule.frequency is Frequency.WEEKLY:
        for week in _numbers(rule, _week(rule, first), _week(rule, begin), _week(rule, until)):
            yield _of_week(rule, week, first)
    else:
        for number in _numbers(rule, first.toordinal(), begin.toordinal(), until.toordinal()):
            day = date.fromordinal(number)
            yield [day] if _fits(rule, day) else []


def _numbers(rule: Rule, first: int, begin: int, until: int) -> range:
    """Numbers of the periods from `begin` to `until` that lie whole intervals after the first."""
    return range(first + -(-max(begin - first, 0) // rule.interval) * rule.interval, until + 1, rule.interval)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _week(rule: Rule, day: date) -> int:
    """Weeks that begin on WKST, numbered; Monday the first of January of the year 1 is in week 0."""
    return (day.toordinal() - 1 - rule.week_start) // 7


def _of_year(rule: Rule, year: int, first: date) -> list[date]:
    if not (rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day):
        return _existing((year, month, first.day) for month in sorted(rule.by_month or (first.month,)))
    months = sorted(rule.by_month) or range(1, 13)
    days = (date(year, month, 1) + _DAY * n for month in months for n in range(monthrange(year, month)[1]))
    chosen = [day for day in days if _fits(rule, day)]
    if rule.by_day or rule.by_year_day or rule.by_month_day:
        return chosen
    return [day for day in chosen if day.weekday() == first.weekday()]  # BYWEEKNO alone: her weekday


def _of_month(rule: Rule, year: int, month: int, first: date) -> list[date]:
    if rule.by_month and month not in rule.by_month:
        return []
    if not (rule.by_month_day or rule.by_day):
        return _existing([(year, month, first.day)])
    start = date(year, month, 1)
    return [day for n in range(monthrange(year, month)[1]) if _fits(rule, day := start + _DAY * n)]


def _of_week(rule: Rule, week: int, first: date) -> list[date]:
    start = week * 7 + 1 + rule.week_start
    days = [date.fromordinal(start + n) for n in range(7)]
    if rule.by_day:
        return [day for day in days if _fits(rule, day)]
    return [day for day in days if day.weekday() == first.weekday() and _fits(rule, day)]


def _existing(days: Iterable[tuple[int, int, int]]) -> list[date]:
    """Days that the calendar does not have are skipped, never moved (29 February)."""
    return [date(y, m, d) for y, m, d in days if d <= monthrange(y, m)[1]]


def _fits(rule: Rule, day: date) -> bool:
    """Whether a day is one of those that the BY… parts about days name."""
    return (
        (not rule.by_month or day.month in rule.by_month)
        and (not rule.by_month_day or _is_day_of_month(rule, day))
        and (not rule.by_year_day or _is_day_of_year(rule, day))
        and (not rule.by_week_no or _is_in_week(rule, day))
        and (not rule.by_day or any(_is_weekday(rule, day, n, weekday) for n, weekday in rule.by_day))
    )


def _is_day_of_month(rule: Rule, day: date) -> bool:
    size = monthrange(day.year, day.month)[1]
    return day.day in rule.by_month_day or day.day - size - 1 in rule.by_month_day


def _is_day_of_year(rule: Rule, day: date) -> bool:
    number = day.timetuple().tm_yday
    return number in rule.by_year_day or number - 366 - isleap(day.year) in rule.by_year_day


def _is_weekday(rule: Rule, day: date, ordinal: int, weekday: int) -> bool:
    if day.weekday() != weekday:
        return False
    if not ordinal:
        return True
    if rule.frequency is Frequency.MONTHLY or rule.by_month:
        place, size = day.day, monthrange(day.year, day.month)[1]
    else:
        place, size = day.timetuple().tm_yday, 365 + isleap(day.year)
    return ordinal == ((place - 1) // 7 + 1 if ordinal > 0 else -((size - place) // 7 + 1))


def _is_in_week(rule: Rule, day: date) -> bool:
    """Week 1 is the first with at least four days in its year, weeks beginning on WKST."""
    start = day - timedelta(days=(day.weekday() - rule.week_start) % 7)
    year = (start + timedelta(days=3)).year
    number = (start - _first_week(year, rule.week_start)).days // 7 + 1
    weeks = (_first_week(year + 1, rule.week_start) - _first_week(year, rule.week_start)).days // 7
    return number in rule.by_week_no or number - weeks - 1 in rule.by_week_no


def _first_week(year: int, week_start: int) -> date:
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - week_start) % 7)


# --- hours, minutes, seconds ----------------------------------------------------------------------------
_UNIT: Final = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}


def _short_periods(rule: Rule, first: datetime, begin: datetime, until: datetime) -> Iterator[list[datetime]]:
    """Days that no BY… part allows are passed over whole, so that a month rarely named costs little."""
    for number in range(begin.toordinal(), until.toordinal() + 1):
        day = date.fromordinal(number)
        if _fits(rule, day):
            # A day searched through in vain counts for the work it was.
            yield from _units_of(rule, day, first) or [[]] * _SEARCHED[rule.frequency]
        else:
            yield []


def _units_of(rule: Rule, day: date, first: datetime) -> list[list[datetime]]:
    """What each hour, minute or second of a day holds that lies whole intervals after the first."""
    hours = sorted(rule.by_hour) or range(24)
    seconds = sorted({*_seconds(rule, first)})
    if rule.frequency is Frequency.HOURLY:
        minutes = sorted(rule.by_minute) or [first.minute]
        return [
            [datetime.combine(day, time(hour, minute, second)) for minute in minutes for second in seconds]
            for hour in hours
            if _aligned(rule, day, first, hour * 3600) == 0
        ]
    walls = product(hours, sorted(rule.by_minute) or range(60))
    if rule.frequency is Frequency.MINUTELY:
        return [
            [datetime.combine(day, time(hour, minute, second)) for second in seconds]
            for hour, minute in walls
            if _aligned(rule, day, first, hour * 3600 + minute * 60) == 0
        ]
    allowed = seconds if rule.by_second else range(60)
    return [
        [datetime.combine(day, time(hour, minute, second))]
        for hour, minute in walls
        for second in range(_aligned(rule, day, first, hour * 3600 + minute * 60), 60, rule.interval)
        if second in allowed
    ]


def _aligned(rule: Rule, day: date, first: datetime, seconds: int) -> int:
    """Units from this second of the day to the next one that lies whole intervals after the first."""
    unit = _UNIT[rule.frequency]
    here = (day.toordinal() * 86400 + seconds) // unit
    begun = (first.toordinal() * 86400 + first.hour * 3600 + first.minute * 60 + first.second) // unit
    return begun - here if here < begun else (begun - here) % rule.interval
