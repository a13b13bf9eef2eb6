"""Who is asked first: by what, in which order, and that nothing else decides."""

from datetime import timedelta
from itertools import permutations

from handoff.model import Urgency, Volunteer
from handoff.policy import DEFAULT_POLICY, Policy
from handoff.ranking import ranked
from tests.handoff.builders import NOON, a_volunteer, a_waiting, after


def first(*volunteers: Volunteer, policy: Policy = DEFAULT_POLICY, **waiting: object) -> list[str]:
    return [v.person for v, _ in ranked(volunteers, a_waiting(**waiting), NOON, policy=policy)]


def test_each_rung_of_the_ranking_decides_only_where_those_before_it_are_equal() -> None:
    best_to_worst = [
        a_volunteer("z"),
        a_volunteer("a", recent_high_risk=1),
        a_volunteer("aa", idle_since=after(1)),
        a_volunteer("b", idle_since=after(2)),
        a_volunteer("c", max_chats=2, holding=(Urgency.U2,)),
        a_volunteer("d", languages={"en": 5, "lt": 5}),
        a_volunteer("e", skills={"tech": 1}),
        a_volunteer("f", cooling_until=NOON + timedelta(minutes=9)),
    ]
    expected = [v.person for v in best_to_worst]
    for some in list(permutations(best_to_worst))[:: 5040 // 8]:
        assert first(*some) == expected


def test_less_credit_goes_first_and_then_the_id_so_that_the_order_is_stable() -> None:
    assert first(a_volunteer("a", credit=2.0), a_volunteer("b", credit=1.0)) == ["b", "a"]
    assert first(a_volunteer("b"), a_volunteer("a")) == ["a", "b"]


def test_a_rare_language_is_kept_free_unless_it_is_the_one_she_speaks() -> None:
    rare, plain = a_volunteer("a", languages={"en": 5, "lt": 5}), a_volunteer("b")
    assert first(rare, plain) == ["b", "a"]
    assert first(rare, plain, language="lt")[0] == "a"
    another = a_volunteer("c", languages={"en": 5, "lt": 5})
    assert first(rare, plain, another) == ["a", "b", "c"]  # lt is not rare among these


def test_a_skill_that_helps_is_no_spare_one() -> None:
    policy = Policy(preferred_skills={"online": "tech:2"})
    good = a_volunteer("c", skills={"tech": 2})
    some = a_volunteer("b", skills={"tech": 1})
    assert first(some, good, a_volunteer("a"), policy=policy, need="online") == ["c", "a", "b"]
    assert first(some, good, a_volunteer("a"), policy=policy) == ["a", "b", "c"]


def test_who_is_as_she_wishes_goes_before_who_is_free() -> None:
    busy = a_volunteer("b", gender="woman", max_chats=2, holding=(Urgency.U2,))
    assert first(a_volunteer("a"), busy, gender="woman") == ["b", "a"]


def test_the_vector_for_the_log_names_nobody() -> None:
    ((_, score),) = ranked([a_volunteer("bao", alias="Maple")], a_waiting(), NOON)
    logged = score.to_plain()
    assert "bao" not in map(str, logged.values())
    assert set(logged) == {
        "cooling", "not_the_gender", "lacks_preferred_skill", "spare_skills", "rare_languages", "load",
        "recent_high_risk", "credit",
    }  # fmt: skip
