"""Why a volunteer is not offered a chat: every code, and the edges of each."""

from datetime import timedelta

import pytest

from handoff.eligibility import load, refusals, skills_needed, speaks
from handoff.model import Refusal, Tier, Urgency, Volunteer
from handoff.policy import Policy
from tests.handoff.builders import NOON, a_volunteer, a_waiting

U0, U1, U2, U3 = Urgency


def why(volunteer: Volunteer, **waiting: object) -> tuple[Refusal, ...]:
    return refusals(volunteer, a_waiting(**waiting), NOON)


def test_a_free_volunteer_on_duty_is_not_refused() -> None:
    assert why(a_volunteer()) == ()


@pytest.mark.parametrize(
    ("volunteer", "reason"),
    [
        (a_volunteer(duty_ends=NOON), Refusal.NOT_ON_DUTY),
        (a_volunteer(tier=Tier.SHADOW), Refusal.NOT_ON_DUTY),
        (a_volunteer(present=False), Refusal.NOT_PRESENT),
        (a_volunteer(holding=(U2,)), Refusal.CAPACITY),
        (a_volunteer(languages=frozenset({"ro"})), Refusal.LANGUAGE),
        (a_volunteer(duty_ends=NOON + timedelta(minutes=19)), Refusal.ENDING_SOON),
        (a_volunteer(suspended=True), Refusal.SUSPENDED),
    ],
)
def test_each_reason_has_its_code(volunteer: Volunteer, reason: Refusal) -> None:
    assert why(volunteer) == (reason,)


def test_exactly_twenty_minutes_of_duty_are_enough() -> None:
    assert why(a_volunteer(duty_ends=NOON + timedelta(minutes=20))) == ()


def test_who_declined_is_not_asked_again() -> None:
    assert why(a_volunteer("bao"), declined_by=frozenset({"bao"})) == (Refusal.ALREADY_DECLINED,)


def test_all_reasons_are_told_not_only_the_first() -> None:
    volunteer = a_volunteer(present=False, suspended=True, holding=(U0,), languages=frozenset())
    assert set(why(volunteer)) == {
        Refusal.SUSPENDED,
        Refusal.NOT_PRESENT,
        Refusal.CAPACITY,
        Refusal.LANGUAGE,
    }


@pytest.mark.parametrize(
    ("max_chats", "holding", "room"),
    [
        (1, (), True),
        (1, (U3,), False),
        (2, (U2,), True),
        (2, (U2, U3), False),
        (3, (U0,), False),
        (3, (U1,), False),
        (3, (U2, U2), True),
        (9, (U2, U2, U2), False),
        (0, (), False),
    ],
)
def test_capacity_is_one_while_new_three_at_most_and_a_flagged_chat_is_alone(
    *, max_chats: int, holding: tuple[Urgency, ...], room: bool
) -> None:
    found = why(a_volunteer(max_chats=max_chats, holding=holding))
    assert (Refusal.CAPACITY not in found) == room


def test_her_own_offer_does_not_stand_in_the_way_of_accepting_it() -> None:
    volunteer = a_volunteer(holding=(U0,), duty_ends=NOON + timedelta(minutes=19))
    waiting = a_waiting(urgency=U0)
    assert refusals(volunteer, waiting, NOON, offered=True) == ()
    both = a_volunteer(holding=(U0, U0))
    assert refusals(both, waiting, NOON, offered=True) == (Refusal.CAPACITY,)


@pytest.mark.parametrize(
    ("known", "wanted", "serves"),
    [
        ("de", "de-AT", True),
        ("de-AT", "de", True),
        ("DE-at", "de-AT", True),
        ("de-CH", "de-AT", False),
        ("ro", "en", False),
        ("e", "en", False),
        ("en", "", True),
    ],
)
def test_a_language_is_served_by_its_wider_and_its_narrower_form(
    *, known: str, wanted: str, serves: bool
) -> None:
    assert speaks([known], wanted) == serves


def test_nobody_is_asked_about_a_child_without_the_skill_whatever_the_hour() -> None:
    waiting = a_waiting(required_skills=frozenset({"minors"}))
    assert refusals(a_volunteer(), waiting, NOON) == (Refusal.SKILL,)
    assert refusals(a_volunteer(skills=frozenset({"minors", "tech"})), waiting, NOON) == ()


def test_a_need_may_require_a_skill_by_policy() -> None:
    policy = Policy(required_skills={"own_behaviour": "perpetrators"})
    assert skills_needed(a_waiting(need="own_behaviour"), policy) == {"perpetrators"}
    assert skills_needed(a_waiting(need="talk"), policy) == frozenset()


def test_load_is_the_part_of_her_room_that_is_taken() -> None:
    assert load(a_volunteer(max_chats=2, holding=(U2,))) == 0.5
    assert load(a_volunteer(max_chats=0)) == 1.0
    assert load(a_volunteer(max_chats=12, holding=(U2, U2, U2))) == 1.0
