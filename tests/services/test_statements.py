"""The hot path is set-wise: one batch costs the same number of statements for one woman as for a hundred."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.fakes.channel import Person
from tests.services.walks import in_a_chat, taps
from tests.town import Town


@contextmanager
def counted(town: Town) -> Iterator[list[str]]:
    """Every statement sent to the database meanwhile."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(town.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(town.engine, "before_cursor_execute", note)


async def costs(town: Town, act: Callable[[Person], object], women: list[Person]) -> dict[str, int]:
    """Statements of each stage when all these women act at once."""
    for woman in women:
        act(woman)
    found: dict[str, int] = {}
    for stage in (town.intake, town.turns, town.outbox):
        with counted(town) as statements:
            await stage()
        found[stage.__name__] = len(statements)
    await town.settle()
    return found


ACTS: dict[str, Callable[[Person], object]] = {
    "opens the page": lambda woman: woman.arrives(),
    "taps": lambda woman: taps(woman, "Yes"),
    "answers the safe check": lambda woman: taps(woman, "safe_check.yes"),
    "goes on in quiet mode": lambda woman: taps(woman, "Go on here"),
    "reads on": lambda woman: taps(woman, "OK, go on"),
    "writes": lambda woman: woman.types("a few words of mine, nothing more"),
    "sends a picture": lambda woman: woman.sends_media(),
}


@pytest.mark.parametrize("channel", ["web", "telegram"])
async def test_one_batch_costs_the_same_for_one_ten_and_a_hundred(either_town: Town, channel: str) -> None:
    town = either_town
    groups = {
        size: [town.woman(f"w{size}.{number}", channel) for number in range(size)] for size in (1, 10, 100)
    }
    await town.settle()
    for name, act in ACTS.items():
        by_size = {}
        for size, women in groups.items():
            town.clock.move(seconds=6)  # so that each round notes the clock alike
            await town.settle()
            by_size[size] = await costs(town, act, women)
        assert by_size[1] == by_size[10] == by_size[100], name


async def test_words_to_a_volunteer_cost_the_same_for_one_and_for_two(town: Town) -> None:
    women: list[Person] = []
    for alias in ("Maple", "Juniper"):
        woman, chat = await in_a_chat(town, f"with {alias}", "telegram", with_whom=alias)
        chat.writes("first")
        women.append(woman)
    by_size: list[int] = []
    for some in (women[:1], women):
        await town.settle()
        town.clock.move(seconds=6)
        await town.settle()
        by_size.append((await costs(town, lambda woman: woman.types("and hello once more"), some))["turns"])
    assert by_size[0] == by_size[1]
