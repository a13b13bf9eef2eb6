"""The crew campaign in small, in every test run; `./dev faults crew` runs it in full."""

from pathlib import Path

import pytest

from tests.faults.crew import crew, leads

pytestmark = pytest.mark.long


@pytest.mark.timeout(400)
async def test_the_leader_killed_hanging_and_without_its_database_nothing_is_lost_or_done_twice(
    tmp_path: Path,
) -> None:
    async with crew(tmp_path, seed=3, pages=3, phones=3, talkers=1) as one:
        found = [await one.mishap(what) for what in ("kill", "hang", "crash", "stop")]
        assert [(each.what, fault) for each in found for fault in each.faults] == []
        assert one.acts >= 30
        changed_hands = one.read(leads)
        assert min(changed_hands.values()) >= 3, "the leads were taken over each time"
