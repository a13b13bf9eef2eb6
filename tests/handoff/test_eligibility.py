"""Why a volunteer is not offered a chat: every code, and the edges of each."""

from datetime import timedelta

import pytest

from handoff.capacity import load
from handoff.eligibility import Circumstances, refusals, supervisor_on_duty, told, wished_for
from handoff.languages import FIRST_LANGUAGE, level_for, speaks
from handoff.model import LoadClass, Refusal, Tier, Urgency, Volunteer
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


OFFERED = Circumstances(offered=True)
SOON, PAST = NOON + timedelta(minutes=5), NOON - timedelta(minutes=5)
BOUND = Policy(region_bound=frozenset({"legal"}), required_skills={"legal": "law:3"})


@pytest.mark.parametrize(
    ("volunteer", "waiting", "reasons"),
    [
        (a_volunteer(on_break=True), {}, (Refusal.ON_BREAK,)),
        (a_volunteer(cooling_until=SOON), {}, (Refusal.COOLDOWN,)),
        (a_volunteer(cooling_until=PAST), {}, ()),
        (a_volunteer(unfit=frozenset({Refusal.LEFT})), {}, (Refusal.LEFT,)),
        (a_volunteer(unfit=frozenset({Refusal.MODULE_MISSING})), {}, (Refusal.MODULE_MISSING,)),
        (a_volunteer(unfit=frozenset({Refusal.CERT_EXPIRED})), {}, (Refusal.CERT_EXPIRED,)),
        (a_volunteer("bao"), {"never_with": frozenset({"bao"})}, (Refusal.BLOCKED_PAIR,)),
        (a_volunteer("bao"), {"never_with": frozenset({"ann"})}, ()),
        (
            a_volunteer(conflicts=frozenset({"town:brno"})),
            {"tags": frozenset({"town:brno", "school:x"})},
            (Refusal.CONFLICT_TAG,),
        ),
        (a_volunteer(), {"gender": "woman", "gender_required": True}, (Refusal.GENDER_REQUIRED,)),
        (a_volunteer(gender="man"), {"gender": "woman", "gender_required": True}, (Refusal.GENDER_REQUIRED,)),
        (a_volunteer(gender="woman"), {"gender": "woman", "gender_required": True}, ()),
        (a_volunteer(), {"gender": "woman"}, ()),  # a preference refuses nobody
        (a_volunteer(regions=frozenset({"CZ"}), skills={"law": 3}), {"need": "legal"}, (Refusal.REGION,)),
        (a_volunteer(regions=frozenset({"RO"}), skills={"law": 3}), {"need": "legal"}, ()),
        (a_volunteer(skills={"law": 3}), {"need": "legal"}, ()),
        (
            a_volunteer(regions=frozenset({"CZ"}), skills={"law": 3}),
            {"need": "legal", "country": None},
            (),
        ),
        (a_volunteer(skills={"law": 2}), {"need": "legal"}, (Refusal.SKILL,)),
        (a_volunteer(lapsed_skills=frozenset({"law"})), {"need": "legal"}, (Refusal.CERT_EXPIRED,)),
        (a_volunteer(languages={"en": 2}), {}, (Refusal.LANGUAGE,)),
        (a_volunteer(languages={"en-GB": 3}), {}, ()),
    ],
)
def test_each_reason_of_a_person_has_its_code(
    volunteer: Volunteer, waiting: dict[str, object], reasons: tuple[Refusal, ...]
) -> None:
    assert refusals(volunteer, a_waiting(**waiting), NOON, BOUND) == reasons


def test_a_trainee_takes_chats_only_while_a_supervisor_is_on_duty() -> None:
    trainee = a_volunteer(load_class=LoadClass.TRAINEE)
    alone = Circumstances(supervisor_on_duty=False)
    assert refusals(trainee, a_waiting(), NOON) == ()
    assert refusals(trainee, a_waiting(), NOON, given=alone) == (Refusal.SUPERVISOR_MISSING,)
    assert refusals(a_volunteer(), a_waiting(), NOON, given=alone) == ()


@pytest.mark.parametrize(
    ("who", "there"),
    [
        ({"tier": Tier.SUPERVISOR}, True),
        ({"tier": Tier.PRIMARY}, False),
        ({"tier": Tier.SUPERVISOR, "duty_ends": NOON}, False),
        ({"tier": Tier.SUPERVISOR, "suspended": True}, False),
        ({"tier": Tier.SUPERVISOR, "unfit": frozenset({Refusal.CERT_EXPIRED})}, False),
    ],
)
def test_a_supervisor_who_is_gone_or_unfit_is_none(who: dict[str, object], *, there: bool) -> None:
    assert supervisor_on_duty([a_volunteer(**who)], NOON) is there


def test_rest_gives_way_at_last_where_it_is_soft_and_never_where_it_is_hard() -> None:
    at_last = Circumstances(at_last=True)
    soft = a_volunteer(cooling_until=SOON)
    hard = a_volunteer(cooling_until=SOON, cooling_is_hard=True)
    assert refusals(soft, a_waiting(), NOON, given=at_last) == ()
    assert refusals(hard, a_waiting(), NOON, given=at_last) == (Refusal.COOLDOWN,)


def test_a_volunteer_is_never_told_that_somebody_is_kept_from_her() -> None:
    for code in Refusal:
        seen = told(code)
        assert seen not in {Refusal.BLOCKED_PAIR, Refusal.CONFLICT_TAG}
        assert seen is code or code in {Refusal.BLOCKED_PAIR, Refusal.CONFLICT_TAG}


def test_a_preference_holds_the_others_back_for_a_while_and_in_danger_not_at_all() -> None:
    someone, waiting = a_volunteer(), a_waiting(gender="woman")
    assert not wished_for(someone, waiting, NOON + timedelta(seconds=74))
    assert wished_for(someone, waiting, NOON + timedelta(seconds=75))
    assert wished_for(a_volunteer(gender="woman"), waiting, NOON)
    assert wished_for(someone, a_waiting(), NOON)
    assert wished_for(someone, a_waiting(urgency=U0, gender="woman"), NOON)
    assert wished_for(someone, a_waiting(urgency=U1, gender="woman"), NOON + timedelta(seconds=25))


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
    assert refusals(volunteer, waiting, NOON, given=OFFERED) == ()
    both = a_volunteer(holding=(U0, U0))
    assert refusals(both, waiting, NOON, given=OFFERED) == (Refusal.CAPACITY,)


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
    assert speaks({known: FIRST_LANGUAGE}, wanted) == serves


def test_a_language_is_served_as_well_as_it_is_spoken() -> None:
    assert level_for({"de": 2, "de-AT": 4, "en": 5}, "de-AT") == 4
    assert level_for({"en": 5}, "de") == 0
    assert not speaks({"de": 2}, "de-AT", 3)


def test_nobody_is_asked_about_a_child_without_the_skill_whatever_the_hour() -> None:
    waiting = a_waiting(required_skills=frozenset({"minors"}))
    assert refusals(a_volunteer(), waiting, NOON) == (Refusal.SKILL,)
    assert refusals(a_volunteer(skills=frozenset({"minors", "tech"})), waiting, NOON) == ()


def test_a_need_may_require_a_skill_by_policy() -> None:
    policy = Policy(required_skills={"own_behaviour": "perpetrators"})
    assert policy.skills_needed(a_waiting(need="own_behaviour")) == {("perpetrators", 1)}
    assert policy.skills_needed(a_waiting(need="talk")) == frozenset()
    assert policy.skills_needed(a_waiting(required_skills=frozenset({"minors"}))) == {("minors", 1)}


def test_load_is_the_part_of_her_room_that_is_taken() -> None:
    assert load(a_volunteer(max_chats=2, holding=(U2,))) == 0.5
    assert load(a_volunteer(max_chats=0)) == 1.0
    assert load(a_volunteer(max_chats=12, holding=(U2, U2, U2))) == 1.0
