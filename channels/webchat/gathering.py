"""Group commit: acts that arrive while a commit runs go together into the next batch (PR1).

An act is answered for (its future ends) only after the sink returned. While the sink fails, everything
stays here, in order, and is offered again.
"""

import asyncio
import logging
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import islice

from channels.message import Batch, InboundMessage, Left, Presence, Reconnected, Seen
from channels.port import Sink

_log = logging.getLogger(__name__)

Item = InboundMessage | Presence | Reconnected | Seen | Left

MAX_BATCH = 500
MAX_OF_ONE_PAGE = 40  # acts of one visitor that wait at once: more than a page sends ahead of an answer
MAX_URGENT_OF_ONE_PAGE = 8  # `hide`, `stop`, `help now` that wait beside them
SLOW_AT_ONCE = 5  # items of flooded pages taken into a batch, at most …
SLOW_EVERY = 1.0  # … once in this many seconds


class Full(Exception):
    """Too much waits to be stored. Nothing was taken; the page keeps it and offers it again."""


class TooFast(Full):
    """This page alone acts too fast: the same act may be offered again in a moment."""


@dataclass(eq=False, slots=True)
class _Waiting:
    item: Item
    stored: "asyncio.Future[None]"


@dataclass(slots=True)
class Gathering:
    """What waits for the sink. `limit` bounds each lane; presence and the like give way first.

    Pages of a flood have the slow lane to themselves: however full it is, the fast one stays open, and no
    visitor fills either alone.
    """

    channel: str
    limit: int
    _fast: deque[_Waiting] = field(default_factory=deque[_Waiting])
    _slow: deque[_Waiting] = field(default_factory=deque[_Waiting])
    _acts: dict[str, _Waiting] = field(default_factory=dict[str, _Waiting])
    _of: Counter[str] = field(default_factory=Counter[str])
    _slow_of: Counter[str] = field(default_factory=Counter[str])
    _present: set[str] = field(default_factory=set[str])
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _poison: int = 0
    _slow_from: float = 0.0
    _flying: int = 0  # of the slow lane, in the batch that is being stored

    def offer(
        self, item: InboundMessage | Left, *, slow: bool = False, urgent: bool = False
    ) -> "asyncio.Future[None]":
        """Take an act that must not be lost; the future ends when it is stored.

        The same external id offered while it waits is the same act. What goes into the fast lane takes what
        the same visitor has in the slow one with it, so that her acts stay in order (PR3). Raises Full;
        an `urgent` act is refused to nobody but a page that repeats it, a leaving is always taken.
        """
        known = self._acts.get(item.external_id)
        if known is not None:
            return known.stored
        handle = item.address.handle
        if isinstance(item, InboundMessage):
            most = MAX_OF_ONE_PAGE + (MAX_URGENT_OF_ONE_PAGE if urgent else 0)
            lane = self._slow if slow and not urgent else self._fast
            if self._of[handle] >= most or (len(lane) >= self.limit and not urgent):
                raise Full
        waiting = _Waiting(item, asyncio.get_running_loop().create_future())
        self._acts[item.external_id] = waiting
        self._of[handle] += 1
        if slow and not urgent:
            self._slow.append(waiting)
            self._slow_of[handle] += 1
        else:
            self._hurry(handle)
            self._fast.append(waiting)
        self._wake.set()
        return waiting.stored

    def _hurry(self, handle: str) -> None:
        """Her acts in the slow lane go ahead of what she does now; those on their way are ahead anyway."""
        if not self._slow_of[handle]:
            return
        rest = list(islice(self._slow, self._flying, None))
        hers = [waiting for waiting in rest if waiting.item.address.handle == handle]
        others = (waiting for waiting in rest if waiting.item.address.handle != handle)
        self._slow = deque((*islice(self._slow, self._flying), *others))
        self._fast.extend(hers)
        for _ in hers:
            _less(self._slow_of, handle)

    def mention(self, item: Presence | Reconnected | Seen) -> bool:
        """Pass on something that may be lost; one presence per address and batch is enough.

        False: there was no room for it.
        """
        if len(self._fast) >= self.limit:
            return False
        if isinstance(item, Presence):
            if item.address.handle in self._present:
                return True
            self._present.add(item.address.handle)
        self._fast.append(_Waiting(item, asyncio.get_running_loop().create_future()))
        self._wake.set()
        return True

    def count_poison(self) -> None:
        """Something came that could not be read at all."""
        self._poison += 1
        self._wake.set()

    async def run(self, sink: Sink) -> None:
        """Hand batch after batch to `sink`, until cancelled."""
        while True:
            fast, slow = await self._next()
            self._flying = len(slow)
            pause = 0.1
            # The same items again until they are stored: nothing that came meanwhile overtakes them.
            while not await self._stored(sink, (*fast, *slow)):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            self._settle(fast, slow)

    async def _stored(self, sink: Sink, taken: tuple[_Waiting, ...]) -> bool:
        try:
            await sink(self._batch(taken))
        except Exception as error:  # noqa: BLE001 - whatever the trouble, nothing was stored: offer it again
            _log.warning("a batch could not be stored (%s); offering it again", type(error).__name__)
            return False
        return True

    async def _next(self) -> tuple[list[_Waiting], list[_Waiting]]:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            fast = list(islice(self._fast, MAX_BATCH))
            slow = list(islice(self._slow, SLOW_AT_ONCE)) if loop.time() >= self._slow_from else []
            if fast or slow or self._poison:
                return fast, slow
            if self._slow:
                loop.call_at(self._slow_from, self._wake.set)
            await self._wake.wait()

    def _batch(self, taken: tuple[_Waiting, ...]) -> Batch:
        items = [waiting.item for waiting in taken]
        return Batch(
            channel=self.channel,
            messages=tuple(item for item in items if isinstance(item, InboundMessage)),
            presences=tuple(item for item in items if isinstance(item, Presence)),
            reconnections=tuple(item for item in items if isinstance(item, Reconnected)),
            seen=tuple(item for item in items if isinstance(item, Seen)),
            left=tuple(item for item in items if isinstance(item, Left)),
            poison=self._poison,
        )

    def _settle(self, fast: list[_Waiting], slow: list[_Waiting]) -> None:
        for _ in fast:
            self._fast.popleft()
        for _ in slow:
            _less(self._slow_of, self._slow.popleft().item.address.handle)
        self._flying = 0
        if slow:
            self._slow_from = asyncio.get_running_loop().time() + SLOW_EVERY
        self._poison = 0
        for waiting in (*fast, *slow):
            if isinstance(waiting.item, InboundMessage | Left):
                del self._acts[waiting.item.external_id]
                _less(self._of, waiting.item.address.handle)
            elif isinstance(waiting.item, Presence):
                self._present.discard(waiting.item.address.handle)
            if not waiting.stored.done():
                waiting.stored.set_result(None)


def _less(counts: Counter[str], handle: str) -> None:
    counts[handle] -= 1
    if not counts[handle]:
        del counts[handle]
