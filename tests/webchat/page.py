"""A page without a browser: the wire of the web chat as the page's script speaks it."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from channels.message import Batch, InboundMessage

Frame = dict[str, Any]


def written(frame: Frame) -> str:
    """JSON as a browser writes it: letters as they are."""
    return json.dumps(frame, ensure_ascii=False)


async def until(true: Callable[[], object], within: float = 5.0) -> None:
    """Returns once `true()` holds; fails with what was waited for."""
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.01)


@dataclass
class Host:
    """Stores batches in memory, each act once, as the real host does; can refuse to."""

    batches: list[Batch] = field(default_factory=list[Batch])
    messages: list[InboundMessage] = field(default_factory=list[InboundMessage])
    offered: list[str] = field(default_factory=list[str])
    refuse: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Callable[[InboundMessage], Coroutine[Any, Any, None]] | None = None
    cursor: str | None = None

    def __post_init__(self) -> None:
        self.gate.set()

    async def sink(self, batch: Batch) -> None:
        await self.gate.wait()
        if self.refuse:
            raise RuntimeError("the database is away")
        self.batches.append(batch)
        self.cursor = batch.cursor
        for message in batch.messages:
            self.offered.append(message.external_id)
            if message.external_id in {known.external_id for known in self.messages}:
                continue
            self.messages.append(message)
            if self.answer is not None:
                asyncio.get_running_loop().create_task(self.answer(message))

    def all(self, kind: str) -> list[Any]:
        """Everything of one kind that came, e.g. "seen"."""
        return [one for batch in self.batches for one in getattr(batch, kind)]


@dataclass
class Page:
    """One open page. `mode` is "socket" or "poll"."""

    base: str
    visit: aiohttp.ClientSession
    mode: str = "socket"
    view: str = ""
    after: int = 0
    n: int = 0
    unstored: dict[int, Frame] = field(default_factory=dict[int, Frame])
    lines: list[Frame] = field(default_factory=list[Frame])
    frames: list[Frame] = field(default_factory=list[Frame])
    unseen: list[str] = field(default_factory=list[str])
    sees: bool = True
    _shown: set[str] = field(default_factory=set[str])
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _task: "asyncio.Task[None] | None" = None

    @property
    def origin(self) -> dict[str, str]:
        return {"Origin": self.base}

    async def open(self) -> None:
        async with self.visit.post(f"{self.base}/open", json={}, headers=self.origin) as answer:
            assert answer.status == 200, await answer.text()
            self.view = (await answer.json())["view"]
        await self.connect()

    async def connect(self) -> None:
        if self.mode == "socket":
            self._socket = await self.visit.ws_connect(f"{self.base}/socket", headers=self.origin)
            await self.put({"t": "hello", "view": self.view, "after": self.after})
            for frame in list(self.unstored.values()):
                await self.put(frame)
            self._task = asyncio.create_task(self._read(self._socket))
        else:
            self._task = asyncio.create_task(self._poll())

    async def disconnect(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def put(self, frame: Frame) -> None:
        assert self._socket is not None
        await self._socket.send_str(written(frame))

    async def types(self, text: str) -> str:
        return await self._act({"kind": "text", "text": text}, text)

    async def taps(self, label: str) -> str:
        offered = [choice for line in self.lines for choice in line.get("choices", [])]
        token = next(choice["token"] for choice in offered if choice["label"] == label)
        return await self._act({"kind": "choice", "choice": token}, label)

    async def _act(self, made: Frame, shown: str) -> str:
        self.n += 1
        frame = {"t": "act", "n": self.n, **made}
        self.unstored[self.n] = frame
        self.lines.append({"id": f"{self.view}.{self.n}", "text": shown, "who": "her"})
        if self._socket is not None:
            await self.put(frame)
        elif self.mode == "poll" and self._task is not None:
            await self.disconnect()
            await self.connect()
        return f"{self.view}.{self.n}"

    async def pings(self) -> None:
        if self.mode == "socket":
            await self.put({"t": "ping"})

    def texts(self) -> list[str]:
        return [line["text"] for line in self.lines]

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for raw in socket:
            await self._take(json.loads(raw.data))
            if self.unseen and not socket.closed:
                await self.put({"t": "seen", "ids": self.unseen})
                self.unseen = []

    async def _poll(self) -> None:
        while True:
            seen, frames = list(self.unseen), list(self.unstored.values())
            frames += [{"t": "seen", "ids": seen}] if seen else []
            asked = {"view": self.view, "after": self.after, "visible": True, "frames": frames}
            async with self.visit.post(
                f"{self.base}/poll", data=written(asked), headers=self.origin
            ) as answer:
                told = await answer.json()
                if answer.status != 200:
                    await asyncio.sleep(0.05)
                    continue
            self.unseen = [one for one in self.unseen if one not in seen]
            for frame in told["frames"]:
                await self._take(frame)
                if frame["t"] in ("gone", "moved"):
                    return

    async def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame["t"] in ("ack", "refused"):
            self.unstored.pop(frame["n"], None)
        if frame["t"] in ("gone", "moved"):
            self.lines.clear()
        if "id" not in frame:
            return
        if self.sees and frame["seq"]:
            self.unseen.append(frame["id"])
        self.after = max(self.after, frame["seq"])
        if frame["id"] in self._shown:
            return
        self._shown.add(frame["id"])
        self._apply(frame)

    def _apply(self, frame: Frame) -> None:
        match frame["t"]:
            case "line":
                self.lines.append(frame)
            case "edit":
                for line in self.lines:
                    if line["id"] == frame["of"]:
                        line |= {"text": frame["text"], "choices": frame["choices"]}
            case "delete":
                self.lines = [line for line in self.lines if line["id"] != frame["of"]]
            case _:
                raise AssertionError(frame)
