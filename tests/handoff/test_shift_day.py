"""A shift from the day before it to its end: what comes when, also when the clocks change (§3.13)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from handoff.cover_call import alarm_reached, next_look, wave_lasts, wave_size
from handoff.rota.clock_face import clock_face, day_and_clock, stretch_told
from handoff.rota.questions import whole_duties
from handoff.rota.reading import read_rota
from handoff.shift_day import BEFORE, Course, Presence, Stage, begun, comes_late, moved, turn

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
START = datetime(2026, 11, 20, 18, tzinfo=UTC)
END = START + 4 * HOUR
REMINDERS = (Stage.DAY_BEFORE, Stage.HOUR_BEFORE, Stage.MINUTES_BEFORE)


def told(course: Course, moments: list[datetime]) -> list[tuple[Stage, datetime]]:
    """What is done when it is looked at in these moments, one after the other."""
    found: list[tuple[Stage, datetime]] = []
    for at in moments:
        taken = turn(course, at)
        course = replace(course, done=taken.done)
        if taken.stage is not None:
            found.append((taken.stage, at))
    return found


def deadlines(course: Course, since: datetime) -> list[tuple[Stage, datetime]]:
    """What is done when it is looked at just when the deadline before it said."""
    found: list[tuple[Stage, datetime]] = []
    at: datetime | None = since
    while at is not None:
        taken = turn(course, at)
        course = replace(course, done=taken.done)
        if taken.stage is not None:
            found.append((taken.stage, at))
        assert taken.next_at is None or taken.next_at > at
        at = taken.next_at
    return found


def test_each_stage_comes_once_at_its_time() -> None:
    course = begun(START, END, START - 72 * HOUR)
    assert deadlines(course, START - 72 * HOUR) == [
        (Stage.DAY_BEFORE, START - 24 * HOUR),
        (Stage.HOUR_BEFORE, START - HOUR),
        (Stage.MINUTES_BEFORE, START - 10 * MINUTE),
        (Stage.NOT_THERE, START + 5 * MINUTE),
        (Stage.OVER, END),
    ]


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        (START - 20 * HOUR, [Stage.DAY_BEFORE]),  # late, and still of use
        (START - 30 * MINUTE, [Stage.HOUR_BEFORE]),  # the day's is skipped
        (START - 5 * MINUTE, [Stage.MINUTES_BEFORE]),
        (START + 10 * MINUTE, [Stage.NOT_THERE]),
        (END + HOUR, [Stage.OVER]),
    ],
)
def test_after_a_standstill_the_latest_stage_alone_is_told(back: datetime, expected: list[Stage]) -> None:
    course = begun(START, END, START - 72 * HOUR)
    assert [stage for stage, _ in told(course, [back, back])] == expected


def test_who_gets_a_shift_late_is_reminded_of_nothing_that_is_past() -> None:
    assert told(begun(START, END, START - 5 * HOUR), [START - 5 * HOUR]) == []
    running = begun(START, END, START + HOUR)
    assert deadlines(running, START + HOUR) == [
        (Stage.NOT_THERE, START + HOUR + 5 * MINUTE),  # five minutes after she got it
        (Stage.OVER, END),
    ]


def test_who_is_there_is_neither_reminded_nor_missed() -> None:
    course = replace(begun(START, END, START - 15 * MINUTE), presence=Presence.THERE)
    assert deadlines(course, START - 15 * MINUTE) == [(Stage.OVER, END)]


def test_who_comes_late_is_missed_later() -> None:
    course = comes_late(begun(START, END, START - 2 * HOUR), 20 * MINUTE, START - 2 * HOUR)
    assert course.expected_at == START + 20 * MINUTE
    assert (Stage.NOT_THERE, START + 25 * MINUTE) in deadlines(course, START - 2 * HOUR)
    again = comes_late(replace(course, done=Stage.NOT_THERE), 30 * MINUTE, START + 26 * MINUTE)
    assert deadlines(again, START + 26 * MINUTE)[0] == (Stage.NOT_THERE, START + 61 * MINUTE)
    endless = comes_late(course, timedelta(days=9), START)
    assert endless.at(Stage.NOT_THERE) <= END


def test_a_shift_that_is_moved_is_reminded_of_at_its_new_time_and_never_twice() -> None:
    course = replace(begun(START, END, START - 72 * HOUR), done=Stage.DAY_BEFORE)
    at = START - 12 * HOUR
    later = moved(course, START + HOUR, END + HOUR, at)
    assert [stage for stage, _ in deadlines(later, at)] == list(Stage)[2:]
    far = moved(course, START + 48 * HOUR, END + 48 * HOUR, at)
    assert deadlines(far, at)[0] == (Stage.DAY_BEFORE, START + 24 * HOUR)
    soon = moved(course, at + 30 * MINUTE, END, at)
    assert deadlines(soon, at)[0] == (Stage.MINUTES_BEFORE, at + 20 * MINUTE)


@given(
    st.integers(-5000, 2000),
    st.integers(1, 600),
    st.lists(st.integers(-5000, 3000), max_size=30),
    st.sampled_from([Presence.EXPECTED, Presence.THERE]),
)
def test_nothing_comes_twice_or_before_its_time(
    known_from: int, lasts: int, looks: list[int], presence: Presence
) -> None:
    end = START + lasts * MINUTE
    course = replace(begun(START, end, START + known_from * MINUTE), presence=presence)
    moments = [START + minutes * MINUTE for minutes in sorted(looks) if minutes >= known_from]
    found = told(course, moments)
    stages = [stage for stage, _ in found]
    assert len(set(stages)) == len(stages)
    assert all(one < other for one, other in pairwise(stages))
    for stage, at in found:
        assert course.at(stage) <= at
        if stage in REMINDERS:
            assert at < course.at(Stage(stage + 1))  # never when the next one has come
            assert presence is not Presence.THERE
    if moments and moments[-1] >= end and known_from * MINUTE < end - START:
        assert stages[-1:] == [Stage.OVER]


ALL = "[mon, tue, wed, thu, fri, sat, sun]"
NIGHTS = [
    # zone, shift on the wall, its beginning and length; what the clock shows 24 h, 1 h and 10 min before
    ("Europe/Bucharest", "2026-10-24", "22:00", "06:00", "2026-10-24T19:00Z", 9, ("22:00", "21:00", "21:50")),
    (
        "Europe/Bucharest",
        "2026-10-25",
        "03:30",
        "08:00",
        "2026-10-25T00:30Z",
        5.5,
        ("03:30", "02:30", "03:20a"),
    ),
    ("Europe/Bucharest", "2026-10-25", "22:00", "02:00", "2026-10-25T20:00Z", 4, ("23:00", "21:00", "21:50")),
    (
        "Europe/Bucharest",
        "2027-03-28",
        "03:30",
        "08:00",
        "2027-03-28T01:30Z",
        3.5,
        ("03:30", "02:30", "04:20"),
    ),
    ("Europe/Bucharest", "2027-03-28", "20:00", "23:00", "2027-03-28T17:00Z", 3, ("19:00", "19:00", "19:50")),
    (
        "America/New_York",
        "2026-11-01",
        "01:30",
        "05:00",
        "2026-11-01T05:30Z",
        4.5,
        ("01:30", "00:30", "01:20a"),
    ),
    (
        "Australia/Lord_Howe",
        "2026-10-04",
        "02:15",
        "06:00",
        "2026-10-03T15:45Z",
        3.25,
        ("02:15", "01:15", "02:35"),
    ),
]


@pytest.mark.parametrize(("zone", "day", "begins", "ends", "start", "hours", "clocks"), NIGHTS)
def test_over_nights_in_which_the_clocks_change(
    zone: str, day: str, begins: str, ends: str, start: str, hours: float, clocks: tuple[str, str, str]
) -> None:
    """A reminder comes so much elapsed time before, whatever her clock shows then."""
    text = (
        f"zone: {zone}\nshifts:\n  - {{who: Maple, tier: primary, days: {ALL}, from: '{begins}', "
        f"to: '{ends}', valid_from: {day}, valid_to: {day}}}\n"
    )
    rota, complaints = read_rota(text, "rota.yaml", datetime(2026, 1, 1, tzinfo=UTC).date())
    assert rota is not None, complaints
    instant = datetime.fromisoformat(start)
    (duty,) = whole_duties(rota, instant - 30 * HOUR, instant + 30 * HOUR)
    assert (duty.start, duty.end - duty.start) == (instant, hours * HOUR)
    course = begun(duty.start, duty.end, instant - 72 * HOUR)
    found = deadlines(course, instant - 72 * HOUR)
    assert [at for stage, at in found if stage in REMINDERS] == [instant - BEFORE[one] for one in REMINDERS]
    assert tuple(clock_face(at, ZoneInfo(zone)) for stage, at in found if stage in REMINDERS) == clocks


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    zone = ZoneInfo("Europe/Bucharest")
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert (clock_face(first, zone), clock_face(second, zone)) == ("03:30a", "03:30b")
    assert day_and_clock(second + HOUR, zone) == "2026-10-25 04:30"
    assert stretch_told(first, second, zone) == "2026-10-25 03:30a – 03:30b"
    assert stretch_told(first - 5 * HOUR, second, zone) == "2026-10-24 22:30 – 2026-10-25 03:30b"


def test_waves_grow_with_the_time_that_is_left() -> None:
    assert [wave_size(one) for one in range(4)] == [2, 3, None, None]
    assert wave_lasts(START, START - HOUR) == 10 * MINUTE
    assert wave_lasts(START, START - 8 * HOUR) == HOUR
    assert wave_lasts(START, START - 72 * HOUR) == 2 * HOUR
    assert [alarm_reached(START, START - one * HOUR) for one in (5, 4, 1.5, 1, -1)] == [0, 1, 1, 2, 2]


@given(st.integers(-6000, 500))
def test_a_call_for_cover_is_always_looked_at_again(minutes: int) -> None:
    at = START + minutes * MINUTE
    again = next_look(START, END, at)
    if at < END:
        assert at < again <= max(END, at + 2 * HOUR)
        assert alarm_reached(START, again - MINUTE) <= alarm_reached(START, at)  # no alarm is slept through
