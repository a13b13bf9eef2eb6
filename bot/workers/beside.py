"""What a process does because others serve beside it on the same PostgreSQL (design §6)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.clock import Clock
from bot.model import Job
from bot.observability.metrics import Metrics
from bot.services import deadlines, outgoing
from bot.services.house import House
from bot.store.crew import HOUSE, Term
from bot.store.membership import Membership
from bot.store.moments import to_moment
from bot.store.notices import Notice
from bot.store.store import Store
from bot.workers.ear import Ear
from bot.workers.jobs import Jobs
from bot.workers.leads import while_held
from bot.workers.wakes import wait

log = logging.getLogger(__name__)
PULSE_EVERY = 0.5
LOOK_EVERY = 2.0  # seconds; a notice comes sooner
TIDY_EVERY = 15.0


class Beside:
    """Shows that the event loop turns, hears the others, reads anew what was published, tidies up."""

    def __init__(
        self,
        crew: Membership,
        ear: Ear,
        store: Store,
        house: House,
        clock: Clock,
        metrics: Metrics,
        insert: Callable[[str], Awaitable[None]],
    ) -> None:
        """`insert` puts a periodic job where the due loop finds it."""
        self._crew = crew
        self._ear = ear
        self._store = store
        self._house = house
        self._clock = clock
        self._metrics = metrics
        self._insert = insert

    async def run(self, jobs: Jobs) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()

        def pass_on(notice: Notice) -> None:
            with suppress(RuntimeError):  # the loop has ended: nothing is to be heard any more
                loop.call_soon_threadsafe(self._ear.hear, notice)

        self._crew.hear(pass_on)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pulse())
            group.create_task(self._follow_changes(jobs))
            group.create_task(while_held(self._crew, HOUSE, self._lead))

    async def _pulse(self) -> None:
        while True:
            self._crew.pulse()
            await asyncio.sleep(PULSE_EVERY)

    async def _follow_changes(self, jobs: Jobs) -> None:
        while True:
            jobs.alarm()  # of the channels served here; whoever leads the house cannot see them
            try:
                await jobs.read_anew()
            except Exception as failure:
                log.error("reading anew failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            await wait(self._ear.changed, LOOK_EVERY)

    async def _lead(self, _term: Term) -> None:
        """Whoever leads the house sees that nothing lies where a process ended, its jobs first of all."""
        asked: list[Job] = list(Job)
        try:
            while True:
                try:
                    now = to_moment(self._clock.now())
                    while asked:
                        await self._insert(asked[-1].value)
                        asked.pop()
                    await self._store.write(lambda c: outgoing.recover_of_the_gone(c, self._house))
                    await self._store.write(lambda c, n=now: deadlines.repair(c, self._house, n))
                except Exception as failure:
                    log.error("tidying failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
                await asyncio.sleep(TIDY_EVERY)
        finally:
            self._metrics.queue(0)  # whoever leads from now on counts them
            self._metrics.live(0)
