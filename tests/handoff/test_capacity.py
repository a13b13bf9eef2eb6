"""Load units: what fits into a volunteer's hands, and what never does."""

import pytest
from hypothesis import given, settings, strategies as st

from handoff.capacity import MOST_CHATS, has_room, load, room, smallest_explicit, units, weight
from handoff.model import HIGH_RISK, LoadClass, Urgency
from tests.handoff.builders import a_volunteer

U0, U1, U2, U3 = Urgency


def test_a_heavy_chat_weighs_two_calm_ones_and_a_resting_one_a_quarter() -> None:
    assert [weight(urgency) for urgency in Urgency] == [2, 2, 1, 1]
    assert units(a_volunteer(holding=(U0, U2))) == 3
    assert units(a_volunteer(holding=(U2, U2), resting_chats=1)) == 1.25
    assert units(a_volunteer(holding=(U0,), resting_chats=1)) == 2  # a heavy one never rests


@pytest.mark.parametrize(
    ("limits", "load_class", "limit"),
    [
        ((), LoadClass.STANDARD, 1),
        ((None, None), LoadClass.SENIOR, 2),
        ((3, None), LoadClass.STANDARD, 3),
        ((3, 2), LoadClass.SENIOR, 2),
        ((None, 2), LoadClass.STANDARD, 2),
        ((3, 3), LoadClass.TRAINEE, 1),
        ((), LoadClass.TRAINEE, 1),
    ],
)
def test_the_smallest_limit_somebody_set_holds(
    limits: tuple[int | None, ...], load_class: LoadClass, limit: int
) -> None:
    assert smallest_explicit(limits, load_class) == limit


@pytest.mark.parametrize(
    ("holding", "max_chats", "urgency", "fits"),
    [
        ((), 1, U0, True),  # empty hands take any one chat
        ((U2,), 2, U2, True),
        ((U2,), 2, U0, False),  # 1 + 2 is more than 2
        ((U2,), 3, U0, True),
        ((U2, U2), 3, U0, False),
        ((U2, U2), 3, U2, True),
        ((U0,), 3, U2, False),
        ((U1,), 3, U3, False),
    ],
)
def test_what_fits(holding: tuple[Urgency, ...], max_chats: int, urgency: Urgency, *, fits: bool) -> None:
    assert has_room(a_volunteer(holding=holding, max_chats=max_chats), urgency) is fits


def test_one_more_is_one_calm_chat_more_and_nothing_for_a_trainee() -> None:
    asked = a_volunteer(holding=(U2,), one_more=True)
    assert room(asked) == 2
    assert has_room(asked, U2)
    assert not has_room(asked, U0)
    assert not has_room(a_volunteer(holding=(U2, U2), one_more=True), U2)
    assert not has_room(a_volunteer(holding=(U2, U2, U2), max_chats=9, one_more=True), U2)
    trainee = a_volunteer(holding=(U2,), one_more=True, load_class=LoadClass.TRAINEE)
    assert not has_room(trainee, U2)


def test_a_chat_that_rests_makes_room_for_another_but_never_for_a_fourth() -> None:
    assert has_room(a_volunteer(holding=(U2, U2), max_chats=2, resting_chats=2), U2)
    assert not has_room(a_volunteer(holding=(U2,), max_chats=1, resting_chats=1), U2)
    assert not has_room(a_volunteer(holding=(U2, U2, U2), max_chats=3, resting_chats=3), U2)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(list(Urgency)), max_size=10),
    st.integers(0, 5),
    st.sampled_from(list(LoadClass)),
    st.booleans(),
)
def test_whatever_comes_nobody_ever_holds_more_than_she_can(
    arriving: list[Urgency], max_chats: int, load_class: LoadClass, one_more: bool
) -> None:
    held: tuple[Urgency, ...] = ()
    for urgency in arriving:
        one = a_volunteer(holding=held, max_chats=max_chats, load_class=load_class, one_more=one_more)
        if has_room(one, urgency):
            held = (*held, urgency)
    after = a_volunteer(holding=held, max_chats=max_chats, load_class=load_class, one_more=one_more)
    assert len(held) <= MOST_CHATS
    assert len(held) <= 1 or units(after) <= room(after)
    assert all(urgency not in HIGH_RISK for urgency in held[:-1])
    assert load_class is not LoadClass.TRAINEE or len(held) <= 1
    assert max_chats > 0 or one_more or not held
    assert load(after) >= 0
