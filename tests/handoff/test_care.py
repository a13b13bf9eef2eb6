"""Rest after heavy chats, debriefs, breaks, who is asked to step in, calls that climb, offers missed."""

from datetime import timedelta

import pytest

from handoff.attendance import is_away_after
from handoff.breaks import BreakPolicy, can_go, due, forced
from handoff.calls import LADDER, Called, climb, looked_at_again
from handoff.care import CarePolicy, DebriefReason, cools_for, debrief_reasons
from handoff.cover import Candidate, asked_first
from handoff.limits import Force
from handoff.model import Outcome, Refusal, Urgency
from tests.handoff.builders import NOON, a_volunteer, after

U0, U1, U2, U3 = Urgency
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


# --- after a chat -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("urgency", "reasons", "need", "outcome", "owed"),
    [
        (U2, [], "talk", Outcome.TALKED, set()),
        (U0, [], "talk", None, {DebriefReason.DANGER_NOW}),
        (U1, ["signal.suicide"], "talk", None, set()),
        (U1, ["signal.immediate_danger"], "talk", None, {DebriefReason.DEATH_THREAT}),
        (U1, ["step.t_threats"], "talk", None, {DebriefReason.DEATH_THREAT}),
        (U2, ["signal.child"], "talk", None, {DebriefReason.CHILD}),
        (U2, [], "child", None, {DebriefReason.CHILD}),
        (U1, ["step.minor_hurt"], "talk", None, {DebriefReason.CHILD}),
        (U2, [], "talk", Outcome.MISUSE, {DebriefReason.OBSCENE}),
    ],
)
def test_when_a_debrief_is_owed(
    urgency: Urgency, reasons: list[str], need: str, outcome: Outcome | None, owed: set[DebriefReason]
) -> None:
    assert debrief_reasons(urgency, reasons, need, outcome) == owed


def test_rest_follows_what_was_heavy_unless_it_is_switched_off() -> None:
    assert cools_for(U2, ()) == timedelta(0)
    assert cools_for(U1, ()) == 20 * MINUTE
    assert cools_for(U2, (DebriefReason.OBSCENE,)) == 20 * MINUTE
    assert cools_for(U0, (), CarePolicy(cooldown_force=Force.OFF)) == timedelta(0)


# --- breaks -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("worked", "minutes"), [(0, None), (119, None), (120, 15), (269, 15), (270, 30), (600, 30)]
)
def test_a_break_grows_with_the_work(worked: int, minutes: int | None) -> None:
    assert due(worked * MINUTE) == (None if minutes is None else minutes * MINUTE)


def test_after_five_hours_it_begins_by_itself_where_that_is_hard() -> None:
    assert not forced(5 * HOUR - MINUTE)
    assert forced(5 * HOUR)
    assert not forced(9 * HOUR, BreakPolicy(force=Force.SOFT))


@pytest.mark.parametrize(
    ("others", "waiting", "may"),
    [
        ([], 0, False),
        ([{}], 0, True),
        ([{}], 1, True),
        ([{}], 2, False),
        ([{}, {}], 2, True),
        ([{"present": False}], 0, False),
        ([{"on_break": True}], 0, False),
        ([{"holding": (U2,)}], 0, False),
        ([{"unfit": frozenset({Refusal.CERT_EXPIRED})}], 0, False),
        ([{"suspended": True}], 0, False),
    ],
)
def test_a_break_is_had_when_the_others_can_do_without_her(
    others: list[dict[str, object]], waiting: int, *, may: bool
) -> None:
    crew = [a_volunteer("me"), *(a_volunteer(f"v{n}", **fields) for n, fields in enumerate(others))]
    assert can_go("me", crew, waiting) is may


# --- stepping in ------------------------------------------------------------------------------------
def test_lowest_hours_then_least_recently_asked_and_nobody_a_third_time_in_a_week() -> None:
    day = timedelta(days=1)
    people = [
        Candidate("often", 0, (NOON - day, NOON - 6 * day)),
        Candidate("busy", 12),
        Candidate("asked", 4, (NOON - 2 * day,)),
        Candidate("fresh", 4),
        Candidate("long ago", 4, (NOON - 30 * day,)),
        Candidate("b", 12),
    ]
    assert asked_first(people, NOON) == ("fresh", "long ago", "asked", "b", "busy")
    assert asked_first(people, NOON + 2 * day)[0] == "often"
    assert asked_first([Candidate("a", 0, credit=1), Candidate("b", 9)], NOON) == ("b", "a")


# --- a call for a supervisor --------------------------------------------------------------------------
def test_a_call_climbs_each_rung_once_and_knows_when_the_next_comes() -> None:
    first = climb(NOON, -1, NOON, U2)
    assert (first.call, first.rung, first.next_at) == ((Called.SUPERVISOR,), 0, after(90))
    assert climb(NOON, 0, after(89), U2).call == ()
    assert climb(NOON, 0, after(90), U2).call == (Called.COORDINATOR,)
    late = climb(NOON, -1, after(1000), U2)
    assert late.call == tuple(rung.who for rung in LADDER)
    assert late.next_at is None
    assert climb(NOON, late.rung, after(2000), U2).call == ()


def test_in_danger_it_climbs_three_times_as_fast_and_a_clock_set_back_repeats_nothing() -> None:
    assert climb(NOON, 0, after(30), U0).call == (Called.COORDINATOR,)
    back = climb(NOON, 1, after(-3600), U2)
    assert (back.call, back.rung) == ((), 1)
    assert looked_at_again(NOON, U2) == after(180)
    assert looked_at_again(NOON, U1) == after(60)


def test_two_missed_offers_in_a_row_mean_away() -> None:
    assert [is_away_after(missed) for missed in range(4)] == [False, False, True, True]
