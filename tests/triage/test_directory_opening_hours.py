"""B-129 and B-131: hours are read or not, never guessed; midnight, overlaps and clock changes hold."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from triage.opening_hours import (
    DAYS,
    OpeningHours,
    Span,
    clock_change_faults,
    faults,
    grouped,
    is_open,
    next_opening,
    parse,
)

BUCHAREST = ZoneInfo("Europe/Bucharest")
DUBLIN = ZoneInfo("Europe/Dublin")


def in_bucharest(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BUCHAREST)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("daily 07:00-22:00", (((0, 6), "07:00-22:00"),)),
        ("11:00-21:00 daily", (((0, 6), "11:00-21:00"),)),
        ("weekdays 09-17", (((0, 4), "09:00-17:00"),)),
        ("Mon-Fri 08:00-24:00", (((0, 4), "08:00-24:00"),)),
        ("Mon–Fri 08:00–20:00", (((0, 4), "08:00-20:00"),)),
        ("weekdays 14:00-22:00, weekends 10:00-18:00", (((0, 4), "14:00-22:00"), ((5, 6), "10:00-18:00"))),
        (
            "Mon-Fri 09:00-12:00 & 14:00-20:00; Sat 10-12",
            (((0, 4), "09:00-12:00, 14:00-20:00"), ((5, 5), "10:00-12:00")),
        ),
        ("Tuesday and Thursday 18:00-20:00", (((1, 1), "18:00-20:00"), ((3, 3), "18:00-20:00"))),
        ("Fri-Mon 20:00-02:00", (((0, 0), "20:00-02:00"), ((4, 6), "20:00-02:00"))),
    ],
)
def test_the_forms_editors_use_are_read(text: str, told: tuple[tuple[tuple[int, int], str], ...]) -> None:
    hours = parse(text)

    assert hours is not None
    assert grouped(hours) == told
    assert not faults(hours)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24/7 not confirmed",
        "24/7 phone; chat 13:00-01:00 daily",
        "08:30-17:30",
        "Mon-Fri",
        "business hours (otherwise 112 or 1700)",
        "months 9-10",
        "Mon-Fri 25:00-26:00",
        "Mon-Fri 10:70-11:00",
        "Mon-Fri 10:00-10:00",
        "Mon-Fri 24:00-02:00",
        "7 days a week",
    ],
)
def test_what_is_not_wholly_understood_is_unknown(text: str) -> None:
    assert parse(text) is None


def test_a_line_that_is_always_open_never_opens_next() -> None:
    hours = parse("24/7")

    assert is_open(hours, in_bucharest("2026-03-29T03:30"), None) is True
    assert next_opening(hours, in_bucharest("2026-03-29T03:30"), BUCHAREST) is None


def test_an_evening_past_midnight_is_open_in_the_early_hours_of_the_next_day() -> None:
    hours = parse("Sun 20:00-02:00")

    assert is_open(hours, in_bucharest("2026-06-29T01:59"), BUCHAREST) is True  # a Monday
    assert is_open(hours, in_bucharest("2026-06-29T02:00"), BUCHAREST) is False
    assert is_open(hours, in_bucharest("2026-06-28T19:59"), BUCHAREST) is False


def test_unknown_hours_or_zone_leave_it_open_whether_it_is_open() -> None:
    noon = in_bucharest("2026-06-29T12:00")

    assert is_open(None, noon, BUCHAREST) is None
    assert is_open(parse("daily 10:00-14:00"), noon, None) is None
    assert next_opening(parse("daily 10:00-14:00"), noon, None) is None


def test_a_line_that_keeps_holidays_is_never_called_open_only_closed() -> None:
    hours = parse("Mon-Fri 08:00-24:00, not on holidays")

    assert is_open(hours, in_bucharest("2026-06-29T12:00"), BUCHAREST) is None
    assert is_open(hours, in_bucharest("2026-06-29T07:00"), BUCHAREST) is False


def test_hours_are_those_of_the_line_not_of_the_reader() -> None:
    hours = parse("daily 10:00-12:00")
    moment = datetime(2026, 6, 29, 9, 30, tzinfo=UTC)  # 12:30 in Bucharest, 10:30 in Dublin

    assert is_open(hours, moment, BUCHAREST) is False
    assert is_open(hours, moment, DUBLIN) is True


def test_the_next_opening_follows_the_clock_change() -> None:
    hours = parse("daily 10:00-12:00")

    following = next_opening(hours, in_bucharest("2026-03-28T12:00"), BUCHAREST)

    assert following is not None
    assert following.isoformat() == "2026-03-29T10:00:00+03:00"


def test_an_opening_inside_the_skipped_hour_comes_when_clocks_really_show_it() -> None:
    hours = parse("Sun 03:30-05:00")

    following = next_opening(hours, in_bucharest("2026-03-29T01:00"), BUCHAREST)

    assert following is not None
    assert following.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert following.strftime("%H:%M") == "04:30"


def test_hours_that_begin_in_a_skipped_or_repeated_hour_are_told() -> None:
    hours = parse("Sun 03:30-09:00")
    assert hours is not None

    told = clock_change_faults(hours, BUCHAREST, 2026)

    assert [fault.rpartition(" on ")[2] for fault in told] == ["2026-03-29", "2026-10-25"]
    assert not clock_change_faults(hours, ZoneInfo("Africa/Lagos"), 2026)


@pytest.mark.parametrize(
    "text",
    [
        "Mon 08:00-12:00 & 11:00-14:00",
        "Mon 20:00-06:00; Tue 05:00-08:00",
        "Sun 20:00-06:00; Mon 05:00-08:00",
        "daily 08:00-12:00; Wed 09:00-10:00",
        "Mon 08:00-12:00; Mon 08:00-12:00",
    ],
)
def test_overlaps_are_found_over_midnight_and_over_the_weeks_end(text: str) -> None:
    hours = parse(text)

    assert hours is not None
    assert faults(hours)


def test_hours_that_only_touch_do_not_overlap() -> None:
    hours = parse("Sun 20:00-24:00; Mon 00:00-06:00 & 06:00-07:00")

    assert hours is not None
    assert not faults(hours)


spans = st.builds(
    lambda day, start, length: Span(day, start, start + length),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
moments = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(st.frozensets(spans, min_size=1, max_size=6), moments)
def test_what_is_closed_stays_closed_until_the_next_opening_and_is_open_then(
    week: frozenset[Span], now: datetime
) -> None:
    hours = OpeningHours(spans=tuple(sorted(week)))
    if is_open(hours, now, BUCHAREST):
        return
    following = next_opening(hours, now, BUCHAREST)

    assert following is not None
    assert now < following <= now + timedelta(days=8)
    if now.astimezone(BUCHAREST).utcoffset() != following.utcoffset():
        return  # a skipped or repeated hour lies between; those have tests of their own
    assert is_open(hours, following, BUCHAREST)
    between = now + (following - now) / 2
    assert not is_open(hours, between, BUCHAREST)


@given(
    st.lists(
        st.sampled_from([*DAYS, "daily", "-", ",", ";", "&", "10:00-12:00", "9", "x", "24/7"]), max_size=8
    )
)
def test_no_text_makes_reading_fail(words: list[str]) -> None:
    hours = parse(" ".join(words))

    assert hours is None or hours.always or hours.spans
