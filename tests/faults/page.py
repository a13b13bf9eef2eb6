"""Her page, as `wire.js` does it: acts kept until stored, lines asked for from the last one held."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import aiohttp

Frame = dict[str, Any]
AGAIN = 0.03  # seconds before a lost connection is tried again; a real page waits ten times as long


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as it came."""

    id: str
    sequence: int
    who: str
    text: str
    tokens: tuple[str, ...]
    at: float


@dataclass
class Page:
    """One page of one visitor, over real sockets."""

    origin: str
    source: str
    lines: list[Shown] = field(default_factory=list[Shown])
    unstored: dict[int, Frame] = field(default_factory=dict[int, Frame])
    stored_at: dict[int, float] = field(default_factory=dict[int, float])
    refused: list[Frame] = field(default_factory=list[Frame])
    out_of_order: int = 0
    repeats: int = 0
    connections: int = 0
    gone: str = ""
    doors: list[str] = field(default_factory=list[str])  # of several processes behind one origin
    _n: int = 0
    _after: int = 0
    _view: str = ""
    _seen: set[str] = field(default_factory=set[str])
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _out: "asyncio.Queue[Frame]" = field(default_factory=asyncio.Queue)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def live(self) -> None:
        """Open, and stay connected until cancelled or told that it is over."""
        headers = {"Origin": self.origin, "X-Forwarded-For": self.source, "Accept-Language": "en"}
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(headers=headers, cookie_jar=jar) as client:
            while not self._view:
                with suppress(aiohttp.ClientError, OSError):
                    async with client.post(f"{self._door()}/open", json={}) as answer:
                        if answer.status == 200:
                            self._view = (await answer.json())["view"]
                await asyncio.sleep(0 if self._view else AGAIN)
            while not self.gone:
                with suppress(aiohttp.ClientError, OSError):
                    async with client.ws_connect(f"{self._door()}/socket") as socket:
                        self.connections += 1
                        await self._converse(socket)
                await asyncio.sleep(AGAIN)

    def _door(self) -> str:
        """Where to knock; after a failure at the next one, as a front leads her."""
        if not self.doors:
            return self.origin
        self.doors.append(self.doors.pop(0))
        return self.doors[-1]

    def act(self, **what: str) -> int:
        """Her act, kept until it is stored."""
        self._n += 1
        frame = {"t": "act", "n": self._n, **what}
        self.unstored[self._n] = frame
        if self._socket is not None:
            self._out.put_nowait(frame)
        return self._n

    async def drop(self) -> None:
        """Her network goes away for a moment."""
        if self._socket is not None:
            await self._socket.close()

    def leave(self) -> None:
        """Take no further part."""
        self.gone = self.gone or "left"

    async def changes(self) -> None:
        """Wait until something came."""
        await self._changed.wait()
        self._changed.clear()

    @property
    def of_the_guide(self) -> list[Shown]:
        return [line for line in self.lines if line.who == "guide"]

    @property
    def of_a_person(self) -> list[str]:
        return [line.text for line in self.lines if line.who == "person"]

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._out = asyncio.Queue()
        for frame in (
            {"t": "hello", "view": self._view, "after": self._after},
            *self.unstored.values(),
            {"t": "ping"},
        ):
            self._out.put_nowait(frame)
        sending = asyncio.ensure_future(_send(socket, self._out))
        self._socket = socket
        try:
            async for raw in socket:
                if raw.type is not aiohttp.WSMsgType.TEXT:
                    return
                self._take(json.loads(raw.data))
        finally:
            self._socket = None
            sending.cancel()

    def _take(self, frame: Frame) -> None:
        kind = frame["t"]
        if kind == "ack":
            self.unstored.pop(frame["n"], None)
            self.stored_at.setdefault(frame["n"], monotonic())
        elif kind == "refused":
            self.refused.append(frame)
        elif kind in {"moved", "gone"}:
            self.gone = kind
        elif kind in {"line", "edit", "delete"}:
            self._show(frame)
            self._out.put_nowait({"t": "seen", "ids": [frame["id"]]})
        self._changed.set()

    def _show(self, frame: Frame) -> None:
        if frame["id"] in self._seen:
            self.repeats += 1
            return
        self._seen.add(frame["id"])
        if frame["t"] == "line" and frame["seq"]:
            self.out_of_order += frame["seq"] <= self._after
            tokens = tuple(choice["token"] for choice in frame["choices"])
            self.lines.append(
                Shown(frame["id"], frame["seq"], frame["who"], frame["text"], tokens, monotonic())
            )
        self._after = max(self._after, frame["seq"])


async def _send(socket: aiohttp.ClientWebSocketResponse, out: "asyncio.Queue[Frame]") -> None:
    with suppress(aiohttp.ClientError, OSError, RuntimeError):
        while True:
            await socket.send_str(json.dumps(await out.get()))
