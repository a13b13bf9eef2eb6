"""Our own rate limits, below the published ones, so that the network never has to tell us (design §4, PR4).

A gate for messages, one for deletions, a bucket per chat and per group. Whoever waits at a gate is served by
priority, then in order. Deletions neither delay her words nor wait behind them: each gate has its own rates.
A chat the network told to wait rests alone. At most one request per chat is on its way.
"""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

SWEEP_ABOVE = 4_096  # chats remembered before idle ones are forgotten
SHORT = 2.0  # seconds somebody may wait here for a chat; for longer the entry goes back to the house


class Priority(IntEnum):
    """Who is served first when there is not room for all."""

    HERS = 0
    VOLUNTEERS = 1


@dataclass(frozen=True, slots=True)
class Rates:
    """How much may go out per second, and how much at once after a rest.

    Published: about 30 messages a second in all, one a second to a chat with short bursts, 20 a minute to a
    group. How many deletions is not published.
    """

    overall: float = 25.0
    overall_burst: float = 3.0  # in the first second too, fewer than 30
    deletions: float = 10.0
    deletions_burst: float = 10.0
    chat: float = 1.0
    chat_burst: float = 4.0  # the longest answer of the guide
    group: float = 18.0 / 60.0
    group_burst: float = 3.0


class Later(Exception):
    """This chat must rest for longer than anybody should wait here; `seconds` tells how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


@dataclass(slots=True)
class Bucket:
    """So many now, so many more each second, never above `most`."""

    rate: float
    most: float
    held: float
    at: float

    def missing(self, now: float) -> float:
        """Seconds until there is one; 0 if there is."""
        self.held = min(self.most, self.held + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.held >= 1.0 else (1.0 - self.held) / self.rate

    def take(self) -> None:
        """Use one."""
        self.held -= 1.0


class Gate:
    """Lets through at one rate, by priority and then in order."""

    def __init__(self, rate: float, burst: float, monotonic: Callable[[], float]) -> None:
        self._bucket = Bucket(rate, burst, burst, monotonic())
        self._monotonic = monotonic
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._bell: asyncio.TimerHandle | None = None

    async def through(self, priority: int = 0) -> None:
        """Return when it is one's turn."""
        if not self._queue and not self._bucket.missing(self._monotonic()):
            self._bucket.take()
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._queue, (priority, self._count, mine))
        if self._bell is None:
            self._serve()
        await mine

    def _serve(self) -> None:
        """Let through whom there is room for; ring again when there is more."""
        self._bell = None
        while self._queue:
            if wait := self._bucket.missing(self._monotonic()):
                self._bell = asyncio.get_running_loop().call_later(wait, self._serve)
                return
            waiter = heapq.heappop(self._queue)[2]
            if not waiter.done():  # else whoever waited has given up
                self._bucket.take()
                waiter.set_result(None)


@dataclass(slots=True)
class _Chat:
    bucket: Bucket
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    until: float = 0.0  # the network said: not before


class Limiter:
    """Lets calls through at the published rates, or all at once where `rates` is None.

    Args:
        rates: None switches every limit of ours off; the network's 429 is obeyed all the same.
        monotonic: seconds of a clock that only goes forward.
    """

    def __init__(self, rates: Rates | None, monotonic: Callable[[], float]) -> None:
        self._rates = rates
        self._monotonic = monotonic
        self._chats: dict[int, _Chat] = {}
        self._messages = Gate(rates.overall, rates.overall_burst, monotonic) if rates else None
        self._deletions = Gate(rates.deletions, rates.deletions_burst, monotonic) if rates else None

    def turn(self, chat: int) -> "Turn":
        """One chat's turn: `async with limiter.turn(chat) as turn`, then `turn.message(…)` for each."""
        known = self._chats.get(chat)
        if known is None:
            if len(self._chats) >= SWEEP_ABOVE:
                self._sweep()
            known = self._chats[chat] = _Chat(self._new_bucket(chat))
        return Turn(self, known)

    def forget(self, chat: int) -> None:
        """Nothing is remembered of a chat, unless it must rest or something is on its way."""
        known = self._chats.get(chat)
        if known is not None and not known.lock.locked() and known.until <= self._monotonic():
            del self._chats[chat]

    async def message(self, known: _Chat, priority: Priority) -> None:
        """Return when one more message may go to this chat. Raises Later."""
        self._check_rest(known)
        if self._messages is None:
            return
        while wait := known.bucket.missing(self._monotonic()):
            if wait > SHORT:
                raise Later(wait)
            await asyncio.sleep(wait)
        known.bucket.take()
        await self._messages.through(priority)

    async def deletion(self, known: _Chat) -> None:
        """Return when one more deletion may go. Raises Later."""
        self._check_rest(known)
        if self._deletions is not None:
            await self._deletions.through()

    def rest(self, known: _Chat, seconds: float) -> None:
        """The network told this chat to wait."""
        known.until = max(known.until, self._monotonic() + seconds)

    def _check_rest(self, known: _Chat) -> None:
        if (left := known.until - self._monotonic()) > 0:
            raise Later(left)

    def _new_bucket(self, chat: int) -> Bucket:
        rates = self._rates or Rates()
        rate, burst = (rates.group, rates.group_burst) if chat < 0 else (rates.chat, rates.chat_burst)
        return Bucket(rate, burst, burst, self._monotonic())

    def _sweep(self) -> None:
        now = self._monotonic()
        for number, known in list(self._chats.items()):
            known.bucket.missing(now)
            if not known.lock.locked() and known.until <= now and known.bucket.held >= known.bucket.most:
                del self._chats[number]


class Turn:
    """What one call may do to one chat while nobody else writes to it."""

    def __init__(self, limiter: Limiter, known: _Chat) -> None:
        self._limiter = limiter
        self._known = known

    async def __aenter__(self) -> Self:
        """Wait for what is on its way to this chat."""
        await self._known.lock.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        """The next one may."""
        self._known.lock.release()

    async def message(self, priority: Priority) -> None:
        """Return when one more message may go. Raises Later."""
        await self._limiter.message(self._known, priority)

    async def deletion(self) -> None:
        """Return when one more deletion may go. Raises Later."""
        await self._limiter.deletion(self._known)

    def rest(self, seconds: float) -> None:
        """The network told this chat to wait; the others go on."""
        self._limiter.rest(self._known, seconds)
