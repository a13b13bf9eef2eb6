"""Hours of people: the report, limits and their overrides, who is asked first, what publishing finds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Role
from bot.services import audit, covering, hours, overriding, people, shift_checks
from bot.services.overriding import NotAnOverride
from bot.store import people_tables as p
from handoff.limits import Force, Limits
from handoff.model import Refusal, Tier
from handoff.shifts import Wanted
from handoff.staffing import Care
from handoff.training import Training
from tests.routing.crews import profile, rota, staffing
from tests.shipped import board_of
from tests.town import Town

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 15, 22, tzinfo=UTC)  # midnight in Bucharest
WEEK = """
zone: Europe/Bucharest
shifts:
  - {who: Maple, tier: primary, days: [mon, wed], from: '18:00', to: '22:00'}
  - {who: Juniper, tier: primary, days: [fri], from: '22:00', to: '04:00'}
  - {who: Alder, tier: supervisor, days: [mon], from: '18:00', to: '20:00'}
"""


def with_limits(town: Town, limits: Limits | None = None) -> None:
    staffing(town, {"care": Care(limits=limits or Limits())})


def wants(day: int, clock: int, lasts: float) -> Wanted:
    begins = datetime(2026, 11, day, clock, tzinfo=UTC)
    return Wanted(Tier.PRIMARY, begins, begins + lasts * HOUR)


def objections(town: Town, alias: str, wanted: Wanted) -> list[tuple[Refusal, bool]]:
    person = town.person_id(alias)
    found = town.read(lambda c: shift_checks.sign_up(c, town.house, "demo", person, wanted, town.now))
    return [(one.code, one.stands_in_the_way) for one in found]


async def test_the_report_tells_hours_nights_and_nothing_of_leave(town: Town) -> None:
    rota(town, WEEK)
    rows = town.read(lambda c: hours.report(c, town.house, MONDAY, MONDAY + timedelta(days=7), town.now))
    assert [(one.alias, one.hours, one.nights) for one in rows] == [
        ("Alder", 2.0, 0),
        ("Juniper", 6.0, 1),
        ("Maple", 8.0, 0),
    ]
    twice = town.read(
        lambda c: hours.report(c, town.house, MONDAY, MONDAY + timedelta(days=3, hours=-4), town.now)
    )
    assert {one.alias: one.hours for one in twice} == {"Alder": 2.0, "Juniper": 0.0, "Maple": 6.0}


async def test_a_night_across_the_end_of_a_week_counts_once_in_the_week_of_its_evening(town: Town) -> None:
    rota(town, WEEK.replace("[fri], from: '22:00', to: '04:00'", "[sun], from: '22:00', to: '01:30'"))
    weeks = [(MONDAY + timedelta(days=7 * n), MONDAY + timedelta(days=7 * n + 7)) for n in range(3)]
    rows = [town.read(lambda c, w=week: hours.report(c, town.house, *w, town.now)) for week in weeks]
    juniper = [(one.hours, one.nights) for week in rows for one in week if one.alias == "Juniper"]
    assert juniper == [(3.5, 0), (3.5, 0), (3.5, 0)]  # two and a half hours of it: not a night
    rota(town, WEEK.replace("[fri], from: '22:00', to: '04:00'", "[sun], from: '22:00', to: '02:30'"))
    rows = [town.read(lambda c, w=week: hours.report(c, town.house, *w, town.now)) for week in weeks]
    juniper = [(one.hours, one.nights) for week in rows for one in week if one.alias == "Juniper"]
    assert juniper == [(4.5, 1), (4.5, 1), (4.5, 1)]


async def test_a_limit_holds_until_a_coordinator_lifts_it_with_a_reason(town: Town) -> None:
    rota(town, WEEK)
    with_limits(town)
    wanted = wants(19, 5, 4)  # nine hours after her Wednesday
    assert objections(town, "Maple", wanted) == [(Refusal.REST, True)]
    maple, rowan = town.person_id("Maple"), town.add_person("Rowan", Role.COORDINATOR)
    span = (wanted.start - HOUR, wanted.end + HOUR)
    why = (rowan, "nobody else is well, and she asked for it")
    lifted = town.write(
        lambda c: overriding.override(c, town.house, maple, Refusal.REST, span, why, town.now)
    )
    assert objections(town, "Maple", wanted) == [(Refusal.REST, False)]
    later = wants(19, 5, 5.5)
    assert (Refusal.REST, True) in objections(town, "Maple", later)  # longer than what was lifted
    told = town.read(lambda c: [e for e in audit.entries(c, town.house.vault) if e.verb == "override"])
    assert [(e.actor, e.object_id, e.codes[0]) for e in told] == [(rowan, maple, "REST")]
    assert b"nobody else" not in town.rows(p.limit_override)[0].override_sealed
    town.write(lambda c: overriding.take_back(c, town.house, lifted, rowan, town.now))
    assert objections(town, "Maple", wanted) == [(Refusal.REST, True)]


@pytest.mark.parametrize(
    ("code", "hours_long", "words"),
    [(Refusal.CERT_EXPIRED, 1, "why not"), (Refusal.REST, 0, "why not"), (Refusal.REST, 1, " ")],
)
async def test_training_is_never_lifted_and_nothing_without_time_or_reason(
    town: Town, code: Refusal, hours_long: int, words: str
) -> None:
    maple = town.person_id("Maple")
    span = (town.clock.now(), town.clock.now() + hours_long * HOUR)
    with pytest.raises(NotAnOverride):
        town.write(
            lambda c: overriding.override(c, town.house, maple, code, span, ("program", words), town.now)
        )
    with pytest.raises(NotAnOverride):
        town.write(lambda c: overriding.take_back(c, town.house, "none", "program", town.now))


async def test_duties_at_every_desk_count(town: Town) -> None:
    rota(town, WEEK)
    with_limits(town)
    thursdays = "{who: Juniper, tier: backup, days: [thu], from: '09:00', to: '12:00'}"
    other = f"zone: Europe/Prague\nshifts:\n  - {thursdays}\n"
    library = town.house.library
    town.house.library = replace(library, boards={**library.boards, "other": board_of(other)})
    assert (Refusal.COLLIDES, True) in objections(town, "Juniper", wants(19, 9, 1))
    assert (Refusal.REST, True) in objections(town, "Juniper", wants(19, 19, 2))


async def test_who_is_asked_to_step_in_first_and_who_is_left_in_peace(town: Town) -> None:
    rota(town, WEEK)
    with_limits(town)
    town.add_person("Reed", Role.VOLUNTEER)
    town.add_person("Sage", Role.VOLUNTEER)
    town.write(lambda c: people.suspend(c, people.find(c, town.house, "Sage").id))
    names = {town.person_id(alias): alias for alias in ("Maple", "Juniper", "Alder", "Reed")}
    wanted = wants(19, 15, 3)

    def order() -> list[str]:
        found = town.read(lambda c: covering.ask_in_order(c, town.house, "demo", wanted, town.now))
        return [names[one] for one in found]

    assert order() == ["Reed", "Alder", "Juniper", "Maple"]  # 0, 2, 6 and 8 hours in that week
    reed = town.person_id("Reed")
    for _ in range(2):
        assert order()[0] == "Reed"
        town.write(lambda c: covering.note_asked(c, town.house, reed, town.now))
    assert order() == ["Alder", "Juniper", "Maple"]
    town.clock.move(days=7, seconds=1)
    wanted = wants(26, 15, 3)
    assert order()[0] == "Reed"
    with_limits(town, Limits(week=5))
    assert "Juniper" not in order()  # she may not


async def test_publishing_finds_what_a_rota_asks_too_much_of(town: Town) -> None:
    rota(town, WEEK)
    with_limits(town)
    heavy = board_of(
        "zone: Europe/Bucharest\nshifts:\n"
        "  - {who: Maple, tier: primary, days: [thu], from: '08:00', to: '16:00'}\n"
        "  - {who: Unknown, tier: primary, days: [thu], from: '08:00', to: '23:00'}\n"
    ).rota
    found = town.read(lambda c: shift_checks.publishable(c, town.house, "demo", heavy, town.now))
    assert {(one.alias, each.code) for one in found for each in one.objections} == {
        ("Maple", Refusal.SHIFT_CAP)
    }
    assert len(found) == 8  # a Thursday a week
    line = next(iter(shift_checks.in_words(found[0])))
    assert line.startswith("Maple primary 2026-11-19 06:00 to 14:00 UTC: SHIFT_CAP (hard)")
    with_limits(town, Limits(forces={Refusal.SHIFT_CAP: Force.OFF}))
    assert town.read(lambda c: shift_checks.publishable(c, town.house, "demo", heavy, town.now)) == ()


async def test_publishing_finds_a_trainee_without_a_supervisor_and_missing_training(town: Town) -> None:
    staffing(town, {"training": Training(for_tier={Tier.SUPERVISOR: frozenset({"suicide"})})})
    profile(town, "Maple", load_class="trainee")
    own = board_of(
        "zone: Europe/Bucharest\nshifts:\n"
        "  - {who: Maple, tier: primary, days: [thu], from: '08:00', to: '12:00'}\n"
        "  - {who: Alder, tier: supervisor, days: [thu], from: '08:00', to: '11:00'}\n"
    ).rota
    found = town.read(lambda c: shift_checks.publishable(c, town.house, "demo", own, town.now))
    assert {(one.alias, each.code) for one in found for each in one.objections} == {
        ("Maple", Refusal.SUPERVISOR_MISSING),
        ("Alder", Refusal.MODULE_MISSING),
    }
