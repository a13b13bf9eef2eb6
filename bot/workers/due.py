"""The due loop: sleeps until the next deadline and does what is due (PR9)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.services import phrases
from bot.services.deadlines import DueDone, do_due
from bot.services.house import House
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.vault.passwords import hash_secret, verify_secret
from bot.workers.aftermath import Aftermath
from bot.workers.wakes import POLL, Wakes, wait

COMPARED_AT_ONCE = 2

log = logging.getLogger(__name__)
Job = Callable[[str], Awaitable[None]]


class DueLoop:
    """Carries out due rows; slow hashing runs beside the loop, in a thread between two transactions."""

    def __init__(
        self,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        aftermath: Aftermath,
        job: Job,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        """`leads` says whether periodic jobs are this process's to do."""
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._aftermath = aftermath
        self._job = job
        self._leads = leads
        self._gate = asyncio.Semaphore(COMPARED_AT_ONCE)
        self._comparing: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; comparisons that are under way then are done after the next start."""
        try:
            await self._go_on()
        finally:
            for comparison in self._comparing.values():
                comparison.cancel()

    async def _go_on(self) -> None:
        while True:
            seconds = POLL
            try:
                while (done := await self.once()).rows:
                    pass
                seconds = self._until(done.next_at)
            except Exception as failure:
                log.error("deadlines failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            await wait(self._wakes.due, seconds)

    async def once(self) -> DueDone:
        """Do one round of what is due now."""
        now = to_moment(self._clock.now())
        leads = self._leads()
        done = await self._store.write(lambda c: do_due(c, self._house, now, leads=leads))
        if done.after:
            self._aftermath.follow(tuple(done.after))
        for conversation in done.phrases:
            self._begin_comparing(conversation)
        for job in done.jobs:
            await self._job(job)
        if done.rows:
            self._wakes.outbox.set()
        return done

    def _begin_comparing(self, conversation: str) -> None:
        """No deadline waits for a hash, however many are asked for at once."""
        if conversation not in self._comparing:
            task = asyncio.create_task(self._compare_in_turn(conversation))
            self._comparing[conversation] = task
            task.add_done_callback(lambda _: self._comparing.pop(conversation, None))

    async def _compare_in_turn(self, conversation: str) -> None:
        try:
            async with self._gate:
                await self._compare(conversation)
        except Exception as failure:
            # Its row is still there and comes due again.
            log.error("comparison failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
        self._wakes.outbox.set()

    async def _compare(self, conversation: str) -> None:
        now = to_moment(self._clock.now())
        comparison = await self._store.write(lambda c: phrases.prepare(c, self._house, conversation, now))
        if comparison is None:
            return
        results: list[bool] = []
        new_hash: str | None = None
        if comparison.setting:
            new_hash = await asyncio.to_thread(hash_secret, comparison.words)
        else:
            # One after the other: how many records an address has must not show in time.
            results = [
                await asyncio.to_thread(verify_secret, known, comparison.words) for known in comparison.hashes
            ]
        later = to_moment(self._clock.now())
        await self._store.write(
            lambda c: phrases.finish(c, self._house, comparison, results, new_hash, later)
        )

    def _until(self, at: int | None) -> float:
        if at is None:
            return POLL
        return min(POLL, max(0.005, (at - to_moment(self._clock.now())) / 1_000_000))
