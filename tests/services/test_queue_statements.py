"""A step over the queue is set-wise: it costs the same statements however many wait (design §3)."""

from pathlib import Path

import pytest

from bot.services import dispatch, lobby
from handoff.policy import Policy, Rung, Tier
from handoff.staffing import Escalation
from tests.routing.crews import asked, many_queued, plan, staffing
from tests.services.test_statements import counted
from tests.town import Town, make_town


async def cost(town: Town, seconds: float) -> int:
    """Statements of the one step that is due after so many seconds."""
    town.clock.move(seconds=seconds)
    with counted(town) as statements, town.engine.begin() as connection:
        dispatch.step(connection, town.house, "demo", town.now)
    return len(statements)


async def ladder(folder: Path, women: int) -> list[int]:
    """Statements of each step while so many wait: a second wave, nothing, offers that lapse, nothing."""
    town = make_town(folder, names=("telegram",))
    plan(town, **{f"V{n}": "primary" for n in range(60)}, Reed="backup", Alder="supervisor")
    two = Policy(rungs=(Rung(0, Tier.PRIMARY, 1), Rung(20, Tier.PRIMARY, 2), Rung(300, Tier.BACKUP)))
    staffing(town, {"escalation": Escalation(two)})
    await many_queued(town, women)
    assert len(asked(town)) == women
    found = [await cost(town, seconds) for seconds in (20, 5, 35, 5)]
    assert women <= len(asked(town)) <= women * 2
    town.closes()
    return found


async def test_every_step_of_the_ladder_costs_the_same_for_two_and_for_many(quick_folder: Path) -> None:
    few = await ladder(quick_folder / "few", 2)
    assert await ladder(quick_folder / "many", 24) == few
    assert max(few) <= 24


@pytest.mark.parametrize("women", [1, 9])
async def test_the_page_of_a_supervisor_costs_the_same_for_one_and_for_many(town: Town, women: int) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    await many_queued(town, women)
    alder = town.person_id("Alder")
    with counted(town) as statements, town.engine.begin() as connection:
        seen = lobby.queue_for(connection, town.house, alder, town.now)
    assert seen.waiting is not None and len(seen.waiting) == women
    assert len(statements) <= 30
