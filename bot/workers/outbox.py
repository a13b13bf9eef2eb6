"""The outbox loop of one channel: claim, check the window once more, send, record (PR3, PR4, PR5)."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bot.clock import Clock
from bot.observability.metrics import Metrics
from bot.services import outgoing
from bot.services.house import House
from bot.services.outgoing import Departure
from bot.services.receipts import record
from bot.store.crew import FREE, Term, require
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.workers.correspondents import Correspondents
from bot.workers.leads import Crew
from bot.workers.wakes import POLL, Wakes, wait
from channels.message import DeliveryState, Receipt
from channels.port import Channel

log = logging.getLogger(__name__)
SENDS_AT_ONCE = 64

Result = tuple[Departure, Receipt | None]


@dataclass(frozen=True, slots=True)
class Grip:
    """What entitles a loop to send: the lead of its channel in one term, or nothing where none is needed."""

    term: Term = FREE
    crew: Crew | None = None

    def holds(self) -> bool:
        """Whether it is held for certain at this moment; asked just before the wire."""
        return self.crew is None or self.crew.term_of(self.term.lead) == self.term

    def require(self, connection: Any) -> None:
        """Raise `LeadLost` unless it is held until this transaction ends."""
        require(connection, self.term)


FREE_HAND = Grip()


class OutboxLoop:
    """Sends what is due on one channel: parallel across conversations, in order within each."""

    def __init__(
        self,
        channel: Channel,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        metrics: Metrics,
        grip: Grip = FREE_HAND,
        correspondents: Correspondents | None = None,
    ) -> None:
        self._channel = channel
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._metrics = metrics
        self._grip = grip
        self._gate = asyncio.Semaphore(SENDS_AT_ONCE)
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._hidden: set[str] = set()
        self._results: asyncio.Queue[list[Result]] = asyncio.Queue()
        self._out: set[str] = set()  # entries claimed and not yet recorded
        self._unsure = False
        self._correspondents = correspondents

    async def run(self) -> None:
        """Until cancelled; what is in flight then goes on, and may be run again, or ended by `finish`."""
        while True:
            claimed = await self._claim()
            if len(claimed) < outgoing.MOST_AT_ONCE and self._results.empty():
                await wait(self._wakes.outbox, POLL)

    async def finish(self, seconds: float) -> None:
        """Await what is in flight for so long, write down what became of it; the rest is recovered later."""
        flights = set(self._flying.values())
        if flights and seconds:
            await asyncio.wait(flights, timeout=seconds)
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        results = self._brought()
        if results:
            with suppress(Exception):  # as if it had died: whoever sends next finds them marked as in flight
                await self._store.write(lambda c: self._record(c, results))

    def overtake(self, conversation: str) -> asyncio.Task[None] | None:
        """`hide` has been committed: nothing more of this conversation goes out (PR5).

        Returns the send in flight, if there is one, for the caller to await.
        """
        flying = self._flying.get(conversation)
        if flying is not None:
            self._hidden.add(conversation)
        return flying

    @property
    def term(self) -> Term:
        """In which term it sends."""
        return self._grip.term

    def _brought(self) -> list[Result]:
        results: list[Result] = []
        while not self._results.empty():
            results += self._results.get_nowait()
        return results

    async def _claim(self) -> list[Departure]:
        """Record what became of sends and claim what is due, in one commit; start the sends."""
        results = self._brought()
        try:
            claimed = await self._store.write(lambda c: self._record_and_claim(c, results))
        except Exception as failure:
            log.error("claim failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            self._results.put_nowait(results)
            self._unsure = True  # it may have been done, and its answer lost with the connection
            await asyncio.sleep(POLL)  # the database may be away for a while
            return []
        self._unsure = False
        self._out.difference_update(departure.entry for departure, _ in results)
        self._out.update(departure.entry for departure in claimed)
        if self._correspondents is not None and self._house.member:
            self._correspondents.note({each.conversation: each.message.address for each in claimed})
        for conversation, departures in groupby(claimed, key=lambda departure: departure.conversation):
            task = asyncio.create_task(self._send_in_order(conversation, list(departures)))
            self._flying[conversation] = task
        return claimed

    def _record_and_claim(self, connection: Any, results: list[Result]) -> list[Departure]:
        now, name = to_moment(self._clock.now()), self._channel.name
        self._grip.require(connection)
        if self._unsure:
            outgoing.recover_unclaimed(connection, self._house, name, self._out)
        return outgoing.record_and_claim(connection, self._house, name, results, now)

    def _record(self, connection: Any, results: list[Result]) -> None:
        self._grip.require(connection)
        record(connection, self._house, results, to_moment(self._clock.now()))

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
            self._wakes.outbox.set()

    async def send_one(self, departure: Departure) -> Receipt | None:
        """Put one entry on the wire, or None: hidden meanwhile, or its window has just closed (PR4)."""
        if departure.conversation in self._hidden:
            return None
        now = to_moment(self._clock.now())
        if departure.not_after is not None and departure.not_after <= now:
            return None
        if not self._grip.holds():
            return None  # another process sends on this channel by now, this entry too
        try:
            receipt = await self._channel.send(departure.message)
        except Exception as failure:
            log.error("send raised", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            receipt = Receipt(DeliveryState.UNKNOWN, "refused")
        self._metrics.sent(self._channel.name, receipt.state.value)
        return receipt
