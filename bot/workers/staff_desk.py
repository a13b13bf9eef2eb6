"""The sink of the volunteers' messengers: returns only after the commit (PR1)."""

import asyncio
import logging
from typing import Any, Final

from bot.clock import Clock
from bot.identifiers import Identifiers
from bot.observability.metrics import Metrics
from bot.services.house import House
from bot.services.staff.hands import After
from bot.services.staff.intake import take_staff_batch
from bot.services.staff.strangers import SAY
from bot.store.crew import FREE, Term, require
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.workers.aftermath import Aftermath
from bot.workers.wakes import Wakes
from channels.message import Address, Batch, OutboundKind, OutboundMessage
from channels.port import Channel

log = logging.getLogger(__name__)
STRANGERS_PER_MINUTE: Final = 20
MINUTE: Final = 60_000_000  # microseconds


class StaffDesk:
    """Takes batches of one messenger; strangers are answered at once or not at all."""

    def __init__(
        self,
        channel: Channel,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        aftermath: Aftermath,
        metrics: Metrics,
    ) -> None:
        self._channel = channel
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._aftermath = aftermath
        self._metrics = metrics
        self._minute, self._answered = 0, 0
        self._saying: set[asyncio.Task[None]] = set()

    async def take(self, batch: Batch, term: Term = FREE) -> None:
        """Do what a batch asks for, in the term in which its channel is read.

        Raises what the database raised, and `LeadLost`; then nothing of it was done.
        """
        now = to_moment(self._clock.now())

        def work(connection: Any) -> After:
            require(connection, term)
            return take_staff_batch(connection, self._house, batch, now)

        after = await self._store.write(work)
        self._metrics.received(batch.channel, len(batch.messages), batch.poison)
        self._wakes.inbox.set()
        self._wakes.after_write()
        said = {(handle, text): None for kind, handle, text in after if kind == SAY}
        rest = tuple(what for what in after if what[0] != SAY)
        if rest:
            self._aftermath.follow(rest)
        for handle, text in said:
            # Beside the batch, not within it: a channel may hold what sending needs until the batch is taken.
            task = asyncio.get_running_loop().create_task(self._say(handle, text, now))
            self._saying.add(task)
            task.add_done_callback(self._saying.discard)

    async def _say(self, handle: str, text: str, now: int) -> None:
        minute = now // MINUTE
        self._answered = self._answered + 1 if minute == self._minute else 1
        self._minute = minute
        if self._answered > STRANGERS_PER_MINUTE:
            return
        address = Address(self._channel.name, handle)
        try:
            await self._channel.send(
                OutboundMessage(Identifiers().new_id(), address, OutboundKind.NEW, 0, text)
            )
        except Exception as failure:
            log.error("stranger not answered", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
