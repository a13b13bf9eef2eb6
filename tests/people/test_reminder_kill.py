"""A shift's reminder under `kill -9`: posted once, never lost, never twice (§3.13)."""

import os
import signal
from itertools import count

import pytest
from sqlalchemy import Engine, event

from bot.services import deadlines
from tests.people.days import BEGINS, HOUR, MINUTE, REMINDED, looks, planned, posts
from tests.town import Town

pytestmark = pytest.mark.long


def dies(engine: Engine, place: int) -> None:
    """Kill this process before its n-th statement or commit, counted from 1; 0 is never."""
    begun = count(1)

    def maybe(*_: object) -> None:
        if next(begun) == place:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", maybe)
    event.listen(engine, "commit", maybe)


def does_what_is_due(town: Town, place: int = 0) -> bool:
    """Another process on the same file does what is due; False when it was killed in it."""
    town.closes()
    child = os.fork()
    if child == 0:
        try:
            town._open_database()
            dies(town.engine, place)
            town.write(lambda c: deadlines.do_due(c, town.house, town.now))
            os._exit(0)
        finally:
            os._exit(99)  # never back into the test
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, -signal.SIGKILL}
    town._open_database()
    return code == 0


async def test_a_reminder_is_posted_once_wherever_the_process_is_killed(town: Town) -> None:
    planned(town)
    looks(town)
    killed = 0
    for number, (_, at, _) in enumerate(REMINDED):
        town.clock.at = at
        for place in count(1):
            assert len(posts(town, "Maple")) == number  # what a dead process did not commit was never done
            if does_what_is_due(town, place):
                break
            killed += 1
        assert posts(town, "Maple") == REMINDED[: number + 1]
        assert does_what_is_due(town)  # a process that is started after it finds nothing of it to do
        assert posts(town, "Maple") == REMINDED[: number + 1]
    assert killed >= 3 * 5


async def test_killed_before_it_and_down_past_the_next_one_only_the_latest_is_posted(town: Town) -> None:
    planned(town)
    looks(town)
    town.clock.at = BEGINS - 24 * HOUR
    assert not does_what_is_due(town, 1)
    town.clock.at = BEGINS - 30 * MINUTE
    assert does_what_is_due(town)
    assert [at for _, at, _ in posts(town, "Maple")] == [BEGINS - 30 * MINUTE]
    town.clock.at = BEGINS - 10 * MINUTE
    assert does_what_is_due(town)
    assert [at for _, at, _ in posts(town, "Maple")] == [BEGINS - 30 * MINUTE, BEGINS - 10 * MINUTE]


def test_the_process_really_dies(town: Town) -> None:
    assert does_what_is_due(town) is True
    assert does_what_is_due(town, 1) is False
