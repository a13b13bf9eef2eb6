"""The hot path is set-wise: a batch costs the same statements however many people are in it (design §3)."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.town import Town, make_town

TAPS = ("hello.yes", "safe_check.no", "notice3.ok", "word_question.no")


async def statements_of(town: Town, stage: Callable[[], Awaitable[Any]]) -> int:
    count = 0

    def counted(*_: Any) -> None:
        nonlocal count
        count += 1

    event.listen(town.engine, "before_cursor_execute", counted)
    try:
        await stage()
    finally:
        event.remove(town.engine, "before_cursor_execute", counted)
    return count


async def walk(folder: Path, people: int) -> list[tuple[int, int, int]]:
    """Statements of intake, turns and outbox for each act that all take together."""
    town = make_town(folder)
    women = [town.woman(f"w{number}") for number in range(people)]
    counts: list[tuple[int, int, int]] = []
    for token in (None, *TAPS):
        for her in women:
            her.arrives() if token is None else her.taps(token)
        stages = (town.intake, town.turns, town.outbox)
        counts.append(tuple([await statements_of(town, stage) for stage in stages]))  # type: ignore[arg-type]
        await town.settle()
    town.closes()
    return counts


async def test_forty_people_cost_the_statements_of_two(tmp_path: Path) -> None:
    two = await walk(tmp_path / "two", 2)
    assert await walk(tmp_path / "forty", 40) == two


@pytest.mark.parametrize("stage", [0, 1, 2], ids=["intake", "turns", "outbox"])
async def test_no_stage_needs_more_than_fourteen_statements(tmp_path: Path, stage: int) -> None:
    assert max(counts[stage] for counts in await walk(tmp_path, 5)) <= 14
