"""Who is on duty, on ordinary days and on the nights the clocks change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from handoff.model import Duty, Tier
from handoff.rota.coverage import Gap, gaps
from handoff.rota.demand import Need
from handoff.rota.pattern import Offered, Rota
from handoff.rota.questions import LOOK_AHEAD, next_change, next_opening, offered, on_duty, open_at
from handoff.rota.resolve import final_duty, spells
from handoff.rota.shifts import shifts_named
from handoff.rota.spans import NaiveMoment
from tests.handoff.builders import a_pattern, a_rota, utc

ZONES = (
    "Europe/Bucharest",
    "Europe/Vilnius",
    "Europe/Prague",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
)


def spans(duties: Sequence[Duty]) -> list[tuple[str, datetime, datetime]]:
    return [(duty.volunteer, duty.start, duty.end) for duty in duties]


# --- the clock changes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "short", "long", "before", "summer"),
    [
        ("Europe/Bucharest", date(2026, 3, 28), date(2026, 10, 24), 2, 3),
        ("Europe/Vilnius", date(2026, 3, 28), date(2026, 10, 24), 2, 3),
        ("Europe/Prague", date(2026, 3, 28), date(2026, 10, 24), 1, 2),
        ("Europe/London", date(2026, 3, 28), date(2026, 10, 24), 0, 1),
        ("America/New_York", date(2026, 3, 7), date(2026, 10, 31), -5, -4),
    ],
)
def test_a_night_is_eleven_or_thirteen_hours_long_when_the_clocks_change(
    zone: str, short: date, long: date, before: int, summer: int
) -> None:
    rota = a_rota(a_pattern("ann", "20:00", "08:00"), zone=zone)
    winter = timezone(timedelta(hours=before))
    warm = timezone(timedelta(hours=summer))

    def night(day: date, evening: timezone, morning: timezone) -> None:
        start = datetime(day.year, day.month, day.day, 20, tzinfo=evening)
        end = datetime(day.year, day.month, day.day, 8, tzinfo=morning) + timedelta(days=1)
        noon = start - timedelta(hours=6)
        assert spans(final_duty(rota, noon, noon + timedelta(hours=22))) == [("ann", start, end)]

    night(short, winter, warm)
    night(long, warm, winter)
    pattern = rota.patterns[0].id
    (spring,) = shifts_named(rota, f"{pattern}/{short}")
    (autumn,) = shifts_named(rota, f"{pattern}/{long}")
    assert spring.end - spring.start == timedelta(hours=11)
    assert autumn.end - autumn.start == timedelta(hours=13)


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25), (5, 4, 24)])
def test_three_tiles_cover_a_day_of_any_length_without_hole_or_overlap(
    month: int, day: int, hours: int
) -> None:
    zone = ZoneInfo("Europe/Bucharest")
    rota = a_rota(
        a_pattern("ann", "00:00", "03:30"),
        a_pattern("bao", "03:30", "15:00"),
        a_pattern("cleo", "15:00", "00:00"),
    )
    start = datetime(2026, month, day, tzinfo=zone)
    end = start + timedelta(days=1)
    duties = final_duty(rota, start, end)
    assert [duty.volunteer for duty in duties] == ["ann", "bao", "cleo"]
    assert duties[0].end == duties[1].start
    assert duties[1].end == duties[2].start
    assert sum((d.end - d.start for d in duties), timedelta()) == timedelta(hours=hours)


def test_a_start_that_does_not_exist_is_read_with_the_offset_before_the_gap() -> None:
    rota = a_rota(a_pattern("ann", "02:30", "10:30", days=frozenset({6})), zone="America/New_York")
    duties = final_duty(rota, utc(2026, 3, 8), utc(2026, 3, 9))
    assert spans(duties) == [("ann", utc(2026, 3, 8, 7, 30), utc(2026, 3, 8, 14, 30))]


def test_a_handover_in_the_repeated_hour_happens_at_its_first_occurrence() -> None:
    rota = a_rota(
        a_pattern("ann", "17:30", "01:30"), a_pattern("bao", "01:30", "09:30"), zone="America/New_York"
    )
    duties = final_duty(rota, utc(2026, 11, 1), utc(2026, 11, 1, 12))
    assert spans(duties) == [
        ("ann", utc(2026, 11, 1), utc(2026, 11, 1, 5, 30)),
        ("bao", utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 12)),
    ]


def test_a_midnight_that_does_not_exist_leaves_no_hole() -> None:
    rota = a_rota(a_pattern("ann", "12:00", "00:00"), a_pattern("bao", "00:00", "12:00"), zone="Africa/Cairo")
    duties = final_duty(rota, utc(2026, 4, 23, 12), utc(2026, 4, 24, 6))
    assert [duty.volunteer for duty in duties] == ["ann", "bao"]
    assert duties[0].end == duties[1].start == utc(2026, 4, 23, 22)


def test_thirty_minute_clock_changes_move_thirty_minutes() -> None:
    rota = a_rota(a_pattern("ann", "22:00", "06:00"), zone="Australia/Lord_Howe")
    (duty,) = final_duty(rota, utc(2026, 10, 3, 6), utc(2026, 10, 4, 6))
    assert duty.end - duty.start == timedelta(hours=7, minutes=30)


def test_a_shift_the_gap_swallows_vanishes() -> None:
    rota = a_rota(a_pattern("ann", "03:30", "04:30"), zone="Europe/Bucharest")
    assert final_duty(rota, utc(2026, 3, 29), utc(2026, 3, 29, 12)) == ()
    assert len(final_duty(rota, utc(2026, 3, 30), utc(2026, 3, 30, 12))) == 1


def test_patterns_move_with_the_wall_clock_through_the_year() -> None:
    rota = a_rota(a_pattern("ann", "09:00", "17:00"))
    assert next_opening(rota, utc(2026, 1, 5)) == utc(2026, 1, 5, 7)
    assert next_opening(rota, utc(2026, 7, 6)) == utc(2026, 7, 6, 6)


# --- one person once ---------------------------------------------------------------------------------


def test_shifts_of_one_person_that_overlap_or_meet_are_one_spell_of_three_pieces() -> None:
    rota = a_rota(
        a_pattern("ann", "08:00", "12:00"),
        a_pattern("ann", "10:00", "14:00"),
        a_pattern("ann", "14:00", "15:00"),
    )
    duties = final_duty(rota, utc(2026, 1, 5), utc(2026, 1, 6))
    assert spans(spells(duties)) == [("ann", utc(2026, 1, 5, 6), utc(2026, 1, 5, 13))]
    assert spans(duties) == [
        ("ann", utc(2026, 1, 5, 6), utc(2026, 1, 5, 10)),
        ("ann", utc(2026, 1, 5, 10), utc(2026, 1, 5, 12)),
        ("ann", utc(2026, 1, 5, 12), utc(2026, 1, 5, 13)),
    ]


@pytest.mark.parametrize(
    ("other", "counts"),
    [(Tier.BACKUP, Tier.PRIMARY), (Tier.SUPERVISOR, Tier.PRIMARY), (Tier.SHADOW, Tier.PRIMARY)],
)
def test_one_person_in_two_tiers_at_once_counts_once_in_the_stronger(other: Tier, counts: Tier) -> None:
    rota = a_rota(a_pattern("ann", "08:00", "12:00"), a_pattern("ann", "08:00", "14:00", tier=other))
    assert [d.tier for d in on_duty(rota, utc(2026, 1, 5, 8))] == [counts]
    assert [d.tier for d in on_duty(rota, utc(2026, 1, 5, 11))] == [other]


def test_duty_is_half_open() -> None:
    rota = a_rota(a_pattern("ann", "08:00", "12:00"))
    assert not open_at(rota, utc(2026, 1, 5, 5, 59))
    assert open_at(rota, utc(2026, 1, 5, 6))
    assert not open_at(rota, utc(2026, 1, 5, 10))


def test_a_pattern_counts_only_on_dates_it_is_valid_for() -> None:
    rota = a_rota(
        a_pattern("ann", "20:00", "08:00", valid_to=date(2026, 1, 9)),
        a_pattern("bao", "20:00", "08:00", valid_from=date(2026, 1, 10)),
    )
    duties = final_duty(rota, utc(2026, 1, 9, 12), utc(2026, 1, 11, 12))
    assert [(d.volunteer, d.start) for d in duties] == [
        ("ann", utc(2026, 1, 9, 18)),
        ("bao", utc(2026, 1, 10, 18)),
    ]


def test_a_shift_keeps_its_identity_when_its_times_are_edited() -> None:
    before = replace(a_pattern("ann", "20:00", "02:00"), id="night-1")
    edited = replace(a_pattern("ann", "21:00", "03:00"), id="night-1")
    (one,) = shifts_named(a_rota(before), "night-1/2026-01-05")
    (other,) = shifts_named(a_rota(edited), "night-1/2026-01-05")
    assert one.start != other.start
    assert one.instance == other.instance


# --- questions -----------------------------------------------------------------------------------------


def test_on_duty_tells_the_whole_duty_not_only_the_moment() -> None:
    rota = a_rota(a_pattern("ann", "20:00", "02:00"))
    assert spans(on_duty(rota, utc(2026, 1, 5, 23))) == [("ann", utc(2026, 1, 5, 18), utc(2026, 1, 6, 0))]


def test_a_duty_without_end_is_cut_at_the_edge_of_sight() -> None:
    rota = a_rota(a_pattern("ann", "00:00", "00:00"))
    at = utc(2026, 1, 5, 12)
    assert spans(on_duty(rota, at)) == [("ann", at - LOOK_AHEAD, at + LOOK_AHEAD)]
    assert next_change(rota, at) is None


def test_a_duty_of_three_weeks_is_told_whole() -> None:
    rota = a_rota(
        a_pattern("ann", "00:00", "00:00", valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 21)),
        zone="UTC",
    )
    assert spans(on_duty(rota, utc(2026, 1, 2))) == [("ann", utc(2026, 1, 1), utc(2026, 1, 22))]


def test_next_change_is_the_next_coming_or_going() -> None:
    rota = a_rota(a_pattern("ann", "08:00", "12:00", days=frozenset({0})), a_pattern("bao", "10:00", "13:00"))
    assert next_change(rota, utc(2026, 1, 5, 6)) == utc(2026, 1, 5, 8)
    assert next_change(rota, utc(2026, 1, 5, 8)) == utc(2026, 1, 5, 10)
    assert next_change(rota, utc(2026, 1, 5, 11)) == utc(2026, 1, 6, 8)


def test_next_opening_is_now_when_open_and_none_when_nobody_will_ever_come() -> None:
    rota = a_rota(
        a_pattern("ann", "08:00", "12:00", valid_to=date(2026, 1, 5)),
        a_pattern("bo", "00:00", "00:00", Tier.BACKUP),
    )
    assert next_opening(rota, utc(2026, 1, 5, 7)) == utc(2026, 1, 5, 7)
    assert next_opening(rota, utc(2026, 1, 5, 11)) is None


def test_a_supervisor_alone_does_not_open_the_desk() -> None:
    rota = a_rota(a_pattern("alder", "00:00", "00:00", tier=Tier.SUPERVISOR))
    assert not open_at(rota, utc(2026, 1, 5, 7))


def test_gaps_are_longest_stretches_with_the_same_people_missing() -> None:
    rota = a_rota(
        a_pattern("ann", "08:00", "12:00"),
        a_pattern("bao", "12:00", "18:00"),
        a_pattern("alder", "09:00", "18:00", tier=Tier.SUPERVISOR),
        zone="UTC",
    )
    primary, supervisor = (Need(Tier.PRIMARY), 1), (Need(Tier.SUPERVISOR), 1)
    assert gaps(rota, utc(2026, 1, 5), utc(2026, 1, 6)) == (
        Gap(utc(2026, 1, 5), utc(2026, 1, 5, 8), (primary, supervisor)),
        Gap(utc(2026, 1, 5, 8), utc(2026, 1, 5, 9), (supervisor,)),
        Gap(utc(2026, 1, 5, 18), utc(2026, 1, 6), (primary, supervisor)),
    )


def test_two_required_are_two_different_people() -> None:
    rota = a_rota(a_pattern("ann", "08:00", "12:00"), a_pattern("ann", "09:00", "11:00"), zone="UTC")
    found = gaps(rota, utc(2026, 1, 5, 8), utc(2026, 1, 5, 12), {Tier.PRIMARY: 2})
    assert found == (Gap(utc(2026, 1, 5, 8), utc(2026, 1, 5, 12), ((Need(Tier.PRIMARY), 1),)),)


def test_a_shifts_own_languages_stand_before_the_volunteers() -> None:
    own = Offered(frozenset({"en"}), frozenset({"minors"}))
    rota = Rota(
        zone="UTC",
        patterns=(
            a_pattern("ann", "08:00", "10:00"),
            a_pattern("ann", "10:00", "12:00", offers=Offered(frozenset({"ro"}))),
        ),
        volunteers={"ann": own},
    )
    assert offered(rota, "ann", Tier.PRIMARY, utc(2026, 1, 5, 9)) == own
    assert offered(rota, "ann", Tier.PRIMARY, utc(2026, 1, 5, 10)) == Offered(
        frozenset({"ro"}), frozenset({"minors"})
    )
    assert offered(rota, "ann", Tier.BACKUP, utc(2026, 1, 5, 9)) == Offered()


def test_an_empty_question_has_an_empty_answer() -> None:
    rota = a_rota(a_pattern("ann", "00:00", "00:00"))
    noon = utc(2026, 1, 5, 12)
    assert final_duty(rota, noon, noon) == ()
    assert final_duty(rota, noon, noon - timedelta(hours=1)) == ()


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(NaiveMoment):
        on_duty(a_rota(), datetime(2026, 1, 5))  # noqa: DTZ001 -- the mistake under test


def test_a_year_of_cover_is_computed_in_half_a_second() -> None:
    rota = a_rota(*(a_pattern(f"v{n}", f"{n % 24:02}:00", f"{(n + 4) % 24:02}:00") for n in range(24)))
    begun = perf_counter()
    gaps(rota, utc(2026, 1, 1), utc(2027, 1, 1))
    assert perf_counter() - begun < 2  # measured 0.1 s; the machine that tests may be busy


# --- properties ------------------------------------------------------------------------------------------

walls = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
patterns = st.builds(
    a_pattern,
    who=st.sampled_from(("ann", "bao", "cleo")),
    starts=walls,
    ends=walls,
    tier=st.sampled_from((Tier.PRIMARY, Tier.BACKUP)),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    valid_from=st.none() | st.dates(date(2026, 3, 20), date(2026, 4, 5)),
)
rotas = st.builds(
    lambda shifts, zone: a_rota(*shifts, zone=zone), st.lists(patterns, max_size=6), st.sampled_from(ZONES)
)
# Around the nights the clocks change, in every zone above.
NIGHTS = (
    utc(2026, 3, 7),
    utc(2026, 3, 27),
    utc(2026, 4, 4),
    utc(2026, 10, 3),
    utc(2026, 10, 24),
    utc(2026, 10, 31),
)
moments = st.builds(
    lambda night, minutes: night + timedelta(minutes=minutes),
    st.sampled_from(NIGHTS),
    st.integers(0, 4 * 24 * 60),
)


def clip(duties: Sequence[Duty], start: datetime, end: datetime) -> tuple[Duty, ...]:
    cut = (replace(d, start=max(d.start, start), end=min(d.end, end)) for d in duties)
    order = list(Tier)
    return tuple(
        sorted((d for d in cut if d.start < d.end), key=lambda d: (d.start, order.index(d.tier), d.volunteer))
    )


@settings(max_examples=150, deadline=None)
@given(rotas, moments, st.integers(1, 4000), st.integers(0, 3000), st.integers(0, 3000))
def test_a_smaller_question_gets_the_clip_of_the_larger_answer(
    rota: Rota, start: datetime, length: int, before: int, behind: int
) -> None:
    end = start + timedelta(minutes=length)
    larger = final_duty(rota, start - timedelta(minutes=before), end + timedelta(minutes=behind))
    assert final_duty(rota, start, end) == clip(larger, start, end)


@settings(max_examples=100, deadline=None)
@given(rotas, moments)
def test_nobody_is_on_twice_at_once(rota: Rota, start: datetime) -> None:
    duties = final_duty(rota, start, start + timedelta(days=3))
    for one in duties:
        assert one.start < one.end
        for other in duties:
            same = one.volunteer == other.volunteer
            assert one is other or not same or one.end <= other.start or other.end <= one.start


@settings(max_examples=100, deadline=None)
@given(rotas, moments, st.integers(1, 3000), st.integers(1, 3000))
def test_the_pieces_add_up_to_the_whole(rota: Rota, start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)

    def total(duties: Sequence[Duty]) -> dict[tuple[str, Tier], timedelta]:
        sums: dict[tuple[str, Tier], timedelta] = {}
        for duty in duties:
            key = (duty.volunteer, duty.tier)
            sums[key] = sums.get(key, timedelta()) + (duty.end - duty.start)
        return sums

    pieces = (*final_duty(rota, start, middle), *final_duty(rota, middle, end))
    assert total(pieces) == total(final_duty(rota, start, end))


@settings(max_examples=100, deadline=None)
@given(rotas, moments)
def test_every_question_agrees_with_final_duty(rota: Rota, at: datetime) -> None:
    there = {(d.volunteer, d.tier) for d in final_duty(rota, at, at + timedelta(microseconds=1))}
    assert {(d.volunteer, d.tier) for d in on_duty(rota, at)} == there
    assert open_at(rota, at) == any(tier is Tier.PRIMARY for _, tier in there)
    opening = next_opening(rota, at)
    if opening is not None:
        assert open_at(rota, opening)
        before = final_duty(rota, at, opening)
        assert all(duty.tier is not Tier.PRIMARY for duty in before)
    change = next_change(rota, at)
    if change is not None:
        at_change = {(d.volunteer, d.tier) for d in on_duty(rota, change)}
        assert at_change != there
