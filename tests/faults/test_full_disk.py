"""No room left: nothing is acknowledged, nothing is lost, and with room again everybody is answered once."""

import asyncio
from pathlib import Path
from time import monotonic, perf_counter

from sqlalchemy import Connection, event

from tests.bench.pipeline import women
from tests.bench.rig import Rig, Woman, running

ROOM = 2**30


def give_room(rig: Rig, pages: int) -> None:
    """The database may have so many pages from now on, on every connection."""
    event.listen(rig.town.engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={pages}").close())

    def here(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    rig.store.submit(here).result()


async def until(what: str, done: list[Woman], acts: int) -> None:
    begun = monotonic()
    while min(her.acts for her in done) < acts:
        assert monotonic() - begun < 20, what
        await asyncio.sleep(0.01)


async def test_a_full_database_refuses_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    async with running(tmp_path / "hotline") as rig:
        them = women(rig, 8, "w")
        await asyncio.gather(*[her.act(perf_counter()) for her in them])
        give_room(rig, 1)
        waiting = [asyncio.ensure_future(her.live()) for her in them]
        for _ in range(300):  # free pages inside the file last for a while
            await asyncio.sleep(0.01)
            if rig.store.troubled:
                break
        assert rig.store.troubled
        stuck = [her.acts for her in them]
        await asyncio.sleep(0.3)
        assert [her.acts for her in them] == stuck, "nobody is answered while nothing can be stored"
        give_room(rig, ROOM)
        await until("everybody is answered again", them, max(stuck) + 5)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert all(her.messages >= her.acts for her in them)
