"""The order of the queue: danger first, and nobody starves."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings, strategies as st

from handoff.model import Urgency, Waiting
from handoff.queue import HANDICAP, ahead_of, is_crowded, may_queue, order
from tests.handoff.builders import NOON, a_waiting, after

LATER = NOON + timedelta(hours=4)


def names(*waiting: Waiting) -> list[str]:
    return [one.handoff for one in order(waiting, LATER)]


def test_the_more_urgent_goes_first_whoever_came_first() -> None:
    assert names(
        a_waiting("question", Urgency.U3, queued_at=NOON),
        a_waiting("normal", Urgency.U2, queued_at=after(60)),
        a_waiting("flag", Urgency.U1, queued_at=after(120)),
        a_waiting("danger", Urgency.U0, queued_at=after(180)),
    ) == ["danger", "flag", "normal", "question"]


def test_equal_urgency_is_served_by_longest_wait() -> None:
    assert names(a_waiting("b", queued_at=after(9)), a_waiting("a", queued_at=after(10))) == ["b", "a"]


def test_danger_now_goes_ahead_of_everyone_who_came_within_the_last_hour() -> None:
    others = [a_waiting(u.value, u, queued_at=after(1)) for u in Urgency if u is not Urgency.U0]
    assert names(*others, a_waiting("danger", Urgency.U0, queued_at=after(3600)))[0] == "danger"


def test_a_passed_on_chat_stands_at_the_head_of_its_own_urgency_only() -> None:
    assert names(
        a_waiting("flag", Urgency.U1, queued_at=NOON),
        a_waiting("normal", Urgency.U2, queued_at=NOON),
        a_waiting("passed on", Urgency.U2, queued_at=after(600), passed_on=True),
        a_waiting("question", Urgency.U3, queued_at=NOON),
    ) == ["flag", "passed on", "normal", "question"]


def test_a_clock_set_back_does_not_send_anybody_to_the_end() -> None:
    ahead_of_clock = a_waiting("a", queued_at=after(3600))
    newcomer = a_waiting("b", queued_at=after(10))
    assert [one.handoff for one in order([newcomer, ahead_of_clock], after(10))] == ["a", "b"]


def test_places_ahead_are_counted() -> None:
    waiting = [a_waiting("a"), a_waiting("b", Urgency.U0), a_waiting("c", Urgency.U3)]
    assert [ahead_of(name, waiting, LATER) for name in "bacx"] == [0, 1, 2, 3]


def test_web_chat_takes_at_most_half_of_the_places() -> None:
    web = [a_waiting(str(n), from_web=True) for n in range(5)]
    assert may_queue(from_web=True, waiting=web[:4], limit=10)
    assert not may_queue(from_web=True, waiting=web, limit=10)
    assert may_queue(from_web=False, waiting=web, limit=10)
    assert may_queue(from_web=False, waiting=[*web, *web], limit=10)
    others = [a_waiting(f"o{n}") for n in range(5)]
    assert may_queue(from_web=False, waiting=[*web, *web, *others[:4]], limit=10)
    assert not may_queue(from_web=False, waiting=[*web, *web, *others], limit=10)
    assert not may_queue(from_web=True, waiting=[*others, *others], limit=10)


def test_flagged_web_pages_beyond_half_of_the_places_stand_behind_flagged_messengers() -> None:
    web = [a_waiting(f"w{n}", Urgency.U0, from_web=True) for n in range(5)]
    assert not is_crowded(from_web=True, waiting=web[:4], limit=10)
    assert is_crowded(from_web=True, waiting=web, limit=10)
    assert not is_crowded(from_web=False, waiting=web, limit=10)
    calm = [replace(one, urgency=Urgency.U2) for one in web]
    assert not is_crowded(from_web=True, waiting=calm, limit=10)
    crowded = [a_waiting(f"c{n}", Urgency.U0, from_web=True, crowded=True) for n in range(3)]
    assert names(
        *crowded[:2],
        a_waiting("normal, later", queued_at=after(1)),
        a_waiting("flag by messenger, later", Urgency.U1, queued_at=after(14 * 60)),
        a_waiting("danger by messenger, later", Urgency.U0, queued_at=after(74 * 60)),
        replace(crowded[2], passed_on=True),
    ) == [
        "c2",
        "danger by messenger, later",
        "flag by messenger, later",
        "c0",
        "c1",
        "normal, later",
    ]


def test_a_question_waits_a_bounded_time_however_many_in_danger_keep_coming() -> None:
    # One volunteer, five minutes a chat, and somebody in danger every five minutes for eight hours.
    waiting = [a_waiting("question", Urgency.U3, queued_at=NOON)]
    for minute in range(0, 480, 5):
        now = NOON + timedelta(minutes=minute)
        waiting.append(a_waiting(f"danger {minute}", Urgency.U0, queued_at=now))
        served = order(waiting, now)[0]
        waiting.remove(served)
        if served.handoff == "question":
            assert timedelta(minutes=minute) <= HANDICAP[Urgency.U3] + timedelta(minutes=5)
            return
    raise AssertionError("never served")


waitings = st.lists(
    st.builds(
        lambda seconds, urgency, front: (after(seconds), urgency, front),
        st.integers(0, 20_000),
        st.sampled_from(Urgency),
        st.booleans(),
    ),
    max_size=12,
).map(
    lambda facts: [
        a_waiting(f"h{n}", urgency, queued_at=at, passed_on=front)
        for n, (at, urgency, front) in enumerate(facts)
    ]
)


@settings(deadline=None)
@given(waitings, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_the_question(waiting: list[Waiting], dice: Random) -> None:
    shuffled = list(waiting)
    dice.shuffle(shuffled)
    assert order(shuffled, LATER) == order(waiting, LATER)
    assert sorted(one.handoff for one in order(waiting, LATER)) == sorted(one.handoff for one in waiting)


@settings(deadline=None)
@given(waitings)
def test_nobody_is_overtaken_by_who_came_later_than_her_handicap(waiting: list[Waiting]) -> None:
    served = order(waiting, LATER + timedelta(hours=4))
    for place, one in enumerate(served):
        for earlier in served[:place]:
            if not earlier.passed_on:
                assert earlier.queued_at <= one.queued_at + HANDICAP[one.urgency]


@settings(deadline=None)
@given(waitings)
def test_inside_one_urgency_passed_on_come_first_and_then_the_longest_wait(waiting: list[Waiting]) -> None:
    served = order(waiting, LATER + timedelta(hours=4))
    for urgency in Urgency:
        keys = [(not one.passed_on, one.queued_at) for one in served if one.urgency is urgency]
        assert keys == sorted(keys)


@settings(deadline=None)
@given(waitings)
def test_a_more_urgent_one_who_came_no_later_goes_first(waiting: list[Waiting]) -> None:
    served = [one for one in order(waiting, LATER + timedelta(hours=4)) if not one.passed_on]
    for place, one in enumerate(served):
        for earlier in served[:place]:
            assert not (one.urgency < earlier.urgency and one.queued_at <= earlier.queued_at)
