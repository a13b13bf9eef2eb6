"""Every open hand-off has a stored deadline, and each falls when it should."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from handoff.deadlines import Deadline, DeadlineKind, Facts, deadlines
from handoff.model import HandoffState, Urgency
from tests.handoff.builders import NOON, after

ACTIVE, WAITING, PASSING = HandoffState.ACTIVE, HandoffState.WAITING, HandoffState.PASSING
U0, U1, U2, U3 = Urgency
MINUTE = 60


def due(facts: Facts) -> list[tuple[str, float]]:
    return [(d.kind.value, (d.at - NOON).total_seconds() / MINUTE) for d in deadlines(facts)]


@pytest.mark.parametrize("urgency", [U1, U2, U3])
def test_words_of_hers_are_answered_within_ten_minutes_or_someone_else_takes_over(urgency: Urgency) -> None:
    facts = Facts(ACTIVE, urgency, NOON - timedelta(hours=1), volunteer_spoke=True, unanswered_since=NOON)
    assert due(facts) == [("nudge", 3), ("alert_supervisor", 6), ("take_back", 10)]


def test_in_danger_it_is_one_two_and_three_minutes() -> None:
    facts = Facts(ACTIVE, U0, NOON - timedelta(hours=1), volunteer_spoke=True, unanswered_since=NOON)
    assert due(facts) == [("nudge", 1), ("alert_supervisor", 2), ("take_back", 3)]


def test_accepting_without_a_word_expires_in_three_minutes() -> None:
    for urgency in Urgency:
        assert due(Facts(ACTIVE, urgency, NOON)) == [("nudge", 1), ("alert_supervisor", 2), ("take_back", 3)]


def test_what_she_wrote_in_the_queue_counts_from_the_moment_the_volunteer_came() -> None:
    facts = Facts(ACTIVE, U2, NOON, volunteer_spoke=True, unanswered_since=after(-3000))
    assert due(facts)[0] == ("nudge", 3)


def test_what_has_been_done_is_not_due_again_except_the_last() -> None:
    everything = frozenset(DeadlineKind)
    nudged = Facts(
        ACTIVE, U2, NOON, volunteer_spoke=True, unanswered_since=NOON, done=frozenset({DeadlineKind.NUDGE})
    )
    assert due(nudged)[0] == ("alert_supervisor", 6)
    assert due(replace(nudged, done=everything)) == [("take_back", 10)]


def test_when_she_is_silent_there_is_one_soft_check_and_then_a_quiet_end() -> None:
    facts = Facts(
        ACTIVE, U2, NOON, volunteer_spoke=True, her_last_act_at=after(60), window_ends_at=after(12 * MINUTE)
    )
    assert due(facts) == [("soft_check", 11), ("idle_close", 31)]


@pytest.mark.parametrize("window", [None, after(5 * MINUTE), after(11 * MINUTE)])
def test_no_soft_check_outside_her_window(window: object) -> None:
    facts = Facts(ACTIVE, U2, NOON, volunteer_spoke=True, her_last_act_at=after(60), window_ends_at=window)
    assert due(facts) == [("idle_close", 31)]


def test_a_second_soft_check_is_never_due() -> None:
    done = frozenset({DeadlineKind.SOFT_CHECK})
    facts = Facts(ACTIVE, U2, NOON, volunteer_spoke=True, window_ends_at=after(9000), done=done)
    assert due(facts) == [("idle_close", 30)]


def test_words_into_silence_do_not_keep_a_chat_open() -> None:
    # Only her own acts count: however much the volunteer writes, the end comes 30 min after hers.
    facts = Facts(ACTIVE, U2, NOON, volunteer_spoke=True, her_last_act_at=after(120))
    assert due(facts) == [("idle_close", 32)]


@pytest.mark.parametrize("state", [HandoffState.PARKED, HandoffState.LEFT])
def test_a_place_is_held_half_an_hour_and_a_left_chat_ends_as_soon(state: HandoffState) -> None:
    assert due(Facts(state, U1, NOON)) == [("place_held_ends", 30)]


@pytest.mark.parametrize("state", [WAITING, PASSING])
def test_a_search_without_a_next_step_is_due_at_once(state: HandoffState) -> None:
    assert due(Facts(state, U2, NOON)) == [("queue_step", 0)]
    assert due(Facts(state, U2, NOON, next_step_at=after(120))) == [("queue_step", 2)]


moments = st.integers(-20_000, 20_000).map(after)
all_facts = st.builds(
    Facts,
    state=st.sampled_from(HandoffState),
    urgency=st.sampled_from(Urgency),
    since=moments,
    next_step_at=st.none() | moments,
    volunteer_spoke=st.booleans(),
    unanswered_since=st.none() | moments,
    her_last_act_at=st.none() | moments,
    window_ends_at=st.none() | moments,
    done=st.frozensets(st.sampled_from(DeadlineKind)),
)


@settings(deadline=None)
@given(all_facts)
def test_every_open_hand_off_has_a_deadline_and_a_closed_one_none(facts: Facts) -> None:
    found = deadlines(facts)
    assert bool(found) == (facts.state is not HandoffState.CLOSED)
    assert list(found) == sorted(found)
    assert len({d.kind for d in found}) == len(found)


@settings(deadline=None)
@given(all_facts)
def test_the_first_deadline_is_never_further_than_half_an_hour_from_the_last_act(facts: Facts) -> None:
    acts = [facts.since, facts.unanswered_since, facts.her_last_act_at, facts.next_step_at]
    latest = max(at for at in acts if at is not None)
    for deadline in deadlines(facts)[:1]:
        assert isinstance(deadline, Deadline)
        assert deadline.at <= latest + timedelta(minutes=30)
