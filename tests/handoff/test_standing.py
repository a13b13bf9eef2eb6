"""Whether a planned duty stands when its time comes."""

from datetime import date, timedelta

from hypothesis import given, settings, strategies as st

from handoff.limits import Span
from handoff.model import Duty, Tier
from handoff.standing import Standing, Standings
from handoff.training import Completion, Training
from tests.handoff.builders import NOON

HOUR = timedelta(hours=1)
DUTY = Duty("Maple", Tier.PRIMARY, NOON - HOUR, NOON + 4 * HOUR)
LISTENING = Training(for_tier={Tier.PRIMARY: frozenset({"listening"})})


def standings(
    *away: Span, completions: tuple[Completion, ...] = (), training: Training | None = None
) -> Standings:
    return Standings({"maple": Standing(away, completions)}, training or Training())


def test_whoever_nothing_is_said_of_stands() -> None:
    assert Standings().stand([DUTY], NOON) == (DUTY,)
    assert Standings().next_edge(NOON) is None


def test_who_is_away_is_not_on_duty_and_is_again_afterwards() -> None:
    known = standings((NOON + HOUR, NOON + 2 * HOUR))
    (before,) = known.stand([DUTY], NOON)
    assert (before.start, before.end) == (DUTY.start, NOON + HOUR)
    assert known.stand([DUTY], NOON + HOUR) == ()
    (later,) = known.stand([DUTY], NOON + 2 * HOUR)
    assert (later.start, later.end) == (NOON + 2 * HOUR, DUTY.end)
    assert known.next_edge(NOON) == NOON + HOUR
    assert known.next_edge(NOON + HOUR) == NOON + 2 * HOUR


def test_training_that_lapses_before_the_end_takes_the_whole_duty_out() -> None:
    passed = date(2026, 1, 1)
    lapses_tomorrow = Completion("listening", passed, NOON.date() + timedelta(days=1))
    lapses_today = Completion("listening", passed, NOON.date())
    assert standings(completions=(lapses_tomorrow,), training=LISTENING).stand([DUTY], NOON) == (DUTY,)
    assert standings(completions=(lapses_today,), training=LISTENING).stand([DUTY], NOON) == ()
    assert standings(training=LISTENING).stand([DUTY], NOON) == ()


def test_a_duty_without_an_end_is_judged_a_day_at_a_time() -> None:
    endless = Duty("Maple", Tier.PRIMARY, NOON - 400 * 24 * HOUR, NOON + 400 * 24 * HOUR)
    lapses_soon = Completion("listening", date(2026, 1, 1), NOON.date() + timedelta(days=3))
    known = standings(completions=(lapses_soon,), training=LISTENING)
    assert known.stand([endless], NOON)
    assert known.stand([endless], NOON + 3 * 24 * HOUR) == ()


moments = st.integers(-50, 50).map(lambda n: NOON + n * HOUR)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(moments, moments), max_size=4), moments)
def test_nobody_is_on_duty_during_a_leave_and_a_duty_never_grows(away: list[Span], at: object) -> None:
    if not DUTY.start <= at < DUTY.end:  # type: ignore[operator]
        return
    stood = standings(*away).stand([DUTY], at)  # type: ignore[arg-type]
    assert bool(stood) != any(start <= at < end for start, end in away)  # type: ignore[operator]
    for duty in stood:
        assert DUTY.start <= duty.start <= at < duty.end <= DUTY.end  # type: ignore[operator]
        assert not any(start < duty.end and duty.start < end and start < end for start, end in away)
