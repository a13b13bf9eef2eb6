"""What a script may ask of the rota: who is there, with which skills, and what the desk allows."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from handoff.desks import Desk, Minors, MinorsPack, OwnBehaviour, read_desk
from handoff.duty_codes import codes_on_duty
from handoff.rota.questions import on_duty
from handoff.rota.reading import read_rota

NOON = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
PACK = MinorsPack("tell it", "the child service", "at once", "R. Lawyer", date(2026, 11, 1))
DESK = """
spec: 1
id: north
name: North
regions: [RO]
default_country: RO
languages: [ro]
zone: Europe/Bucharest
rescue_policy: none
"""
SIGNED = """
minors_pack: {duty: tell, to_whom: child service, by_when: at once, signed_by: R. L., signed_on: 2026-11-01}
"""
ROTA = """
spec: 1
zone: Europe/Bucharest
volunteers: {Maple: {skills: [minors, tech]}, Alder: {}}
shifts:
  - {who: Maple, tier: primary, days: [wed], from: '08:00', to: '20:00'}
  - {who: Alder, tier: supervisor, days: [wed], from: '08:00', to: '22:00'}
"""


def desk(more: str = "") -> Desk:
    read, complaints = read_desk(DESK + more, "desk.yaml")
    assert read is not None, complaints
    return read


def codes(desk_: Desk | None, at: datetime = NOON) -> set[str]:
    rota, complaints = read_rota(ROTA, "rota.yaml", NOON.date())
    assert rota is not None, complaints
    return set(codes_on_duty(desk_, rota, on_duty(rota, at), at))


def test_tiers_and_skills_are_on_duty_and_minors_only_with_a_signed_pack() -> None:
    assert codes(desk()) == {"volunteer", "supervisor", "tech"}
    assert codes(None) == {"volunteer", "supervisor", "tech"}
    assert codes(desk("minors: trained" + SIGNED)) == {"volunteer", "supervisor", "tech", "minors"}
    assert codes(replace(desk(), minors=Minors.TRAINED)) == {"volunteer", "supervisor", "tech"}
    assert codes(replace(desk(), minors_pack=PACK)) == {"volunteer", "supervisor", "tech"}


def test_a_supervisor_alone_answers_under_18_where_the_desk_says_so() -> None:
    evening = NOON.replace(hour=19)
    guided = desk("minors: supervisor-only" + SIGNED)
    assert codes(guided, evening) == {"supervisor", "minors"}
    assert codes(desk("minors: trained" + SIGNED), evening) == {"supervisor"}
    assert codes(guided, NOON.replace(hour=23)) == set()


def test_own_behaviour_is_on_duty_only_where_the_organisation_chose_so() -> None:
    assert desk().own_behaviour is OwnBehaviour.SIGNPOST
    assert "own_behaviour" in codes(desk("own_behaviour: person"))
    assert "own_behaviour" not in codes(desk("own_behaviour: person"), NOON.replace(hour=19))


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ("minors: trained", "without a signed minors_pack"),
        ("minors: supervisor-only", "without a signed minors_pack"),
        ("minors: sometimes", "not one of closed, supervisor-only, trained"),
        ("minors: trained\nminors_pack: {duty: tell}", "the key 'to_whom' is missing"),
        ("minors_pack: {duty: a, to_whom: b, by_when: c, signed_by: d, signed_on: soon}", "expected a day"),
        ("own_behaviour: never", "not one of signpost, person"),
        ("absent: RO.women_at_any_hour", "expected a list"),
    ],
)
def test_a_fault_of_these_rules_is_told(more: str, part: str) -> None:
    _, complaints = read_desk(DESK + more, "desk.yaml")
    assert any(part in str(one) for one in complaints), complaints
