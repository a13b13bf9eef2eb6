"""The inbox loop: as long as acts of hers are unread, turns are taken, a batch per commit (PR3)."""

import asyncio
import logging

from bot.clock import Clock
from bot.services.house import House
from bot.services.turns import TurnsTaken, take_turns
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.workers.aftermath import Aftermath
from bot.workers.wakes import POLL, Wakes, wait

log = logging.getLogger(__name__)
_SOON = round(POLL * 1_000_000)  # microseconds: what falls due later, the due loop finds by itself
BUSY_ELSEWHERE = 0.02  # seconds until one looks again at what other processes are answering


class InboxLoop:
    """Wakes on new acts, or looks once a second."""

    def __init__(self, store: Store, house: House, clock: Clock, wakes: Wakes, aftermath: Aftermath) -> None:
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._aftermath = aftermath

    async def run(self) -> None:
        """Until cancelled. A failing batch is recorded and tried again; nothing is marked done before."""
        while True:
            try:
                while (taken := await self.once()).more:
                    if not taken.acts:
                        await asyncio.sleep(BUSY_ELSEWHERE)
            except Exception as failure:
                log.error("turns failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            await wait(self._wakes.inbox, POLL)

    async def once(self) -> TurnsTaken:
        """Take one batch of turns."""
        now = to_moment(self._clock.now())
        taken = await self._store.write(lambda connection: take_turns(connection, self._house, now))
        follow(taken, now, self._wakes, self._aftermath)
        return taken


def follow(taken: TurnsTaken, now: int, wakes: Wakes, aftermath: Aftermath) -> None:
    """Wake whoever has something to do after turns that were committed."""
    if taken.acts:
        wakes.after_turns(taken.channels)
    if taken.soonest is not None and taken.soonest <= now + _SOON:
        wakes.due.set()
    if taken.after:
        aftermath.follow(taken.after)
