"""What is said of a wait is never kinder than what was measured."""

from statistics import median

import pytest
from hypothesis import given, settings, strategies as st

from handoff.waits import Wait, WaitKind, estimate

CALM = [120.0, 180.0, 240.0, 200.0, 260.0]


def test_a_short_wait_is_rounded_up_to_five_minutes() -> None:
    assert estimate(CALM, ahead=0, on_duty=1) == Wait(WaitKind.MINUTES, 5)


def test_people_ahead_make_it_longer_and_volunteers_shorter() -> None:
    assert estimate(CALM, ahead=2, on_duty=1) == Wait(WaitKind.MINUTES, 10)
    assert estimate(CALM, ahead=2, on_duty=3) == Wait(WaitKind.MINUTES, 5)


@pytest.mark.parametrize(("seconds", "kind"), [(900.0, WaitKind.MINUTES), (901.0, WaitKind.LONG)])
def test_more_than_a_quarter_of_an_hour_is_called_long(seconds: float, kind: WaitKind) -> None:
    assert estimate([seconds] * 5, ahead=0, on_duty=1).kind is kind


@pytest.mark.parametrize(("waits", "on_duty"), [([], 3), (CALM[:4], 3), (CALM, 0)])
def test_without_measure_or_people_we_say_that_we_cannot_say(waits: list[float], on_duty: int) -> None:
    assert estimate(waits, ahead=0, on_duty=on_duty) == Wait(WaitKind.UNKNOWN, None)


@settings(deadline=None)
@given(st.lists(st.floats(0, 100_000), min_size=5, max_size=40), st.integers(0, 50), st.integers(1, 50))
def test_no_estimate_is_better_than_the_measured_median(waits: list[float], ahead: int, on_duty: int) -> None:
    wait = estimate(waits, ahead, on_duty)
    assert wait.minutes is not None
    assert wait.minutes * 60 >= median(waits)
    assert wait.minutes % 5 == 0
    assert (wait.kind is WaitKind.LONG) == (wait.minutes > 15)


@settings(deadline=None)
@given(st.lists(st.floats(0, 10_000), min_size=5, max_size=20), st.integers(0, 50), st.integers(1, 20))
def test_more_people_ahead_never_make_it_shorter(waits: list[float], ahead: int, on_duty: int) -> None:
    shorter, longer = estimate(waits, ahead, on_duty), estimate(waits, ahead + 1, on_duty)
    assert shorter.minutes is not None
    assert longer.minutes is not None
    assert shorter.minutes <= longer.minutes
