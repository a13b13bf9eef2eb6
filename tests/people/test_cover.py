"""Somebody cannot have her shift: others are asked in waves, the first yes has it (§3.10)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.model import Role
from bot.services import cover_calls, cover_rows, own_day, people
from bot.services.swap_checks import SwapRefused
from bot.store import day_tables as d, people_tables as p, tables as t
from handoff.cover_call import CoverState
from handoff.model import Refusal
from tests.people.days import BEGINS, HOUR, MINUTE, THU, comes, looks, on, passes_to, planned, posts, watched
from tests.town import Town

pytestmark = pytest.mark.long


async def test_ill_today_she_is_free_at_once_and_the_first_yes_has_it(either_town: Town) -> None:
    town = either_town
    planned(town)
    maple, juniper = town.person_id("Maple"), town.person_id("Juniper")
    await passes_to(town, BEGINS - 10 * HOUR)
    done = town.write(lambda c: own_day.ill(c, town.house, maple, town.now))
    assert (done.free, done.told) == (True, "2026-11-19 18:00 – 22:00")
    assert on(town, BEGINS + HOUR) == set()
    assert watched(town) is None
    assert town.read(lambda c: own_day.asked_to_step_in(c, town.house, juniper, town.now)) == (
        (done.cover, "2026-11-19 18:00 – 22:00"),
    )
    town.write(lambda c: cover_calls.say_yes(c, town.house, done.cover, juniper, juniper, town.now))
    assert on(town, BEGINS + HOUR) == {"Juniper"}
    with pytest.raises(SwapRefused) as late:
        town.write(lambda c: cover_calls.say_yes(c, town.house, done.cover, juniper, juniper, town.now))
    assert late.value.code is Refusal.ALREADY_TAKEN
    looks(town)
    assert watched(town, "Juniper").instance == THU
    assert [row.kind for row in town.rows(t.due) if row.kind == "cover_step"] == []


async def test_ill_long_before_she_has_it_until_somebody_says_yes(town: Town) -> None:
    planned(town)
    maple, juniper = town.person_id("Maple"), town.person_id("Juniper")
    done = town.write(lambda c: own_day.ill(c, town.house, maple, town.now))
    assert not done.free
    assert on(town, BEGINS + HOUR) == {"Maple"}
    town.write(lambda c: cover_calls.say_yes(c, town.house, done.cover, juniper, juniper, town.now))
    assert on(town, BEGINS + HOUR) == {"Juniper"}


async def test_waves_go_out_one_after_the_other_nobody_is_asked_twice_and_whoever_plans_is_told(
    town: Town,
) -> None:
    planned(town)
    names = [f"V{place}" for place in range(8)]
    for name in names:
        town.add_person(name, Role.VOLUNTEER)
    maple = town.person_id("Maple")
    await passes_to(town, BEGINS - 5 * HOUR)
    cover = town.write(lambda c: own_day.ill(c, town.house, maple, town.now)).cover

    def asked() -> int:
        return len(town.rows(d.cover_offer))

    assert asked() == 2
    await passes_to(town, BEGINS - 5 * HOUR + 38 * MINUTE)  # an eighth of five hours
    assert asked() == 5
    await passes_to(town, BEGINS - 3 * HOUR)
    assert asked() == 9  # everybody who is left, Juniper among them
    assert "rota" in [kind for kind, _, _ in posts(town, "Rowan")]
    assert [row.reason for row in town.rows(p.supervisor_call, p.supervisor_call.c.subject == cover)] == [
        "uncovered_shift"
    ]
    await passes_to(town, BEGINS + 5 * HOUR)
    (row,) = town.rows(d.cover, d.cover.c.id == cover)
    assert row.state == CoverState.UNCOVERED.value
    assert town.rows(p.supervisor_call, p.supervisor_call.c.subject == cover) == []


async def test_when_all_who_were_asked_say_no_the_next_are_asked_at_once(town: Town) -> None:
    planned(town)
    for place in range(4):
        town.add_person(f"V{place}", Role.VOLUNTEER)
    maple = town.person_id("Maple")
    await passes_to(town, BEGINS - 5 * HOUR)
    cover = town.write(lambda c: own_day.ill(c, town.house, maple, town.now)).cover
    first = [row.person for row in town.rows(d.cover_offer)]
    for person in first:
        town.write(lambda c, who=person: cover_calls.say_no(c, town.house, cover, who, town.now))
    assert len(town.rows(d.cover_offer)) == 5
    said = town.read(lambda c: cover_rows.answers(c, cover))
    assert [said[person].value for person in first] == ["no", "no"]


async def test_whoever_plans_gives_it_away_and_the_call_ends(town: Town) -> None:
    planned(town)
    maple = town.person_id("Maple")
    done = town.write(lambda c: own_day.ill(c, town.house, maple, town.now))
    rowan, juniper = town.person_id("Rowan"), town.person_id("Juniper")
    town.write(lambda c: cover_calls.say_yes(c, town.house, done.cover, juniper, rowan, town.now))
    assert on(town, BEGINS + HOUR) == {"Juniper"}


async def test_ill_in_a_shift_she_is_not_ready_any_more(town: Town) -> None:
    planned(town)
    maple = town.person_id("Maple")
    await passes_to(town, BEGINS)
    comes(town)
    await passes_to(town, BEGINS + HOUR)
    done = town.write(lambda c: own_day.ill(c, town.house, maple, town.now))
    assert done.free
    assert not town.read(lambda c: people.get(c, town.house, maple)).present
    assert (on(town, BEGINS + 30 * MINUTE), on(town, BEGINS + 2 * HOUR)) == ({"Maple"}, set())


async def test_two_say_yes_in_the_same_moment_and_one_has_it(either_town: Town) -> None:
    town = either_town
    planned(town)
    town.add_person("Reed", Role.VOLUNTEER)
    maple = town.person_id("Maple")
    cover = town.write(lambda c: own_day.ill(c, town.house, maple, town.now)).cover

    def tries(alias: str) -> str:
        person = town.person_id(alias)
        try:
            town.write(lambda c: cover_calls.say_yes(c, town.house, cover, person, person, town.now))
        except SwapRefused as no:
            return no.code.value
        return "yes"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tries, ("Juniper", "Reed"))) == ["ALREADY_TAKEN", "yes"]
    assert len(on(town, BEGINS + HOUR)) == 1
