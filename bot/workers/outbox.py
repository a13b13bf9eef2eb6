"""The outbox loop of one channel: claim, check the window once more, send, record (PR3, PR4, PR5)."""

import asyncio
import logging
from collections.abc import Callable
from itertools import groupby
from typing import Any

from bot.clock import Clock
from bot.observability.metrics import Metrics
from bot.services import outgoing
from bot.services.house import House
from bot.services.outgoing import Departure
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.workers.wakes import POLL, Wakes, wait
from channels.message import DeliveryState, Receipt
from channels.port import Channel

log = logging.getLogger(__name__)
SENDS_AT_ONCE = 64

Result = tuple[Departure, Receipt | None]
Claim = Callable[[Any, House, str, list[Result], int], list[Departure]]
"""(connection, house, channel, results, now): writes down what became of departures, claims what is next."""


class OutboxLoop:
    """Sends what is due on one channel: parallel across conversations, in order within each.

    `claim` says whose outbox it is: hers, or that of the volunteers' messengers.
    """

    def __init__(
        self,
        channel: Channel,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        metrics: Metrics,
        claim: Claim = outgoing.record_and_claim,
    ) -> None:
        self._channel = channel
        self._claims = claim
        self._store = store
        self._house = house
        self._clock = clock
        self._ear = wakes.outbox.ear()
        self._metrics = metrics
        self._gate = asyncio.Semaphore(SENDS_AT_ONCE)
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._hidden: set[str] = set()
        self._results: asyncio.Queue[list[Result]] = asyncio.Queue()

    async def run(self) -> None:
        """Until cancelled; what is in flight then is recovered at the next start."""
        async with asyncio.TaskGroup() as group:
            while True:
                claimed = await self._claim(group)
                if len(claimed) < outgoing.MOST_AT_ONCE and self._results.empty():
                    await wait(self._ear, POLL)

    def overtake(self, conversation: str) -> asyncio.Task[None] | None:
        """`hide` has been committed: nothing more of this conversation goes out (PR5).

        Returns the send in flight, if there is one, for the caller to await.
        """
        flying = self._flying.get(conversation)
        if flying is not None:
            self._hidden.add(conversation)
        return flying

    async def _claim(self, group: asyncio.TaskGroup) -> list[Departure]:
        """Record what became of sends and claim what is due, in one commit; start the sends."""
        results: list[Result] = []
        while not self._results.empty():
            results += self._results.get_nowait()
        now, name = to_moment(self._clock.now()), self._channel.name
        try:
            claimed = await self._store.write(lambda c: self._claims(c, self._house, name, results, now))
        except Exception as failure:
            log.error("claim failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            self._results.put_nowait(results)
            await asyncio.sleep(POLL)  # the database may be away for a while
            return []
        for conversation, departures in groupby(claimed, key=lambda departure: departure.conversation):
            task = group.create_task(self._send_in_order(conversation, list(departures)))
            self._flying[conversation] = task
        return claimed

    async def _send_in_order(self, conversation: str, departures: list[Departure]) -> None:
        results: list[Result] = []
        try:
            async with self._gate:
                for position, departure in enumerate(departures):
                    receipt = await self.send_one(departure)
                    results.append((departure, receipt))
                    if receipt is None or receipt.state is DeliveryState.FAILED_FOR_NOW:
                        results.extend((later, None) for later in departures[position + 1 :])
                        break
        finally:
            self._flying.pop(conversation, None)
            self._hidden.discard(conversation)
            self._results.put_nowait(results)
            self._ear.set()

    async def send_one(self, departure: Departure) -> Receipt | None:
        """Put one entry on the wire, or None: hidden meanwhile, or its window has just closed (PR4)."""
        if departure.conversation in self._hidden:
            return None
        now = to_moment(self._clock.now())
        if departure.not_after is not None and departure.not_after <= now:
            return None
        try:
            receipt = await self._channel.send(departure.message)
        except Exception as failure:
            log.error("send raised", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            receipt = Receipt(DeliveryState.UNKNOWN, "refused")
        self._metrics.sent(self._channel.name, receipt.state.value)
        return receipt
