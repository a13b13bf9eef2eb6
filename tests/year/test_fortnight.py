"""Two weeks of the simulated year, over a change of the clocks; `./dev faults year` lives all of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from handoff.limits import Zones, broken
from tests.year.living import live
from tests.year.plan import BLOCK, DESKS, WEEK, crew_of


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_two_days_around_a_short_night_have_no_fault(quick_folder: Path) -> None:
    one = await live(quick_folder, seed=3, days=2, start=datetime(2026, 3, 28, tzinfo=UTC), a_day=4)
    assert one.faults == []
    assert one.ends["answered"] >= 2
    assert set(one.nights) == set(DESKS)
    assert all(3.0 in lengths for lengths in one.nights.values())


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_fortnight_over_a_change_of_the_clocks_has_no_fault(quick_folder: Path) -> None:
    one = await live(quick_folder, seed=3, days=14, start=datetime(2026, 3, 20, tzinfo=UTC), a_day=6)
    assert one.faults == []
    assert one.ends["answered"] >= 40
    assert one.counted["shifts looked at"] >= 300


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_on_a_day_with_three_times_as_many_nobody_waits_in_vain_untold(quick_folder: Path) -> None:
    one = await live(quick_folder, seed=5, days=1, start=datetime(2026, 3, 28, tzinfo=UTC), a_day=120)
    assert one.faults == []
    assert one.counted["told at her next act"] >= 1  # after her window, at her next act, whenever that is
    assert one.ends["told"] >= 10


@pytest.mark.parametrize("seed", range(5))
def test_the_week_of_a_desk_leaves_few_hours_open_and_breaks_no_limit(seed: int) -> None:

    crew = crew_of("south", Random(seed))
    monday, utc = datetime(2026, 6, 1, tzinfo=UTC), ZoneInfo("UTC")
    for member in crew:
        spans = [
            (
                monday + timedelta(hours=hour + WEEK * week),
                monday + timedelta(hours=hour + WEEK * week + BLOCK),
            )
            for week in range(3)
            for hour in member.begins
        ]
        for shift in spans:
            assert broken([one for one in spans if one != shift], shift, Zones(utc, utc)) == ()
    primary = {hour for one in crew for hour in one.begins if one.tier == "primary"}
    assert len(primary) >= 38  # of 42 stretches of four hours
