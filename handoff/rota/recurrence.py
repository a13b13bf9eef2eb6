"""A recurrence rule as a value (RFC 5545 §3.3.10), read from its text with every rule part checked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Final

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST_LIST: Final = 400  # values of one rule part; BYYEARDAY has at most 366 that differ
LARGEST: Final = 1_000_000  # of INTERVAL and COUNT


class BadRule(ValueError):
    """A recurrence rule that RFC 5545 does not allow, or that no rota needs; the text says which part."""


class Frequency(IntEnum):
    """FREQ, from the longest period to the shortest."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


@dataclass(frozen=True, slots=True)
class Rule:
    """What recurs, on the wall clock of its first occurrence.

    Attributes:
        frequency: FREQ.
        interval: INTERVAL.
        count: COUNT, None when not given.
        until: UNTIL as written: a moment (with Z), a wall (without), or a day; None when not given.
        by_month … by_set_pos: the BY… parts, empty when not given; weekdays Monday 0, with the ordinal
            of `2TU` or `-1FR`, 0 when there is none.
        week_start: WKST, Monday 0.
        text: as it was written.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    by_month: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0
    text: str = ""


_NUMBER: Final = re.compile(r"[+-]?\d{1,7}")
_DAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_PARTS: Final = {
    "BYMONTH": ("by_month", 1, 12, False),
    "BYWEEKNO": ("by_week_no", 1, 53, True),
    "BYYEARDAY": ("by_year_day", 1, 366, True),
    "BYMONTHDAY": ("by_month_day", 1, 31, True),
    "BYHOUR": ("by_hour", 0, 23, False),
    "BYMINUTE": ("by_minute", 0, 59, False),
    "BYSECOND": ("by_second", 0, 60, False),
    "BYSETPOS": ("by_set_pos", 1, 366, True),
}
"""Rule part → field, smallest, largest, and whether it may be counted from the end."""


def read_rule(text: str) -> Rule:
    """The rule a text such as `FREQ=WEEKLY;BYDAY=MO` states. Raises BadRule."""
    parts = _split(text)
    if "FREQ" not in parts:
        raise BadRule("FREQ is missing: how often does it recur?")
    values: dict[str, object] = {"text": text.strip()}
    for name, value in parts.items():
        read = _READ.get(name)
        if read is not None:
            field, parse = read
            values[field] = parse(value)
        elif name in _PARTS:
            values[_PARTS[name][0]] = _numbers(name, value)
        else:
            raise BadRule(f"{name} is no part of a recurrence rule")
    rule = Rule(**values)  # pyright: ignore[reportArgumentType]  each field was read as its part says
    _check_combination(rule)
    return rule


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removesuffix(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise BadRule(f"{part!r} is not written NAME=VALUE")
        if name in parts:
            raise BadRule(f"{name} is given twice")
        parts[name] = value
    return parts


def _frequency(value: str) -> Frequency:
    if value not in Frequency.__members__:
        raise BadRule(f"FREQ={value} is none of {', '.join(Frequency.__members__)}")
    return Frequency[value]


def _positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= LARGEST:
        raise BadRule(f"INTERVAL and COUNT are whole numbers from 1 to {LARGEST}, not {value}")
    return int(value)


def _until(value: str) -> date:
    match = _UNTIL.fullmatch(value)
    if match is None:
        raise BadRule(f"UNTIL={value} is neither a day (20260630) nor a time (20260630T180000Z)")
    year, month, day, hour, minute, second, utc = match.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        wall = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second), 59))  # noqa: DTZ001  a wall has no offset
    except ValueError:
        raise BadRule(f"UNTIL={value} does not exist") from None
    return wall.replace(tzinfo=UTC) if utc else wall


def _weekday(value: str) -> int:
    if value not in WEEKDAYS:
        raise BadRule(f"{value} is none of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(value)


def _days(value: str) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for word in _listed("BYDAY", value):
        match = _DAY.fullmatch(word)
        ordinal = int(match[1]) if match is not None and match[1] else 0
        if match is None or abs(ordinal) > 53 or (match[1] and ordinal == 0):
            raise BadRule(f"BYDAY: {word} is not a weekday such as MO, 2TU or -1FR")
        found.append((ordinal, WEEKDAYS.index(match[2])))
    return tuple(dict.fromkeys(found))


def _numbers(name: str, value: str) -> tuple[int, ...]:
    _, smallest, largest, from_the_end = _PARTS[name]
    found: list[int] = []
    for word in _listed(name, value):
        number = int(word) if _NUMBER.fullmatch(word) else None
        if number is None or not smallest <= (abs(number) if from_the_end else number) <= largest:
            counted = " or counted from the end with a minus" if from_the_end else ""
            raise BadRule(f"{name}: {word} is not a number from {smallest} to {largest}{counted}")
        found.append(number)
    return tuple(dict.fromkeys(found))


def _listed(name: str, value: str) -> list[str]:
    words = value.split(",")
    if len(words) > LONGEST_LIST:
        raise BadRule(f"{name} lists more than {LONGEST_LIST} values")
    return words


_READ: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", _positive),
    "COUNT": ("count", _positive),
    "UNTIL": ("until", _until),
    "WKST": ("week_start", _weekday),
    "BYDAY": ("by_day", _days),
}


def _check_combination(rule: Rule) -> None:
    """What RFC 5545 says must not stand together: a reader that guesses would put the wrong person on."""
    frequency = rule.frequency
    numbered = any(ordinal for ordinal, _ in rule.by_day)
    others = (
        *(rule.by_month, rule.by_week_no, rule.by_year_day, rule.by_month_day),
        *(rule.by_day, rule.by_hour, rule.by_minute, rule.by_second),
    )
    wrong = (
        (rule.count is not None and rule.until is not None, "COUNT and UNTIL exclude each other"),
        (rule.by_week_no and frequency is not Frequency.YEARLY, "BYWEEKNO goes with FREQ=YEARLY only"),
        (
            rule.by_year_day and frequency in {Frequency.MONTHLY, Frequency.WEEKLY, Frequency.DAILY},
            "BYYEARDAY does not go with FREQ=MONTHLY, WEEKLY or DAILY",
        ),
        (
            rule.by_month_day and frequency is Frequency.WEEKLY,
            "BYMONTHDAY does not go with FREQ=WEEKLY",
        ),
        (
            numbered and frequency not in {Frequency.YEARLY, Frequency.MONTHLY},
            "a number before a weekday goes with FREQ=MONTHLY or YEARLY only",
        ),
        (numbered and rule.by_week_no, "a number before a weekday does not go with BYWEEKNO"),
        (rule.by_set_pos and not any(others), "BYSETPOS needs another BY… part to choose from"),
    )
    for holds, sentence in wrong:
        if holds:
            raise BadRule(sentence)
