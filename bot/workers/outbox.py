"""The outbox loop of one channel: claim, check the window once more, send, record (PR3, PR4, PR5)."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from bot.clock import Clock
from bot.observability.metrics import Metrics
from bot.services import outgoing
from bot.services.departures import Departure
from bot.services.house import House
from bot.services.receipts import is_repeated
from bot.store.crew import FREE, Term, require
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.workers.correspondents import Correspondents
from bot.workers.leads import Crew
from bot.workers.wakes import POLL, Wakes, wait
from channels.message import DeliveryState, OutboundKind, Receipt
from channels.port import Channel, DeletesTogether

log = logging.getLogger(__name__)
SENDS_AT_ONCE = 64
BUSY = 8  # conversations being sent to, from which on it is worth while to gather
GATHERS = 0.004  # seconds in which results and new entries come together into one commit
RESULTS_GATHER = 0.02  # seconds until results are written down that no new entry takes along
DELETED_AT_ONCE = 100

_REFUSED = Receipt(DeliveryState.FAILED_FOR_GOOD, "refused")

Result = tuple[Departure, Receipt | None]


class Outgoing(Protocol):
    """Whose outbox it is: hers (`bot.services.outgoing`), or that of the volunteers' messengers."""

    def record_and_claim(
        self, connection: Any, house: House, channel: str, results: Iterable[Result], now: int
    ) -> list[Departure]:
        """Write down what became of departures, claim what is next."""
        ...

    def record(self, connection: Any, house: House, results: Iterable[Result], now: int) -> None:
        """Only write down what became of departures."""
        ...

    def recover(self, connection: Any, house: House, now: int, channel: str) -> None:
        """Send again what whoever sent on the channel before was sending when it ended."""
        ...

    def recover_unclaimed(self, connection: Any, house: House, channel: str, flying: Collection[str]) -> None:
        """Send what is marked as in flight and is not, after a claim whose answer was lost."""
        ...


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
    """Sends what is due on one channel: parallel across conversations, in order within each.

    `rows` says whose outbox it is; by default hers.
    """

    def __init__(
        self,
        channel: Channel,
        store: Store,
        house: House,
        clock: Clock,
        wakes: Wakes,
        metrics: Metrics,
        grip: Grip = FREE_HAND,
        rows: Outgoing = outgoing,
    ) -> None:
        self._channel = channel
        self._rows = rows
        self._store = store
        self._house = house
        self._clock = clock
        self._wakes = wakes
        self._ear = wakes.outbox.ear(channel.name if rows is outgoing else None)
        self._metrics = metrics
        self._grip = grip
        self._gate = asyncio.Semaphore(SENDS_AT_ONCE)
        self._wiping_gate = asyncio.Semaphore(
            SENDS_AT_ONCE
        )  # a screen is not emptied behind a queue of words
        self._queued: set[str] = set()  # conversations whose flight has not begun
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._hidden: set[str] = set()
        self._results: asyncio.Queue[list[Result]] = asyncio.Queue()
        self._out: set[str] = set()  # entries claimed and not yet recorded
        self._bell: asyncio.TimerHandle | None = None
        self._unsure = False
        self._correspondents: Correspondents | None = None

    def note_in(self, correspondents: Correspondents) -> None:
        """Have it noted who is behind the conversations this loop sends to."""
        self._correspondents = correspondents

    async def run(self) -> None:
        """Until cancelled; what is in flight then goes on, and may be run again, or ended by `finish`."""
        while True:
            if len(self._flying) >= BUSY:
                await asyncio.sleep(GATHERS)
            claimed = await self._claim()
            if len(claimed) < outgoing.MOST_AT_ONCE and self._results.empty():
                await wait(self._ear, POLL)

    async def finish(self, seconds: float) -> None:
        """Await what is in flight for so long, write down what became of it; the rest is recovered later."""
        self._wakes.outbox.drop(self._ear)
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
            if conversation in self._queued:
                flying.cancel()  # its entries go back at once, not when a place is free
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
        results, unsure = self._brought(), self._unsure
        self._unsure = True  # until the answer is there: it may be lost with the connection, or with the lead
        try:
            claimed = await self._store.write(lambda c: self._record_and_claim(c, results, unsure=unsure))
        except asyncio.CancelledError:
            self._results.put_nowait(results)
            raise
        except Exception as failure:
            log.error("claim failed", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            self._results.put_nowait(results)
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

    def _record_and_claim(self, connection: Any, results: list[Result], *, unsure: bool) -> list[Departure]:
        now, name = to_moment(self._clock.now()), self._channel.name
        self._grip.require(connection)
        if unsure:
            self._rows.recover_unclaimed(connection, self._house, name, self._out)
        return self._rows.record_and_claim(connection, self._house, name, results, now)

    def _record(self, connection: Any, results: list[Result]) -> None:
        self._grip.require(connection)
        self._rows.record(connection, self._house, results, to_moment(self._clock.now()))

    async def _send_in_order(self, conversation: str, departures: list[Departure]) -> None:
        results: list[Result] = []
        self._queued.add(conversation)
        try:
            async with self._wiping_gate if _deletes(departures[0]) else self._gate:
                self._queued.discard(conversation)
                for run in self._runs(departures):
                    results += zip(run, await self._send_run(run), strict=True)
                    if any(_stops(departure, receipt) for departure, receipt in results[-len(run) :]):
                        results += [(later, None) for later in departures[len(results) :]]
                        break
        except asyncio.CancelledError:
            if conversation not in self._queued or conversation not in self._hidden:
                raise
        finally:
            if conversation in self._queued:  # nothing of it was put on the wire
                self._queued.discard(conversation)
                results = [(departure, None) for departure in departures]
            self._flying.pop(conversation, None)
            self._hidden.discard(conversation)
            self._results.put_nowait(results)
            self._ring_soon()

    def _ring_soon(self) -> None:
        """What became of sends is written down with the next claim; alone it waits for more of its kind."""
        if self._bell is None:
            self._bell = asyncio.get_running_loop().call_later(RESULTS_GATHER, self._ring)

    def _ring(self) -> None:
        self._bell = None
        self._ear.set()

    def _runs(self, departures: list[Departure]) -> Iterator[list[Departure]]:
        """Each alone, but deletions that follow each other together where the channel can do that."""
        run: list[Departure] = []
        for departure in departures:
            joins = isinstance(self._channel, DeletesTogether) and _deletes(departure)
            if run and not (joins and len(run) < DELETED_AT_ONCE and _deletes(run[-1])):
                yield run
                run = []
            run.append(departure)
        yield run

    async def _send_run(self, run: list[Departure]) -> list[Receipt | None]:
        channel = self._channel
        if len(run) == 1 or not isinstance(channel, DeletesTogether):
            return [await self.send_one(departure) for departure in run]
        if run[0].conversation in self._hidden or not self._grip.holds():
            return [None] * len(run)
        try:
            receipts = await channel.delete_together([departure.message for departure in run])
        except Exception as failure:
            log.error("send raised", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            receipts = [Receipt(DeliveryState.UNKNOWN, "refused")] * len(run)
        for receipt in receipts:
            self._metrics.sent(channel.name, receipt.state.value)
        if any(_is_kept_there(*pair) for pair in zip(run, receipts, strict=True)):
            self._alarm()
        return list(receipts)

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
        if _is_kept_there(departure, receipt):
            self._alarm()
        return receipt

    def _alarm(self) -> None:
        """What should have gone from a phone stays there: nobody here can change that, somebody must know."""
        log.error("the network refuses to delete a line", extra={"channel": self._channel.name})
        self._metrics.alerted("deletion")


def _is_kept_there(departure: Departure, receipt: Receipt) -> bool:
    """Whether a deletion was refused for good; where nobody can be reached any more no alarm helps."""
    return _deletes(departure) and receipt == _REFUSED


def _deletes(departure: Departure) -> bool:
    return departure.message.kind is OutboundKind.DELETE


def _stops(departure: Departure, receipt: Receipt | None) -> bool:
    """Whether what follows must wait: nothing overtakes an entry that goes out once more (PR3)."""
    if receipt is None or receipt.state is DeliveryState.FAILED_FOR_NOW:
        return True
    return is_repeated(departure, receipt)
