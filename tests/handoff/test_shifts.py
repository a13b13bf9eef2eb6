"""Whether somebody may have a shift: each code, what is told beside it, and what is left of a shift."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.limits import Force, Limits
from handoff.model import LoadClass, Refusal, Tier
from handoff.shifts import Applicant, Objection, Rules, Wanted, allowed, objections, what_is_left
from handoff.training import Completion, Training
from tests.handoff.builders import NOON, utc

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
SHIFT = Wanted(Tier.PRIMARY, NOON + 24 * HOUR, NOON + 28 * HOUR, language="ro", skills=frozenset({"minors"}))
FIT = Applicant(duties=(), zone=BERLIN, languages={"ro": 4}, skills={"minors": 5})
PLAIN = Rules(BERLIN)


def codes(wanted: Wanted = SHIFT, applicant: Applicant = FIT, rules: Rules = PLAIN) -> tuple[Refusal, ...]:
    return tuple(one.code for one in objections(wanted, applicant, NOON, rules))


def test_nothing_speaks_against_who_is_fit() -> None:
    assert codes() == ()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"places": 0}, Refusal.SHIFT_FULL),
        ({"opens_at": NOON + HOUR}, Refusal.NOT_YET_OPEN),
        ({"closes_at": NOON}, Refusal.TOO_LATE),
        ({"start": NOON - 4 * HOUR, "end": NOON}, Refusal.TOO_LATE),
        ({"gender": "woman"}, Refusal.GENDER_REQUIRED),
    ],
)
def test_each_reason_of_the_shift_has_its_code(wanted: dict[str, object], code: Refusal) -> None:
    assert codes(replace(SHIFT, **wanted)) == (code,)


@pytest.mark.parametrize(
    ("applicant", "code"),
    [
        ({"gone": Refusal.LEFT}, Refusal.LEFT),
        ({"gone": Refusal.SUSPENDED}, Refusal.SUSPENDED),
        ({"languages": {"ro": 2}}, Refusal.LANGUAGE),
        ({"skills": {}}, Refusal.SKILL),
        ({"away": ((NOON, NOON + 25 * HOUR),)}, Refusal.NOT_ON_DUTY),
        ({"duties": ((SHIFT.start + HOUR, SHIFT.start + 2 * HOUR),)}, Refusal.COLLIDES),
        ({"duties": ((NOON + 10 * HOUR, NOON + 14 * HOUR),)}, Refusal.REST),
    ],
)
def test_each_reason_of_the_person_has_its_code(applicant: dict[str, object], code: Refusal) -> None:
    assert code in codes(applicant=replace(FIT, **applicant))


def test_a_trainee_is_planned_only_beside_a_supervisor() -> None:
    trainee = replace(FIT, load_class=LoadClass.TRAINEE)
    assert codes(replace(SHIFT, supervised=False), trainee) == (Refusal.SUPERVISOR_MISSING,)
    assert codes(replace(SHIFT, supervised=False)) == ()
    assert codes(SHIFT, trainee) == ()


def test_a_module_must_hold_until_the_shift_ends() -> None:
    rules = replace(PLAIN, training=Training(for_tier={Tier.PRIMARY: frozenset({"listening"})}))
    night = replace(SHIFT, start=utc(2026, 5, 5, 20), end=utc(2026, 5, 6, 2))
    ending = replace(FIT, completions=(Completion("listening", date(2026, 1, 1), date(2026, 5, 6)),))
    (found,) = objections(night, ending, NOON, rules)
    assert (found.code, found.module, found.stands_in_the_way) == (Refusal.CERT_EXPIRED, "listening", True)
    assert codes(SHIFT, ending, rules) == ()
    assert codes(SHIFT, FIT, rules) == (Refusal.MODULE_MISSING,)


def test_an_override_lets_it_happen_and_is_still_told() -> None:
    close = replace(FIT, duties=((NOON + 10 * HOUR, NOON + 14 * HOUR),))
    (refused,) = objections(SHIFT, close, NOON, PLAIN)
    assert not allowed([refused])
    assert refused.next_start == NOON + 25 * HOUR
    lifted = objections(SHIFT, replace(close, overridden=frozenset({Refusal.REST})), NOON, PLAIN)
    assert [(one.code, one.overridden) for one in lifted] == [(Refusal.REST, True)]
    assert allowed(lifted)
    soft = replace(PLAIN, limits=Limits(forces={Refusal.REST: Force.SOFT}))
    assert allowed(objections(SHIFT, close, NOON, soft))


def test_no_override_reaches_training() -> None:
    rules = replace(PLAIN, training=Training(for_tier={Tier.PRIMARY: frozenset({"listening"})}))
    lifted = replace(FIT, overridden=frozenset(Refusal))
    assert not allowed(objections(SHIFT, lifted, NOON, rules))


def test_of_a_shift_that_has_begun_only_the_rest_can_change_hands() -> None:
    assert what_is_left(NOON, NOON + HOUR, NOON - HOUR) == (NOON, NOON + HOUR)
    begun = NOON + timedelta(minutes=2)
    assert what_is_left(NOON, NOON + HOUR, begun) == (begun, NOON + HOUR)
    assert what_is_left(NOON, NOON + HOUR, NOON + HOUR) is None


def test_an_objection_is_hard_unless_it_says_otherwise() -> None:
    assert Objection(Refusal.SKILL).stands_in_the_way
    assert not Objection(Refusal.REST, Force.SOFT).stands_in_the_way
