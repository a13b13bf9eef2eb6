"""One channel served: listened to, and sent what is due on it; by this process, or by whichever leads it."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from bot.clock import Clock
from bot.observability.metrics import Metrics
from bot.services import outgoing
from bot.services.house import House
from bot.store.crew import FREE, Term, channel_lead, require
from bot.store.cursors import load_cursor
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.workers.aftermath import Aftermath
from bot.workers.correspondents import Correspondents
from bot.workers.leads import Crew, while_held
from bot.workers.outbox import Grip, OutboxLoop, Outgoing
from bot.workers.wakes import POLL, Wakes
from channels.message import Batch
from channels.port import Channel

log = logging.getLogger(__name__)
Result = TypeVar("Result")
LANDS_WITHIN = 3.0  # seconds the last sends are given at the end


class Desk(Protocol):
    """Where batches are handed in: hers, or those of the volunteers' messengers."""

    async def take(self, batch: Batch, term: Term) -> None:
        """Store a batch, in the term in which its channel is read. Raises what kept it from being stored."""
        ...


class ChannelService:
    """Serves one channel until cancelled.

    Where many may listen (pages, of which each process has its own) every process serves it. A messenger is
    served by one: whoever takes the lead sends again what its predecessor was sending, and reads on from the
    stored cursor. Who only lost touch with the database for a while goes on where it was.

    `rows` says whose outbox it sends from, `correspondents` (hers only) who is behind a conversation.
    """

    def __init__(
        self,
        channel: Channel,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        metrics: Metrics,
        correspondents: Correspondents | None,
        rows: Outgoing = outgoing,
    ) -> None:
        self._channel = channel
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._metrics = metrics
        self._correspondents = correspondents
        self._rows = rows
        self._outbox: OutboxLoop | None = None

    async def run(self, crew: Crew, desk: Desk, aftermath: Aftermath) -> None:
        """Until cancelled; raises what the channel raises."""
        try:
            if not crew.id or self._channel.capabilities.many_listen:
                await self._serve(self._sending(Grip(), aftermath), desk, FREE)
                return
            lead = channel_lead(self._channel.name)
            crew.want(lead)
            await while_held(crew, lead, lambda term: self._lead(term, crew, desk, aftermath))
        finally:
            await self._end_sending(aftermath, LANDS_WITHIN)

    async def _lead(self, term: Term, crew: Crew, desk: Desk, aftermath: Aftermath) -> None:
        if self._outbox is None or self._outbox.term != term:
            await self._end_sending(aftermath, 0)
            await self._until_done(lambda c: self._take_over(c, term))
            self._sending(Grip(term, crew), aftermath)
        assert self._outbox is not None  # noqa: S101  made above
        await self._serve(self._outbox, desk, term)

    def _take_over(self, connection: Any, term: Term) -> None:
        require(connection, term)
        self._rows.recover(connection, self._house, to_moment(self._clock.now()), self._channel.name)

    async def _serve(self, outbox: OutboxLoop, desk: Desk, term: Term) -> None:
        name, house = self._channel.name, self._house

        def last(connection: Any) -> str | None:
            return load_cursor(connection, house.vault, name)

        cursor = await (self._until_done(last) if term.member else self._store.write(last))
        async with asyncio.TaskGroup() as group:
            group.create_task(outbox.run())
            group.create_task(self._channel.listen(cursor, partial(desk.take, term=term)))

    def _sending(self, grip: Grip, aftermath: Aftermath) -> OutboxLoop:
        self._outbox = OutboxLoop(
            self._channel, self._store, self._house, self._clock, self._wakes, self._metrics, grip, self._rows
        )  # fmt: skip
        if self._correspondents is not None:
            self._outbox.note_in(self._correspondents)
        aftermath.on_hide(self._outbox.overtake)
        return self._outbox

    async def _end_sending(self, aftermath: Aftermath, seconds: float) -> None:
        if self._outbox is not None:
            ended, self._outbox = self._outbox, None
            await ended.finish(seconds)
            aftermath.off_hide(ended.overtake)

    async def _until_done(self, work: Callable[[Any], Result]) -> Result:
        """A database that is away for a while must not end a process that others will need."""
        while True:
            try:
                return await self._store.write(work)
            except Exception as failure:
                log.error("taking over failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
                await asyncio.sleep(POLL)
