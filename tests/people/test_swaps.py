"""Swaps: offered, taken, approved, undone; who may, what stands in the way; two who are as fast (§3.10)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from bot.model import Role
from bot.services import (
    as_recorded,
    audit,
    leaves,
    overriding,
    pairs,
    rota_records,
    swap_checks,
    swap_rows,
    swaps,
)
from bot.services.pairs import PairKind
from bot.services.permissions import NotAllowed
from bot.services.swap_checks import SwapRefused
from bot.services.swaps import Offered
from bot.store import day_tables as d, tables as t
from handoff.limits import Limits
from handoff.model import Refusal, Tier
from handoff.rota.changes import MoveInstance, Swap as Swapped
from handoff.rota.questions import on_duty
from handoff.staffing import Care
from handoff.swaps import SwapAct, SwapApproval, SwapPolicy, SwapState, after
from handoff.training import Module, Training
from tests.routing.crews import profile, rota, staffing
from tests.town import Town

HOUR = timedelta(hours=1)
WEEK = """
zone: Europe/Bucharest
shifts:
  - {id: mon, who: Maple, tier: primary, days: [mon], from: '18:00', to: '22:00'}
  - {id: thu, who: Maple, tier: primary, days: [thu], from: '18:00', to: '22:00'}
  - {id: fri, who: Juniper, tier: primary, days: [fri], from: '18:00', to: '22:00'}
  - {id: sup, who: Alder, tier: supervisor, days: [mon, thu, fri], from: '17:00', to: '23:00'}
"""
THU, FRI, MON = "thu/2026-11-19", "fri/2026-11-20", "mon/2026-11-23"
THURSDAY = datetime(2026, 11, 19, 17, tzinfo=UTC)  # seven in the evening in Bucharest
FRIDAY = THURSDAY + timedelta(days=1)


def planned(town: Town, *, care: Care | None = None) -> None:
    """The week above, a coordinator, and the limits of the network, not the demo's."""
    rota(town, WEEK)
    staffing(town, {"care": care or Care()})
    town.add_person("Rowan", Role.COORDINATOR)


def offers(
    town: Town, alias: str = "Maple", instance: str = THU, to: tuple[str, ...] = (), by: str = ""
) -> str:
    person, ids = town.person_id(alias), tuple(town.person_id(one) for one in to)
    offered = Offered(person, "demo", instance, ids)
    by = town.person_id(by) if by else person
    return town.write(lambda c: swaps.offer(c, town.house, offered, by, town.now))


def takes(town: Town, swap: str, alias: str = "Juniper", in_return: str = "", by: str = "") -> SwapState:
    person = town.person_id(alias)
    by = town.person_id(by) if by else person
    return town.write(lambda c: swaps.take(c, town.house, swap, person, by, town.now, in_return=in_return))


def is_away(town: Town, alias: str) -> None:
    """All of Thursday, by UTC."""
    person, span = town.person_id(alias), (THURSDAY.replace(hour=0), FRIDAY.replace(hour=0))
    town.write(lambda c: leaves.take(c, town.house, person, *span, "program", town.now))


def decides(town: Town, act: str, swap: str, by: str = "Rowan") -> None:
    person = town.person_id(by)
    town.write(lambda c: getattr(swaps, act)(c, town.house, swap, person, town.now))


def refused(town: Town, act: object, *given: object, **more: object) -> Refusal:
    with pytest.raises(SwapRefused) as found:
        act(town, *given, **more)  # type: ignore[operator]
    return found.value.code


def on(town: Town, at: datetime) -> set[str]:
    """Who is primary then, by the rota as it is recorded."""
    house = town.read(lambda c: as_recorded.as_recorded(c, town.house))
    duties = on_duty(house.library.boards["demo"].rota, at)
    return {duty.volunteer for duty in duties if duty.tier is Tier.PRIMARY}


def state(town: Town, swap: str) -> str:
    return town.rows(d.swap, d.swap.c.id == swap)[0].state


def test_a_swap_holds_once_a_coordinator_has_said_yes_and_is_undone(either_town: Town) -> None:
    town = either_town
    planned(town)
    swap = offers(town)
    assert (state(town, swap), on(town, THURSDAY)) == ("open", {"Maple"})
    assert takes(town, swap) is SwapState.TAKEN
    assert on(town, THURSDAY) == {"Maple"}  # she stays on duty until then
    rowan = town.person_id("Rowan")
    (waiting,) = town.read(lambda c: swap_checks.to_approve(c, town.house, rowan, town.now))
    assert (waiting.offered_by, waiting.taken_by, waiting.verdict.allowed) == ("Maple", "Juniper", True)
    decides(town, "approve", swap)
    assert on(town, THURSDAY) == {"Juniper"}
    (change,) = town.read(lambda c: rota_records.changes(c, town.house.vault))["demo"]
    assert isinstance(change.act, Swapped)
    assert change.approved_by == town.person_id("Rowan")
    assert town.rows(t.due, t.due.c.subject == swap) == []
    decides(town, "undo", swap)
    assert (state(town, swap), on(town, THURSDAY)) == ("undone", {"Maple"})
    verbs = [one.verb for one in town.read(lambda c: list(audit.entries(c, town.house.vault)))]
    assert [verb for verb in verbs if verb.endswith("swap")] == [
        "offer_swap", "take_swap", "approve_swap", "undo_swap",
    ]  # fmt: skip
    (row,) = town.rows(d.swap)
    assert THU.encode() not in row.body_sealed


def test_two_change_places_and_both_sides_are_undone(town: Town) -> None:
    planned(town)
    swap = offers(town)
    takes(town, swap, in_return=FRI)
    decides(town, "approve", swap)
    assert (on(town, THURSDAY), on(town, FRIDAY)) == ({"Juniper"}, {"Maple"})
    decides(town, "undo", swap)
    assert (on(town, THURSDAY), on(town, FRIDAY)) == ({"Maple"}, {"Juniper"})


def test_where_the_desk_asks_nobody_it_holds_at_once(town: Town) -> None:
    planned(town, care=Care(swaps=SwapPolicy(SwapApproval.NOBODY)))
    swap = offers(town)
    assert takes(town, swap) is SwapState.APPROVED
    assert on(town, THURSDAY) == {"Juniper"}


def test_every_shift_of_a_range_is_a_swap_of_its_own(town: Town) -> None:
    planned(town)
    maple = town.person_id("Maple")
    first, last = datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)

    def offer_all() -> tuple[str, ...]:
        return town.write(lambda c: swaps.offer_range(c, town.house, maple, first, last, (), maple, town.now))

    made = offer_all()
    own = town.read(lambda c: swap_checks.own(c, town.house, maple))
    assert [one.swap.gives.instance for one in own] == [THU, MON]
    assert {one.swap.id for one in own} == set(made)
    with pytest.raises(SwapRefused, match="NOT_YOURS"):
        offer_all()  # all of them are offered already
    assert refused(town, offers) is Refusal.ALREADY_TAKEN


def test_an_offer_to_one_is_seen_and_taken_by_her_alone(town: Town) -> None:
    planned(town)
    town.add_person("Reed", Role.VOLUNTEER)
    swap = offers(town, to=("Reed",))

    def seen(alias: str) -> list[str]:
        person = town.person_id(alias)
        return [
            one.swap.id for one in town.read(lambda c: swap_checks.on_offer(c, town.house, person, town.now))
        ]

    assert (seen("Reed"), seen("Juniper"), seen("Maple")) == ([swap], [], [])
    assert refused(town, takes, swap, "Juniper") is Refusal.NOT_OPEN
    assert takes(town, swap, "Reed") is SwapState.TAKEN
    assert seen("Reed") == []


def test_who_took_it_may_let_go_until_it_is_approved(town: Town) -> None:
    planned(town)
    town.add_person("Reed", Role.VOLUNTEER)
    swap = offers(town)
    takes(town, swap)
    assert refused(town, takes, swap, "Reed") is Refusal.ALREADY_TAKEN
    decides(town, "let_go", swap, by="Juniper")
    assert state(town, swap) == "open"
    takes(town, swap, "Reed")
    decides(town, "approve", swap)
    assert refused(town, decides, "let_go", swap, by="Reed") is Refusal.NOT_OPEN
    assert on(town, THURSDAY) == {"Reed"}


def test_who_may_do_what(town: Town) -> None:
    planned(town)
    assert refused(town, offers, "Juniper", THU) is Refusal.NOT_YOURS
    assert refused(town, offers, "Maple", "thu/2027-01-01") is Refusal.NOT_YOURS
    swap = offers(town)
    for act in ("approve", "refuse"):
        with pytest.raises(NotAllowed):
            decides(town, act, swap, by="Juniper")
    with pytest.raises(NotAllowed):
        decides(town, "withdraw", swap, by="Juniper")
    with pytest.raises(NotAllowed):
        takes(town, swap, "Juniper", by="Maple")
    assert refused(town, takes, swap, "Maple") is Refusal.NOT_OPEN
    assert refused(town, decides, "approve", swap) is Refusal.NOT_OPEN  # nobody has taken it
    decides(town, "refuse", swap)
    assert (state(town, swap), on(town, THURSDAY)) == ("rejected", {"Maple"})


def test_a_coordinator_acts_for_both_and_stands_in_the_audit(town: Town) -> None:
    planned(town)
    rowan = town.person_id("Rowan")
    swap = offers(town, by="Rowan")
    takes(town, swap, by="Rowan")
    decides(town, "approve", swap)
    entries = [
        one for one in town.read(lambda c: list(audit.entries(c, town.house.vault))) if "swap" in one.verb
    ]
    assert {one.actor for one in entries} == {rowan}
    assert on(town, THURSDAY) == {"Juniper"}


# --- the rules ------------------------------------------------------------------------------------------
def test_rest_and_hours_are_looked_at_when_taken_and_can_be_overridden(town: Town) -> None:
    planned(town, care=Care(limits=Limits(rest=24)))
    swap = offers(town)
    assert refused(town, takes, swap) is Refusal.REST  # twenty hours before her own Friday
    juniper, rowan = town.person_id("Juniper"), town.person_id("Rowan")
    span = (THURSDAY - 2 * HOUR, FRIDAY + 6 * HOUR)
    town.write(
        lambda c: overriding.override(c, town.house, juniper, Refusal.REST, span, (rowan, "agreed"), town.now)
    )
    assert takes(town, swap) is SwapState.TAKEN


def test_her_own_side_does_not_stand_in_her_way(town: Town) -> None:
    """Giving Friday away, she has no shift twenty hours after Thursday."""
    planned(town, care=Care(limits=Limits(rest=24)))
    swap = offers(town)
    assert takes(town, swap, in_return=FRI) is SwapState.TAKEN


def test_the_training_gate_is_asked_when_taken_and_again_when_approved(town: Town) -> None:
    module = Module("listening", "Listening", 12)
    planned(town)
    swap = offers(town)
    takes(town, swap)
    staffing(town, {"training": Training({"listening": module}, {Tier.PRIMARY: frozenset({"listening"})})})
    assert refused(town, decides, "approve", swap) is Refusal.MODULE_MISSING
    assert refused(town, takes, offers(town, instance=MON)) is Refusal.MODULE_MISSING
    profile(town, "Juniper", training=[["listening", "2026-01-10", "2027-01-10", ""]])
    decides(town, "approve", swap)
    assert on(town, THURSDAY) == {"Juniper"}


def test_two_who_are_kept_apart_do_not_meet_and_only_coordinators_learn_why(town: Town) -> None:
    planned(town)
    two = (town.person_id("Alder"), town.person_id("Juniper"))
    swap = offers(town)
    takes(town, swap)
    kind = (PairKind.HARASSMENT, "words for coordinators")
    town.write(lambda c: pairs.keep_apart(c, town.house, two, kind, two[0], town.now))
    assert refused(town, decides, "approve", swap) is Refusal.BLOCKED_PAIR
    decides(town, "let_go", swap, by="Juniper")
    assert refused(town, takes, swap) is Refusal.NOT_OPEN


def test_leave_a_collision_and_a_missing_role_stand_in_the_way(town: Town) -> None:
    planned(town)
    swap = offers(town)
    assert refused(town, takes, swap, "Alder") is Refusal.COLLIDES  # she supervises then
    is_away(town, "Juniper")
    assert refused(town, takes, swap) is Refusal.NOT_ON_DUTY
    town.add_person("Hazel", Role.REVIEWER)
    assert refused(town, takes, swap, "Hazel", by="Rowan") is Refusal.NOT_ALLOWED


def test_a_supervisors_shift_is_taken_by_a_supervisor_alone(town: Town) -> None:
    planned(town)
    swap = offers(town, "Alder", "sup/2026-11-23")
    assert refused(town, takes, swap) is Refusal.NOT_ALLOWED
    town.add_person("Ash", Role.SUPERVISOR)
    assert takes(town, swap, "Ash") is SwapState.TAKEN


def test_a_newcomer_needs_a_supervisor_there(town: Town) -> None:
    rota(town, WEEK.replace("days: [mon, thu, fri]", "days: [mon]"))
    staffing(town, {"care": Care()})
    profile(town, "Juniper", probation_until=date(2027, 1, 1).isoformat())
    assert refused(town, takes, offers(town)) is Refusal.SUPERVISOR_MISSING
    assert takes(town, offers(town, instance=MON)) is SwapState.TAKEN


# --- time -------------------------------------------------------------------------------------------------
async def test_untaken_it_ends_when_it_closes_and_taken_at_the_end_of_the_shift(town: Town) -> None:
    planned(town, care=Care(swaps=SwapPolicy(closes_before=12 * HOUR)))
    swap, other = offers(town), offers(town, "Juniper", FRI)
    takes(town, other, "Maple")
    await town.passes(hours=17.9)  # twelve hours before Thursday's, from noon in Bucharest on
    assert state(town, swap) == "open"
    await town.passes(hours=0.2)
    assert state(town, swap) == "expired"
    assert refused(town, offers) is Refusal.TOO_LATE
    await town.passes(hours=38)
    assert state(town, other) == "taken"  # Friday's shift has begun; what is left can still move
    await town.passes(hours=3)
    assert (state(town, other), town.rows(t.due, t.due.c.subject == other)) == ("expired", [])


async def test_approved_late_only_what_is_left_moves(town: Town) -> None:
    planned(town)
    swap = offers(town)
    takes(town, swap)
    begins = datetime(2026, 11, 19, 16, tzinfo=UTC)
    town.clock.at = begins + timedelta(minutes=2)
    decides(town, "approve", swap)
    assert on(town, begins + timedelta(minutes=1)) == {"Maple"}
    assert on(town, begins + timedelta(minutes=3)) == {"Juniper"}
    town.clock.at = begins + 5 * HOUR
    assert refused(town, decides, "undo", swap) is Refusal.TOO_LATE


def test_a_swap_follows_its_shift_and_ends_with_it(town: Town) -> None:
    planned(town)
    swap = offers(town)
    moved = MoveInstance(THU, THURSDAY + 24 * HOUR, THURSDAY + 27 * HOUR)
    town.write(lambda c: rota_records.append(c, town.house.vault, "demo", moved, town.clock.now()))
    town.house.library = town.read(lambda c: as_recorded.as_recorded(c, town.house)).library
    town.write(lambda c: swaps.look(c, town.house, town.now))
    known = town.read(lambda c: swap_rows.find(c, town.house, swap))
    assert (known.gives.start, known.gives.end) == (THURSDAY + 24 * HOUR, THURSDAY + 27 * HOUR)
    rota(
        town,
        WEEK.replace("who: Maple, tier: primary, days: [thu]", "who: Juniper, tier: primary, days: [thu]"),
    )
    town.write(lambda c: swaps.look(c, town.house, town.now))
    assert state(town, swap) == "expired"


def test_undone_only_where_she_who_gets_it_back_is_free(town: Town) -> None:
    planned(town)
    swap = offers(town)
    takes(town, swap)
    decides(town, "approve", swap)
    is_away(town, "Maple")
    assert refused(town, decides, "undo", swap) is Refusal.NOT_ON_DUTY
    assert state(town, swap) == "approved"


def test_two_take_in_the_same_moment_and_one_has_it(either_town: Town) -> None:
    town = either_town
    planned(town)
    names = [f"V{place}" for place in range(6)]
    for name in names:
        town.add_person(name, Role.VOLUNTEER)
    swap = offers(town)

    def tries(name: str) -> str:
        try:
            return takes(town, swap, name).value
        except SwapRefused as no:
            return no.code.value

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(tries, names))
    assert answers == ["ALREADY_TAKEN"] * 5 + ["taken"]


def test_one_who_takes_two_that_collide_has_the_first(either_town: Town) -> None:
    town = either_town
    planned(town, care=Care(swaps=SwapPolicy(SwapApproval.NOBODY)))
    rota(town, WEEK + "  - {id: two, who: Reed, tier: primary, days: [thu], from: '19:00', to: '21:00'}\n")
    town.add_person("Reed", Role.VOLUNTEER)
    both = [offers(town), offers(town, "Reed", "two/2026-11-19")]

    def tries(swap: str) -> str:
        try:
            return takes(town, swap).value
        except SwapRefused as no:
            return no.code.value

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(tries, both))
    assert answers == ["COLLIDES", "approved"]


@given(st.lists(st.sampled_from(SwapAct), max_size=12))
@settings(max_examples=200)
def test_what_is_decided_stays_decided(acts: list[SwapAct]) -> None:
    """Whatever is tried in whatever order: it is approved once at most, and only after it was taken."""
    now, path = SwapState.OPEN, [SwapState.OPEN]
    for act in acts:
        then = after(now, act)
        if then is not None:
            now = then
            path.append(then)
    assert path.count(SwapState.APPROVED) <= 1
    for one, other in pairwise(path):
        assert other is not SwapState.APPROVED or one is SwapState.TAKEN
        assert one in {SwapState.OPEN, SwapState.TAKEN, SwapState.APPROVED}
