"""Recurrence rules: what they allow, and when they recur, with dateutil as a second opinion."""
# ruff: noqa: DTZ001  rules work on walls, which have no offset

import random
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr

from handoff.rota.expansion import TooMany, recurring
from handoff.rota.recurrence import BadRule, Frequency, read_rule

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SPAN = {
    "YEARLY": 3000,
    "MONTHLY": 1200,
    "WEEKLY": 700,
    "DAILY": 600,
    "HOURLY": 40,
    "MINUTELY": 2,
    "SECONDLY": 1,
}


def walls(text: str, first: datetime, days: int = 400) -> list[datetime]:
    return list(recurring(read_rule(text), first, first + timedelta(days=days)))


def days_of(text: str, first: str, many: int = 400) -> list[str]:
    return [f"{wall:%Y-%m-%d}" for wall in walls(text, datetime.fromisoformat(first), many)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "NAME=VALUE"),
        ("BYDAY=MO", "FREQ is missing"),
        ("FREQ=FORTNIGHTLY", "is none of YEARLY"),
        ("FREQ=DAILY;FREQ=DAILY", "given twice"),
        ("FREQ=DAILY;COUNT", "NAME=VALUE"),
        ("FREQ=DAILY;EVERY=2", "EVERY is no part"),
        ("FREQ=DAILY;RSCALE=CHINESE", "RSCALE is no part"),
        ("FREQ=DAILY;INTERVAL=0", "whole numbers from 1"),
        ("FREQ=DAILY;COUNT=-1", "whole numbers from 1"),
        ("FREQ=DAILY;COUNT=99999999", "whole numbers from 1"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20260101", "exclude each other"),
        ("FREQ=DAILY;UNTIL=2026-01-01", "neither a day"),
        ("FREQ=DAILY;UNTIL=20260230", "does not exist"),
        ("FREQ=DAILY;BYHOUR=24", "from 0 to 23"),
        ("FREQ=DAILY;BYMONTH=-1", "from 1 to 12"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "from 1 to 31 or counted from the end"),
        ("FREQ=MONTHLY;BYDAY=0MO", "not a weekday such as"),
        ("FREQ=MONTHLY;BYDAY=XX", "not a weekday such as"),
        ("FREQ=WEEKLY;BYDAY=1MO", "goes with FREQ=MONTHLY or YEARLY only"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "does not go with FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "goes with FREQ=YEARLY only"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "does not go with BYWEEKNO"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "does not go with FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs another"),
        ("FREQ=DAILY;WKST=XX", "is none of MO"),
        ("FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 500), "more than 400 values"),
    ],
)
def test_a_rule_that_is_not_allowed_says_which_part(text: str, part: str) -> None:
    with pytest.raises(BadRule, match=part):
        read_rule(text)


def test_every_part_is_read() -> None:
    rule = read_rule(
        "freq=yearly;interval=2;wkst=su;bymonth=3,10;byweekno=-1;byyearday=1,-1;bymonthday=-1;"
        "byday=mo,su;byhour=8;byminute=30;bysecond=60;bysetpos=-1;until=20300101T000000Z"
    )
    assert rule.frequency is Frequency.YEARLY
    assert (rule.interval, rule.week_start, rule.by_month, rule.by_week_no) == (2, 6, (3, 10), (-1,))
    assert (rule.by_year_day, rule.by_month_day, rule.by_day) == ((1, -1), (-1,), ((0, 0), (0, 6)))
    assert (rule.by_hour, rule.by_minute, rule.by_second, rule.by_set_pos) == ((8,), (30,), (60,), (-1,))
    assert rule.until == datetime(2030, 1, 1, tzinfo=UTC)
    assert read_rule("FREQ=DAILY;UNTIL=20300101").until == date(2030, 1, 1)


# Examples of RFC 5545 §3.8.5.3.
@pytest.mark.parametrize(
    ("text", "first", "later"),
    [
        ("FREQ=DAILY;INTERVAL=10;COUNT=3", "1997-09-02", "1997-09-12 1997-09-22"),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "1997-08-05",
            "1997-08-10 1997-08-19 1997-08-24",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05",
            "1997-08-17 1997-08-19 1997-08-31",
        ),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=1FR", "1997-09-05", "1997-10-03 1997-11-07"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "1997-09-22", "1997-10-20 1997-11-17"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3", "1997-09-28", "1997-10-29 1997-11-28"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=2", "1997-05-12", "1998-05-11"),
        ("FREQ=YEARLY;BYDAY=20MO;COUNT=2", "1997-05-19", "1998-05-18"),
        ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3;COUNT=3", "1997-09-04", "1997-10-07 1997-11-06"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3", "1997-09-29", "1997-10-30 1997-11-27"),
        ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=2", "1997-09-13", "1997-10-11"),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=2",
            "1996-11-05",
            "2000-11-07",
        ),
    ],
)
def test_the_examples_of_the_standard(text: str, first: str, later: str) -> None:
    assert days_of(text, first, 1500) == [first, *later.split()]


# Where the letter of the standard and dateutil part; each is reasoned, none is taken from another program.
def test_a_list_of_numbered_and_plain_weekdays_is_a_union() -> None:
    found = days_of("FREQ=MONTHLY;BYDAY=2TU,FR", "2026-06-01", 29)
    assert found == ["2026-06-05", "2026-06-09", "2026-06-12", "2026-06-19", "2026-06-26"]


def test_a_week_number_alone_means_the_weekday_of_the_first() -> None:
    assert days_of("FREQ=YEARLY;BYWEEKNO=20", "2026-05-13", 800) == ["2026-05-13", "2027-05-19", "2028-05-17"]


def test_the_last_saturday_of_a_year_can_be_in_the_week_of_the_next() -> None:
    # 1 January 2022 is a Saturday of week 52 of 2021: 2021 has no week 53.
    assert days_of("FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA", "2017-08-03", 3650) == ["2021-01-02", "2027-01-02"]


def test_positions_count_in_the_whole_first_week_also_what_lies_before_the_start() -> None:
    # Monday of the first week is position 1, though the series begins on Wednesday.
    found = days_of("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "2026-06-03", 14)
    assert found == ["2026-06-03", "2026-06-10", "2026-06-17"]


def test_a_leap_second_is_the_last_second() -> None:
    (wall,) = walls("FREQ=DAILY;COUNT=1;BYSECOND=60", datetime(2026, 6, 1, 8))
    assert wall == datetime(2026, 6, 1, 8, 0, 59)


def test_what_lies_far_from_the_question_is_not_walked_through() -> None:
    rule, first = read_rule("FREQ=MINUTELY;INTERVAL=480"), datetime(1990, 1, 1, 6)
    since = datetime(2026, 3, 28)
    found = list(recurring(rule, first, since + timedelta(days=1), since))
    assert [f"{wall:%H:%M}" for wall in found] == ["06:00", "14:00", "22:00"]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=1000000",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1;COUNT=5",  # begins at an even second: never
        "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=7;COUNT=1",
    ],
)
def test_a_rule_without_measure_is_refused_and_not_waited_for(text: str) -> None:
    first = datetime(1700, 1, 1)
    with pytest.raises(TooMany):
        for _ in recurring(read_rule(text), first, datetime(2500, 1, 1)):
            pass


def test_a_rule_that_never_comes_ends() -> None:
    assert walls("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", datetime(2026, 1, 1), 36500) == []
    assert walls("FREQ=DAILY;INTERVAL=1000000", datetime(2026, 1, 1)) == [datetime(2026, 1, 1)]
    assert walls("FREQ=WEEKLY;INTERVAL=1000000", datetime(2026, 1, 1)) == [datetime(2026, 1, 1)]


# --- a second opinion -----------------------------------------------------------------------------------
def a_rule(dice: random.Random) -> str:
    frequency = dice.choice(list(SPAN))
    parts = [f"FREQ={frequency}", f"INTERVAL={dice.choice([1, 1, 2, 3, 7, 13])}", f"WKST={dice.choice(DAYS)}"]
    numbered = dice.random() < 0.5 and frequency in {"YEARLY", "MONTHLY"}
    some = dice.sample(DAYS, dice.randint(1, 3))
    options = {
        "COUNT": f"{dice.randint(1, 20)}",
        "BYMONTH": ",".join(map(str, dice.sample(range(1, 13), 3))),
        "BYMONTHDAY": ",".join(map(str, dice.sample([*range(1, 32), -1, -2, -30], 4))),
        "BYDAY": ",".join((dice.choice(["1", "2", "-1"]) if numbered else "") + day for day in some),
        "BYHOUR": ",".join(map(str, dice.sample(range(24), 3))),
        "BYMINUTE": ",".join(map(str, dice.sample(range(60), 2))),
        "BYYEARDAY": ",".join(map(str, dice.sample([*range(1, 367), -1, -100], 4))),
        "BYWEEKNO": ",".join(map(str, dice.sample([*range(1, 52), -1], 3))),
        "BYSETPOS": ",".join(map(str, dice.sample([1, 2, 3, -1, -2], 2))),
    }
    chosen = dice.sample(list(options), dice.randint(0, 3))
    return ";".join([*parts, *(f"{name}={options[name]}" for name in chosen)])


def first_of(dice: random.Random, text: str) -> datetime:
    first = datetime(
        dice.randint(2000, 2026), dice.randint(1, 12), dice.randint(1, 28), dice.randint(0, 23), 30
    )
    if "WEEKLY" in text and "BYSETPOS" in text:
        # dateutil counts positions in the rest of the first week only.
        first -= timedelta(days=(first.weekday() - read_rule(text).week_start) % 7)
    return first


def test_two_hundred_random_rules_recur_as_dateutil_says() -> None:
    dice = random.Random(5545)
    compared = 0
    while compared < 200:
        text = a_rule(dice)
        try:
            rule = read_rule(text)
        except BadRule:
            continue
        if rule.by_week_no and not (rule.by_day or rule.by_month_day or rule.by_year_day):
            continue  # see above: dateutil means all seven days
        first = first_of(dice, text)
        until = first + timedelta(days=SPAN[rule.frequency.name])
        got = list(islice(recurring(rule, first, until), 300))
        if not got:
            continue  # dateutil would search for ever
        # Up to the last one found: behind it dateutil might search for ever, too.
        told = list(islice(rrulestr(text, dtstart=first), len(got)))
        assert got == told, (text, first)
        half = len(got) // 2
        assert list(islice(recurring(rule, first, until, got[half]), len(got) - half)) == got[half:]
        compared += 1


def test_what_dateutil_finds_the_product_finds() -> None:
    """The other way round, on rules that recur often: nothing is left out behind the last one found."""
    for text in ("FREQ=DAILY;BYHOUR=8,20", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU", "FREQ=HOURLY;INTERVAL=5"):
        first, until = datetime(2026, 1, 1, 8), datetime(2026, 9, 1)
        told = rrulestr(text, dtstart=first).between(first, until, inc=True)
        assert list(recurring(read_rule(text), first, until)) == told
