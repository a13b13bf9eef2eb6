"""Hours, rest and nights in elapsed time, and the next moment at which a shift is legal again."""

import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from handoff.limits import (
    Force,
    Limits,
    Span,
    Zones,
    broken,
    hours,
    is_night,
    joined,
    next_start,
    nights,
    week_of,
)
from handoff.model import Refusal
from tests.handoff.builders import utc

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = Zones(BERLIN, BERLIN)
HOUR = timedelta(hours=1)


def local(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)


def shift(day: str, starts: str, lasts: float) -> Span:
    begins = local(day, starts).astimezone(ZoneInfo("UTC"))
    return begins, begins + lasts * HOUR


def codes(duties: list[Span], one: Span, limits: Limits | None = None) -> set[Refusal]:
    return {found.code for found in broken(duties, one, ZONES, limits or Limits())}


def test_a_shift_of_six_hours_is_long_enough_and_a_night_may_have_eight() -> None:
    assert codes([], shift("2026-05-04", "09:00", 6)) == set()
    assert codes([], shift("2026-05-04", "09:00", 6.01)) == {Refusal.SHIFT_CAP}
    assert codes([], shift("2026-05-04", "22:00", 8)) == set()
    assert codes([], shift("2026-05-04", "22:00", 8.5)) == {Refusal.SHIFT_CAP, Refusal.DAY_CAP}


def test_shifts_that_meet_are_one() -> None:
    early = shift("2026-05-04", "08:00", 4)
    assert codes([early], shift("2026-05-04", "12:00", 3)) == {Refusal.SHIFT_CAP}
    assert codes([early], shift("2026-05-04", "12:00", 2)) == set()


def test_rest_is_elapsed_time_and_the_next_legal_start_is_told() -> None:
    """Vector PUB-29: 23:00 to 10:00 over the short night is ten hours."""
    late = shift("2026-03-28", "19:00", 4)
    found = broken([late], shift("2026-03-29", "10:00", 4), ZONES)
    assert [(one.code, one.next_start) for one in found] == [(Refusal.REST, utc(2026, 3, 29, 9))]
    assert codes([late], shift("2026-03-29", "11:00", 4)) == set()
    following = shift("2026-03-29", "20:00", 2)
    assert codes([following], shift("2026-03-29", "08:00", 4)) == {Refusal.REST}


def test_a_day_a_week_and_any_window_as_long_are_counted() -> None:
    evening = shift("2026-05-04", "18:00", 5)
    assert Refusal.DAY_CAP in codes([evening], shift("2026-05-05", "10:00", 5))  # 10 h within 24
    week = [shift(f"2026-05-0{day}", "09:00", 5) for day in (4, 5, 6)]
    assert codes(week, shift("2026-05-08", "09:00", 5)) == set()
    assert codes(week, shift("2026-05-08", "09:00", 5.5)) == {Refusal.WEEK_CAP}
    # Thursday to Sunday, then Monday: another ISO week, the same seven days.
    rolling = [shift(f"2026-05-{day:02}", "09:00", 5) for day in (7, 8, 9, 10)]
    found = broken(rolling, shift("2026-05-11", "09:00", 2), ZONES)
    assert [(one.code, one.next_start) for one in found] == [(Refusal.WEEK_CAP, utc(2026, 5, 14, 7))]


def test_a_fourth_night_in_a_row_is_one_too_many() -> None:
    limits = Limits(week=168, day=24, free=1)
    three = [shift(f"2026-05-0{day}", "23:00", 4) for day in (4, 5, 6)]
    assert codes(three[:2], three[2], limits) == set()
    assert codes(three, shift("2026-05-07", "23:00", 4), limits) == {Refusal.NIGHT_CAP}
    assert codes(three, shift("2026-05-08", "23:00", 4), limits) == set()
    assert codes([three[0], three[1], shift("2026-05-07", "23:00", 4)], three[2], limits) == {
        Refusal.NIGHT_CAP
    }


def test_a_night_is_one_on_the_volunteers_clock() -> None:
    one = (utc(2026, 5, 4, 20), utc(2026, 5, 5, 0))  # 22:00 to 02:00 in Berlin
    assert is_night(one, BERLIN)
    assert not is_night(one, ZoneInfo("America/New_York"))
    assert not is_night((utc(2026, 5, 4, 19), utc(2026, 5, 4, 23, 59)), BERLIN)
    early = (utc(2026, 5, 5, 1), utc(2026, 5, 5, 6))  # 03:00 to 08:00: the night of the 4th
    assert [night.isoformat() for night in nights([early], BERLIN)] == ["2026-05-04"]


def test_once_in_seven_days_there_is_a_day_and_a_half_for_herself() -> None:
    limits = Limits(week=168, day=24, nights=9)
    daily = [shift(f"2026-05-{day:02}", "12:00", 2) for day in (4, 5, 6, 7, 8, 9)]
    assert codes(daily, shift("2026-05-10", "12:00", 2), limits) == {Refusal.REST}
    assert codes(daily[:5], shift("2026-05-10", "12:00", 2), limits) == set()


def test_soft_is_told_without_a_date_and_off_is_not_told() -> None:
    late, early = shift("2026-05-04", "18:00", 4), shift("2026-05-05", "08:00", 4)
    (soft,) = broken([late], early, ZONES, Limits(forces={Refusal.REST: Force.SOFT}))
    assert (soft.code, soft.force, soft.next_start) == (Refusal.REST, Force.SOFT, None)
    assert broken([late], early, ZONES, Limits(forces={Refusal.REST: Force.OFF})) == ()


def test_the_week_and_rest_of_the_public_vector() -> None:
    path = Path(__file__).parents[1] / "data" / "fatigue_vector.json"
    vector = json.loads(path.read_text(encoding="utf-8"))
    spans = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in vector["on_duty"]]
    for week, minutes in vector["week_minutes"].items():
        monday = datetime.fromisocalendar(int(week[:4]), int(week[6:]), 1).replace(tzinfo=BERLIN)
        assert hours(spans, *week_of(monday, BERLIN)) * 60 == minutes
    limits = Limits(shift=9, day=24, week=168, free=1)
    for before, after, rest in zip(spans, spans[1:], vector["rest"], strict=False):
        assert (after[0] - before[1]) / timedelta(minutes=1) == rest["minutes"]
        found = {one.code for one in broken([before], after, ZONES, limits)}
        assert (Refusal.REST not in found) is rest["ok"]


starts = st.integers(0, 24 * 21).map(lambda n: utc(2026, 3, 23) + n * HOUR)
lengths = st.integers(1, 9).map(lambda n: n * HOUR)
shifts = st.tuples(starts, lengths).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=150, deadline=None)
@given(st.lists(shifts, max_size=6), shifts)
def test_the_next_start_is_legal_and_nothing_hard_is_said_of_it(duties: list[Span], one: Span) -> None:
    begins = next_start(joined(duties), one, ZONES)
    if begins is None:
        return
    assert begins > one[0]
    moved = (begins, begins + (one[1] - one[0]))
    assert broken(duties, moved, ZONES) == ()


@settings(max_examples=100, deadline=None)
@given(st.lists(shifts, max_size=8))
def test_joining_keeps_the_time_and_leaves_no_two_that_meet(duties: list[Span]) -> None:
    whole = joined(duties)
    assert all(before[1] < after[0] for before, after in pairwise(whole))
    quarter = timedelta(minutes=30)
    moment = utc(2026, 3, 23)
    for _ in range(24 * 25):
        at = moment + quarter
        assert any(start <= at < end for start, end in duties) == any(s <= at < e for s, e in whole)
        moment += HOUR


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_two_moments_of_one_zone_are_not_subtracted_by_their_walls(zone: str) -> None:
    here = ZoneInfo(zone)
    short = (datetime(2026, 3, 29, 0, tzinfo=here), datetime(2026, 3, 29, 6, tzinfo=here))
    elapsed = 5.0 if zone == "Europe/Berlin" else 6.0
    assert hours([short], utc(2026, 3, 28), utc(2026, 3, 30)) == elapsed
