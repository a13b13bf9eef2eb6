"""Hashing is slow by design: no deadline waits for it, and two at once are the most."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.model import DueKind
from bot.services import phrases
from bot.store import tables as t
from bot.store.writes import Writes
from bot.workers.due import DueLoop
from bot.workers.wakes import Wakes
from tests.town import Town


class DirectStore:
    """The database without a writer thread."""

    def __init__(self, town: Town) -> None:
        self._town = town

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return self._town.write(work)


class NothingAfter:
    """Follows nothing."""

    def follow(self, after: object) -> None:
        """Nothing outside is touched here."""


async def no_job(_: str) -> None:
    """No periodic job is due."""


async def test_deadlines_go_on_while_phrases_are_compared_two_at_a_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, running, most = threading.Event(), [0], [0]
    finished: list[str] = []

    def slow(_: str | None, __: str) -> bool:
        running[0] += 1
        most[0] = max(most[0], running[0])
        go.wait(10)
        running[0] -= 1
        return False

    monkeypatch.setattr("bot.workers.due.verify_secret", slow)
    monkeypatch.setattr(
        phrases, "prepare", lambda _c, _h, talk, _n: phrases.Comparison(talk, "a", False, (None,), (None,))
    )
    monkeypatch.setattr(phrases, "finish", lambda _c, _h, one, *_: finished.append(one.conversation))
    loop = DueLoop(DirectStore(town), town.house, town.clock, Wakes(), NothingAfter(), no_job)
    wanted = ["a", "b", "c", "d", "e"]
    sets(town, DueKind.COMPARE_PHRASE, wanted)
    await asyncio.wait_for(loop.once(), 5)
    sets(town, DueKind.PLACE_HELD_ENDS, ["someone"])
    await asyncio.wait_for(loop.once(), 5)
    assert town.rows(t.due, t.due.c.kind == DueKind.PLACE_HELD_ENDS.value) == []
    await asyncio.sleep(0.1)
    assert finished == []
    go.set()
    for _ in range(200):
        await asyncio.sleep(0.01)
        if len(finished) == len(wanted):
            break
    assert sorted(finished) == wanted
    assert most[0] == 2


def sets(town: Town, kind: DueKind, subjects: list[str]) -> None:
    def work(connection: Any) -> None:
        writes = Writes()
        for subject in subjects:
            writes.set_due(town.house.identifiers.new_id(), kind.value, subject, town.now)
        writes.flush(connection)

    town.write(work)
