"""Values of properties: times, durations, periods, offsets (RFC 5545 §3.3)."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from handoff.rota.ical.lines import Property
from handoff.rota.series import Addition, Lasting, Stamp
from handoff.rota.zones import UTC_ZONE, Zone

FIRST_YEAR: Final = 1583  # the calendar of today, everywhere it is read
LAST_YEAR: Final = 2500
LONGEST: Final = timedelta(days=4000)
MOST_VALUES: Final = 20_000  # of one EXDATE or RDATE line

_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)")
_DURATION: Final = re.compile(
    r"([+-]?)P(?=.)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8})S)?)?"
)
_OFFSET: Final = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")

ZoneOf = Callable[[Property], Zone]
"""The zone a property's TZID names, or the rota's where it has none. Raises BadValue."""


class BadValue(ValueError):
    """A value that is not what its property may hold."""


def stamps(one: Property, zone_of: ZoneOf) -> list[Stamp]:
    """The times of a property that may list several. Raises BadValue."""
    return [_stamp(word, one, zone_of) for word in _listed(one)]


def stamp(one: Property, zone_of: ZoneOf) -> Stamp:
    """The time of a property that holds one. Raises BadValue."""
    return _stamp(one.value.strip(), one, zone_of)


def additions(one: Property, zone_of: ZoneOf) -> list[Addition]:
    """The occurrences an RDATE adds. Raises BadValue."""
    return [
        _period(word, one, zone_of) if "/" in word else Addition(_stamp(word, one, zone_of).moment)
        for word in _listed(one)
    ]


def duration(text: str) -> Lasting:
    """Whole days on the wall clock, and exact time. Raises BadValue."""
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None:
        raise BadValue(f"{text} is not a duration such as PT8H or P1D")
    sign = -1 if match[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if timedelta(weeks=weeks, days=days) + exact > LONGEST:
        raise BadValue(f"{text} is longer than {LONGEST.days} days")
    return Lasting(sign * (weeks * 7 + days), sign * exact)


def offset(text: str) -> timedelta:
    """An offset from UTC, such as +0200. Raises BadValue."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None or int(match[2]) > 23 or int(match[3]) > 59 or int(match[4] or 0) > 59:
        raise BadValue(f"{text} is not an offset such as +0200")
    found = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return -found if match[1] == "-" else found


def whole(one: Property) -> int:
    """A whole number of at most nine digits, not negative. Raises BadValue."""
    text = one.value.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadValue(f"{one.name}:{one.value} is not a whole number")
    return int(text)


def wall_of(text: str, first_year: int = FIRST_YEAR) -> tuple[datetime, bool]:
    """A DATE-TIME as a wall, and whether it is written as UTC. Raises BadValue."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise BadValue(f"{text} is not a time such as 20260328T220000")
    year, month, day, hour, minute, second = (int(number) for number in match.groups()[:6])
    try:
        # A leap second is written 60; the last second stands for it.
        wall = datetime(year, month, day, hour, minute, 59 if second == 60 else second)  # noqa: DTZ001  a wall
    except ValueError:
        raise BadValue(f"{text} does not exist") from None
    _check_year(text, year, first_year)
    return wall, bool(match[7])


def _stamp(text: str, one: Property, zone_of: ZoneOf) -> Stamp:
    if one.param("VALUE").upper() == "DATE" or _DATE.fullmatch(text):
        day = _day(text)
        # A day is the rota's own day, whatever zone the line names (P3).
        return Stamp(datetime(day.year, day.month, day.day), zone_of(one._replace(params={})), is_day=True)  # noqa: DTZ001  a wall
    wall, is_utc = wall_of(text)
    return Stamp(wall, UTC_ZONE if is_utc else zone_of(one))


def _day(text: str) -> date:
    match = _DATE.fullmatch(text)
    if match is None:
        raise BadValue(f"{text} is not a day such as 20260328")
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise BadValue(f"{text} does not exist") from None
    _check_year(text, day.year)
    return day


def _check_year(text: str, year: int, first_year: int = FIRST_YEAR) -> None:
    if not first_year <= year <= LAST_YEAR:
        raise BadValue(f"{text} does not lie in the years {first_year} to {LAST_YEAR}")


def _period(text: str, one: Property, zone_of: ZoneOf) -> Addition:
    first, _, second = text.partition("/")
    start = _stamp(first, one, zone_of)
    if second.lstrip("+-").upper().startswith("P"):
        return Addition(start.moment, duration(second).of(start.wall, start.moment, start.zone))
    return Addition(start.moment, _stamp(second, one, zone_of).moment)


def _listed(one: Property) -> list[str]:
    words = [word.strip() for word in one.value.split(",")] if one.value.strip() else []
    if len(words) > MOST_VALUES:
        raise BadValue(f"{one.name} lists more than {MOST_VALUES} times")
    return words
