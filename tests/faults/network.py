"""A messenger's network of our own, over real HTTP, and phones on it.

It behaves as the strictest of the real ones does: updates are handed out until a later offset acknowledges
them, sending is never deduplicated, and two that read at once are noticed. What is sent twice shows twice.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import web

from tests.faults.page import Frame, Shown

HELD_OPEN = 1.0  # seconds a request for updates waits for one
TAKES = 0.02  # seconds a send takes


@dataclass
class Network:
    """Updates on their way in, messages on their way out, and who asked when."""

    updates: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    phones: dict[str, "Phone"] = field(default_factory=dict[str, "Phone"])
    polls: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    conflicts: int = 0
    sends: int = 0
    port: int = 0
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _reading: dict[str, int] = field(default_factory=dict[str, int])
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def phone(self, name: str) -> "Phone":
        self.phones[name] = Phone(self, name)
        return self.phones[name]

    def bring(self, handle: str, frame: Frame) -> int:
        number = next(self._numbers)
        self.updates[number] = {"number": number, "handle": handle, **frame}
        self._came.set()
        return number

    def polled_since(self, moment: float, but: str) -> float | None:
        """When somebody else than `but` first asked for updates after that moment."""
        return next((at for at, who in self.polls if at > moment and who != but), None)

    async def read(self, request: web.Request) -> web.Response:
        asked = await request.json()
        who, offset = asked["who"], asked["offset"]
        self.polls.append((monotonic(), who))
        self.conflicts += any(count for other, count in self._reading.items() if other != who)
        self._reading[who] = self._reading.get(who, 0) + 1
        try:
            for number in [number for number in self.updates if number < offset]:
                self._stored(self.updates.pop(number))
            if not self.updates:
                self._came.clear()
                try:
                    async with asyncio.timeout(HELD_OPEN):
                        await self._came.wait()
                except TimeoutError:
                    pass
            return web.json_response([self.updates[number] for number in sorted(self.updates)][:100])
        finally:
            self._reading[who] -= 1

    async def send(self, request: web.Request) -> web.Response:
        frame = await request.json()
        self.sends += 1
        await asyncio.sleep(TAKES)
        phone = self.phones[frame["handle"]]
        phone.takes(frame)
        return web.json_response({"remote": f"{frame['id']}-{self.sends}"})

    def _stored(self, update: dict[str, Any]) -> None:
        self.phones[update["handle"]].unstored.pop(update["n"], None)


@dataclass
class Phone:
    """One person's phone; seen by the people of the campaign as a page is."""

    network: Network
    name: str
    lines: list[Shown] = field(default_factory=list[Shown])
    unstored: dict[int, Frame] = field(default_factory=dict[int, Frame])
    refused: list[Frame] = field(default_factory=list[Frame])
    out_of_order: int = 0
    repeats: int = 0
    gone: str = ""
    _n: int = 0
    _after: int = 0
    _seen: set[str] = field(default_factory=set[str])

    def act(self, **what: str) -> int:
        self._n += 1
        frame = {"n": self._n, **what}
        self.unstored[self._n] = frame
        self.network.bring(self.name, frame)
        return self._n

    async def live(self) -> None:
        await asyncio.Event().wait()

    async def drop(self) -> None:
        """Her network is the messenger's concern."""

    def leave(self) -> None:
        self.gone = self.gone or "left"

    @property
    def of_the_guide(self) -> list[Shown]:
        return [line for line in self.lines if line.who == "guide"]

    @property
    def of_a_person(self) -> list[str]:
        return [line.text for line in self.lines if line.who == "person"]

    def takes(self, frame: Frame) -> None:
        """A message reached her screen, and every repeat of it too: it is counted."""
        if frame["id"] in self._seen:
            self.repeats += 1
            return
        self._seen.add(frame["id"])
        if frame["t"] == "new":
            self.out_of_order += frame["seq"] <= self._after
            self._after = max(self._after, frame["seq"])
            line = Shown(
                frame["id"], frame["seq"], frame["who"], frame["text"], tuple(frame["tokens"]), monotonic()
            )
            self.lines.append(line)


@asynccontextmanager
async def network() -> AsyncIterator[Network]:
    """A network that listens for as long as the block lasts."""
    made = Network()
    app = web.Application()
    app.add_routes([web.post("/read", made.read), web.post("/send", made.send)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.port = runner.addresses[0][1]
    try:
        yield made
    finally:
        await runner.cleanup()
