"""One way to drive any channel in the contract tests: her side, and the host's side."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from channels.message import Address, Choice, DeliveryState, OutboundKind, OutboundMessage
from channels.port import Channel
from tests.fakes.channel import FakeChannel, Person
from tests.matrix.line import line as matrix_line, people as matrix_people, woman as matrix_woman
from tests.matrix.peers import Peer
from tests.webchat.line import Line, line
from tests.webchat.page import Host, Page, until


class Woman(Protocol):
    """Her side, whatever the channel."""

    async def types(self, text: str) -> str: ...
    async def taps(self, label: str) -> str: ...
    def texts(self) -> list[str]: ...
    def offers(self) -> list[str]: ...
    async def disconnects(self) -> None: ...
    async def reconnects(self) -> None: ...
    async def leaves(self) -> None: ...


@dataclass
class Side:
    """A channel that listens, its host, and a way to bring people to it."""

    channel: Channel
    host: Host
    _bring: Callable[[], Awaitable[Woman]]
    stop_listening: Callable[[], Awaitable[None]]
    listen_again: Callable[[], None]
    sent: int = 0
    _remotes: dict[str, str | None] = field(default_factory=dict[str, str | None])

    async def woman(self) -> Woman:
        """She comes and writes once, so that the host knows her address."""
        arrived = await self._bring()
        before = len(self.host.messages)
        await arrived.types("hello")
        await until(lambda: any(m.text == "hello" for m in self.host.messages[before:]))
        return arrived

    @property
    def address(self) -> Address:
        return self.host.messages[-1].address

    def message(self, text: str, *labels: str, **more: Any) -> OutboundMessage:
        self.sent += 1
        plain: dict[str, Any] = {
            "entry_id": f"e{self.sent}",
            "address": self.address,
            "kind": OutboundKind.NEW,
            "sequence": self.sent,
            "text": text,
            "choices": tuple(Choice(f"step.{label}", label) for label in labels),
        }
        message = OutboundMessage(**plain | more)
        if message.target is None or message.target_remote_id is not None:
            return message
        # The host knows the network's id of what an edit or a deletion means.
        hers = {m.external_id: m.remote_id for m in self.host.messages}
        return replace(message, target_remote_id=(self._remotes | hers).get(message.target))

    async def says(self, text: str, *labels: str, **more: Any) -> OutboundMessage:
        message = self.message(text, *labels, **more)
        receipt = await self.channel.send(message)
        assert receipt.state in (DeliveryState.SENT, DeliveryState.DELIVERED), receipt
        self._remotes[message.entry_id] = receipt.remote_id
        return message


@dataclass
class FakeWoman:
    """Her side of the fake."""

    person: Person

    async def types(self, text: str) -> str:
        return self.person.types(text)

    async def taps(self, label: str) -> str:
        return self.person.taps(label)

    def texts(self) -> list[str]:
        return self.person.texts()

    def offers(self) -> list[str]:
        return [choice.label for line in self.person.screen for choice in line.choices]

    async def disconnects(self) -> None:
        self.person.disconnects()

    async def reconnects(self) -> None:
        self.person.reconnects()

    async def leaves(self) -> None:
        self.person.leaves()


@dataclass
class WebWoman:
    """Her side of the web page."""

    page: Page

    async def types(self, text: str) -> str:
        return await self.page.types(text)

    async def taps(self, label: str) -> str:
        return await self.page.taps(label)

    def texts(self) -> list[str]:
        return self.page.texts()

    def offers(self) -> list[str]:
        return [choice["label"] for line in self.page.lines for choice in line.get("choices", [])]

    async def disconnects(self) -> None:
        await self.page.disconnect()

    async def reconnects(self) -> None:
        await self.page.connect()

    async def leaves(self) -> None:
        page = self.page
        async with page.visit.post(
            f"{page.base}/leave", json={"view": page.view}, headers=page.origin
        ) as answer:
            assert answer.status == 204


@dataclass
class MatrixWoman:
    """Her side of a room: what stands on her screen is looked at over and over."""

    peer: Peer
    room: str
    _screen: list[str] = field(default_factory=list[str])
    _looking: "asyncio.Task[None] | None" = None

    def look(self) -> None:
        self._looking = asyncio.create_task(self._look())

    async def look_away(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self) -> None:
        while True:
            self._screen = await self.peer.lines(self.room)
            await asyncio.sleep(0.05)

    async def types(self, text: str) -> str:
        return await self.peer.says(self.room, text)

    async def taps(self, label: str) -> str:
        raise AssertionError(f"there is nothing to tap: {label}")

    def texts(self) -> list[str]:
        return self._screen

    def offers(self) -> list[str]:
        return []

    async def disconnects(self) -> None:
        raise AssertionError("the homeserver keeps her messages for her")

    async def reconnects(self) -> None:
        raise AssertionError("the homeserver keeps her messages for her")

    async def leaves(self) -> None:
        await self.peer("leave", room=self.room)


@contextlib.asynccontextmanager
async def matrix_side() -> AsyncGenerator[Side, None]:
    women: list[MatrixWoman] = []
    async with matrix_line() as running, matrix_people() as peers:

        async def bring() -> Woman:
            peer = await matrix_woman(peers)
            her = MatrixWoman(peer, await peer.opens(running.user))
            women.append(her)
            her.look()
            return her

        try:
            yield Side(running.channel, running.host, bring, running.deafen, running.listen)
        finally:
            for her in women:
                await her.look_away()


@contextlib.asynccontextmanager
async def fake_side(name: str) -> AsyncGenerator[Side, None]:
    channel = FakeChannel(name)
    host = Host()
    tasks: list[asyncio.Task[None]] = []

    def listen() -> None:
        tasks.append(asyncio.create_task(channel.listen(host.cursor, host.sink)))

    async def stop() -> None:
        task = tasks.pop()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    people = iter(("ann", "bea", "cat"))

    async def bring() -> Woman:
        return FakeWoman(channel.person(next(people)))

    listen()
    try:
        yield Side(channel, host, bring, stop, listen)
    finally:
        if tasks:
            await stop()
        await channel.close()


@contextlib.asynccontextmanager
async def web_side(mode: str) -> AsyncGenerator[Side, None]:
    async with line() as running:

        async def bring() -> Woman:
            return WebWoman(await running.page(mode))

        yield _web(running, bring)


def _web(running: Line, bring: Callable[[], Awaitable[Woman]]) -> Side:
    return Side(running.chat, running.host, bring, running.deafen, running.listen)


SIDES: dict[str, Callable[[], contextlib.AbstractAsyncContextManager[Side]]] = {
    "fake as web": lambda: fake_side("web"),
    "fake as telegram": lambda: fake_side("telegram"),
    "fake as matrix": lambda: fake_side("matrix"),
    "web by socket": lambda: web_side("socket"),
    "web by long poll": lambda: web_side("poll"),
    "matrix": matrix_side,
}
"""Every adapter is added here; what it cannot do, its capability table must say."""
