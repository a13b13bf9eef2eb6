"""Whether a planned duty stands when its time comes."""

from datetime import date, timedelta

from handoff.model import Duty, Tier
from handoff.standing import Standing, Standings
from handoff.training import Completion, Training
from tests.handoff.builders import NOON

HOUR = timedelta(hours=1)
DUTY = Duty("Maple", Tier.PRIMARY, NOON - HOUR, NOON + 4 * HOUR)
LISTENING = Training(for_tier={Tier.PRIMARY: frozenset({"listening"})})


def standings(*, completions: tuple[Completion, ...] = (), training: Training) -> Standings:
    return Standings({"maple": Standing(completions)}, training)


def test_whoever_nothing_is_said_of_stands() -> None:
    assert Standings().stand([DUTY], NOON) == (DUTY,)


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
