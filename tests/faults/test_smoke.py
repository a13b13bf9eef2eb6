"""The campaign in small, in every test run; `./dev faults` runs it in full."""

from pathlib import Path

import pytest

from tests.faults import over_matrix, over_telegram
from tests.faults.disk import held_folder
from tests.faults.killing import campaign
from tests.faults.rungs import ladders


async def test_three_kills_lose_double_and_disorder_nothing(tmp_path: Path) -> None:
    async with campaign(tmp_path, people=6, seed=7) as one:
        outcomes = [await one.run() for _ in range(3)]
        assert [fault for outcome in outcomes for fault in outcome.faults] == []
        assert one.crowd.acts >= 18


@pytest.mark.long
async def test_three_kills_over_telegram_lose_and_disorder_nothing_and_repeats_are_counted(
    tmp_path: Path,
) -> None:
    async with over_telegram.campaign(tmp_path, people=6, seed=7) as one:
        outcomes = [await one.run() for _ in range(3)]
        assert [fault for outcome in outcomes for fault in outcome.faults] == []
        assert one.callers.acts >= 18
        one.callers.end()
        assert one.callers.repeats <= one.counted("outbox.may_repeat.telegram")


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_ten_kills_over_matrix_lose_double_and_disorder_nothing(tmp_path: Path) -> None:
    async with over_matrix.campaign(tmp_path, rooms=3, seed=7) as one:
        outcomes = [await one.run() for _ in range(10)]
        assert [fault for outcome in outcomes for fault in outcome.faults] == []
        assert one.acts >= 60


@pytest.mark.long
async def test_two_kills_between_rungs_leave_none_out_and_repeat_none(tmp_path: Path) -> None:
    async with ladders(tmp_path, women=2, seed=3) as one:
        outcomes = [await one.run() for _ in range(2)]
    assert [fault for outcome in outcomes for fault in outcome.faults] == []


async def test_a_second_service_on_the_same_folder_says_who_holds_it_and_harms_nobody(tmp_path: Path) -> None:
    assert "in use by process" in await held_folder(tmp_path)
