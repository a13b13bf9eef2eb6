"""A plan is prepared, looked at, published and undone; a limit that is broken stands in its way."""

from datetime import datetime, timedelta

import pytest

from bot.model import Role
from bot.services import audit, leaves, overriding, rota_plans
from bot.services.messenger import addresses
from bot.services.messenger.surfaces import TELEGRAM
from bot.services.permissions import NotAllowed
from bot.services.rota_plans import NotForHer, NothingPlanned, PlanMoved, StandsInTheWay
from bot.services.rota_telling import difference_told, gap_told
from bot.store import staff_tables as s
from channels.message import Address
from handoff.model import Refusal, Tier
from handoff.rota.changes import Act, Add, CancelInstance, MoveInstance, Remove, Replace, Stretch
from handoff.rota.planning import UnknownChange, duty_hash
from handoff.rota.resolve import final_duty
from handoff.rota.zones import zone_named
from handoff.staffing import DEFAULT_STAFFING
from tests.people.rota_town import EVERY_DAY, reads_anew, takes_in
from tests.routing.crews import changed
from tests.town import Town

HOUR = timedelta(hours=1)
ZONE = zone_named("Europe/Bucharest")
THURSDAY = "evening/2026-11-19"  # 18:00 to 22:00 there: 16:00 to 20:00 UTC


@pytest.fixture
def planned(town: Town) -> Town:
    """Maple has every evening; noon is Wednesday 18 November, 12:00 there."""
    takes_in(town, f"id: evening, who: Maple, tier: primary, {EVERY_DAY}, from: '18:00', to: '22:00'")
    town.add_person("Rowan", Role.COORDINATOR)
    return town


def at(day: int, hour: int) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02}T{hour:02}:00+00:00")


def prepare(town: Town, *acts: Act, by: str = "Rowan") -> list[int]:
    person, now = town.person_id(by), town.clock.now()
    made = town.write(lambda c: rota_plans.prepare(c, town.house, "demo", acts, person, now))
    return [one.seq for one in made]


def look(town: Town) -> tuple[rota_plans.Plan, rota_plans.Looked]:
    now = town.clock.now()

    def work(connection):
        plan = rota_plans.plan_of(connection, town.house, "demo", now)
        return plan, rota_plans.look(connection, town.house, plan, now)

    return town.read(work)


def publish(town: Town, seen: str | None = None, by: str = "Rowan") -> rota_plans.Published:
    person, now = town.person_id(by), town.clock.now()
    done = town.write(lambda c: rota_plans.publish(c, town.house, "demo", person, now, seen))
    reads_anew(town)
    return done


def undo(town: Town, plan: str | None = None) -> rota_plans.Published:
    person, now = town.person_id("Rowan"), town.clock.now()
    done = town.write(lambda c: rota_plans.undo(c, town.house, "demo", person, now, plan))
    reads_anew(town)
    return done


def on(town: Town, day: int, hour: int) -> set[str]:
    return {duty.volunteer for duty in town.house.library.boards["demo"].there_at(at(day, hour))}


async def test_a_plan_is_looked_at_published_and_undone(planned: Town) -> None:
    town = planned
    prepare(
        town,
        Replace(Stretch("Maple", instance=THURSDAY), "Juniper"),
        Add("Alder", at(20, 10), at(20, 12), Tier.SUPERVISOR),
        MoveInstance("evening/2026-11-21", at(21, 17), at(21, 21)),
        CancelInstance("evening/2026-11-22"),
    )
    reads_anew(town)
    assert on(town, 19, 17) == {"Maple"}  # a draft binds nobody
    plan, looked = look(town)
    moved = "Sat 21 Nov 19:00 to 23:00 (4 h), volunteer"
    told = {who: list(difference_told(one, ZONE)) for who, one in looked.differences.items()}
    assert told == {
        "Alder": ["is given Fri 20 Nov 12:00 to 14:00 (2 h), supervisor"],
        "Juniper": ["is given Thu 19 Nov 18:00 to 22:00 (4 h), volunteer"],
        "Maple": [
            "no longer has Thu 19 Nov 18:00 to 22:00 (4 h), volunteer",
            "no longer has Sun 22 Nov 18:00 to 22:00 (4 h), volunteer",
            f"has {moved}, instead of {moved.replace('19', '18').replace('23', '22')}",
        ],
    }
    assert [gap_told(gap, ZONE) for gap in looked.gaps.opened] == [
        "Sat 21 Nov 18:00 to 19:00 (1 h): 1 volunteer missing",
        "Sun 22 Nov 18:00 to 22:00 (4 h): 1 volunteer missing",
    ]
    assert [gap_told(gap, ZONE) for gap in looked.gaps.closed] == [
        "Fri 20 Nov 12:00 to 14:00 (2 h): 1 supervisor missing",
        "Sat 21 Nov 22:00 to 23:00 (1 h): 1 volunteer missing",
    ]
    publish(town, plan.digest)
    assert (on(town, 19, 17), on(town, 20, 11), on(town, 22, 17)) == ({"Juniper"}, {"Alder"}, set())
    town.clock.move(hours=31)  # Thursday's shift has begun: what has been stays
    undone = undo(town)
    assert len(undone.changes) == 4
    assert (on(town, 19, 16), on(town, 20, 11), on(town, 22, 17)) == ({"Juniper"}, set(), {"Maple"})
    with pytest.raises(NothingPlanned):
        undo(town)
    verbs = [one.verb for one in town.read(lambda c: list(audit.entries(c, town.house.vault)))]
    assert verbs[-3:] == ["prepare", "publish", "undo"]


async def test_only_those_for_whom_something_changes_are_told_and_once(planned: Town) -> None:
    town = planned
    for alias in ("Maple", "Juniper", "Alder", "Rowan"):
        person = town.person_id(alias)
        code = town.write(lambda c, p=person: addresses.new_code(c, town.house, p, town.now))
        phone = Address(TELEGRAM, f"phone of {alias}")
        town.write(lambda c, p=phone, k=code: addresses.link(c, town.house, p, k, town.now))
    owners = {row.id: row.person for row in town.rows(s.staff_address)}
    names = {town.person_id(alias): alias for alias in ("Maple", "Juniper", "Alder", "Rowan")}

    def told() -> list[str]:
        notices = town.rows(s.staff_post, s.staff_post.c.subject.like("rota:plan:%"))
        return sorted(names[owners[row.address]] for row in notices)

    prepare(town, Replace(Stretch("Maple", instance=THURSDAY), "Juniper"))
    assert told() == []
    publish(town)
    assert told() == ["Juniper", "Maple"]
    undo(town)
    assert told() == ["Juniper", "Juniper", "Maple", "Maple"]


async def test_what_has_been_is_never_changed_by_a_plan(planned: Town) -> None:
    town = planned
    now = town.clock.now()
    month = now - timedelta(days=31), now
    before = duty_hash(final_duty(town.house.library.boards["demo"].rota, *month))
    prepare(town, Remove(Stretch("Maple", now - 60 * 24 * HOUR, now + 60 * 24 * HOUR)))
    publish(town)
    after = town.house.library.boards["demo"].rota
    assert duty_hash(final_duty(after, *month)) == before
    assert final_duty(after, now, now + 59 * 24 * HOUR) == ()


async def test_only_what_was_looked_at_is_published(planned: Town) -> None:
    town = planned
    with pytest.raises(NothingPlanned):
        publish(town)
    (first,) = prepare(town, CancelInstance(THURSDAY))
    plan, _ = look(town)
    prepare(town, CancelInstance("evening/2026-11-20"))
    with pytest.raises(PlanMoved):
        publish(town, plan.digest)
    rowan, now = town.person_id("Rowan"), town.clock.now()
    town.write(lambda c: rota_plans.discard(c, town.house, "demo", rowan, now, first))
    with pytest.raises(UnknownChange):
        town.write(lambda c: rota_plans.discard(c, town.house, "demo", rowan, now, first))
    done = publish(town)
    with pytest.raises(PlanMoved):
        undo(town, "another")
    assert (on(town, 19, 17), on(town, 20, 17)) == ({"Maple"}, set())
    undo(town, done.id)
    assert on(town, 20, 17) == {"Maple"}


@pytest.mark.long
async def test_a_broken_limit_stands_in_the_way_until_it_is_lifted(planned: Town) -> None:
    town = planned
    changed(town, staffing={"demo": DEFAULT_STAFFING})
    # Her evening ends at 22:00; six hours later would leave her too little rest.
    span = at(20, 2), at(20, 5)
    prepare(town, Add("Maple", *span))
    _, looked = look(town)
    assert {one.alias for one in looked.in_the_way} == {"Maple"}
    with pytest.raises(StandsInTheWay) as refused:
        publish(town)
    codes = {each.code for one in refused.value.planned for each in one.objections}
    assert Refusal.REST in codes
    assert on(town, 20, 3) == set()
    maple, why = town.person_id("Maple"), ("program", "her own wish")
    for code in codes:
        for begin, end in ((at(19, 16), at(19, 20)), span, (at(20, 16), at(20, 20))):
            town.write(
                lambda c, k=code, s=(begin, end): overriding.override(
                    c, town.house, maple, k, s, why, town.now
                )
            )
    publish(town)
    assert on(town, 20, 3) == {"Maple"}


async def test_whoever_is_on_leave_is_given_nothing_by_a_plan(planned: Town) -> None:
    town = planned
    juniper = town.person_id("Juniper")
    since, until = at(19, 0), at(20, 0)
    town.write(lambda c: leaves.take(c, town.house, juniper, since, until, "program", town.now))
    prepare(town, Replace(Stretch("Maple", instance=THURSDAY), "Juniper"))
    _, looked = look(town)
    assert set(looked.differences) == {"Maple"}
    assert [gap_told(gap, ZONE) for gap in looked.gaps.opened] == [
        "Thu 19 Nov 18:00 to 22:00 (4 h): 1 volunteer missing"
    ]


@pytest.mark.parametrize(
    ("alias", "tier"),
    [("Rowan", Tier.PRIMARY), ("Rowan", Tier.SHADOW), ("Maple", Tier.SUPERVISOR), ("Tess", Tier.BACKUP)],
)
async def test_nobody_is_planned_for_what_her_roles_do_not_let_her_do(
    planned: Town, alias: str, tier: Tier
) -> None:
    planned.add_person("Tess", Role.TRAINEE)
    with pytest.raises(NotForHer):
        prepare(planned, Add(alias, at(19, 8), at(19, 10), tier))
    if tier is Tier.PRIMARY:
        with pytest.raises(NotForHer):
            prepare(planned, Replace(Stretch("Maple", instance=THURSDAY), alias))
    prepare(planned, Add("Tess", at(19, 8), at(19, 10), Tier.SHADOW))


@pytest.mark.parametrize("alias", ["Maple", "Alder"])
async def test_only_a_coordinator_plans(planned: Town, alias: str) -> None:
    with pytest.raises(NotAllowed):
        prepare(planned, CancelInstance(THURSDAY), by=alias)
    prepare(planned, CancelInstance(THURSDAY))
    with pytest.raises(NotAllowed):
        publish(planned, by=alias)
