"""One way to drive any channel in the contract tests: her side, and the host's side."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from channels.message import Address, Choice, DeliveryState, OutboundKind, OutboundMessage
from channels.port import Channel
from channels.telegram.channel import Telegram, TelegramSettings
from tests.botapi.limits import Limits
from tests.botapi.phone import Phone
from tests.botapi.server import Double
from tests.botapi.world import World
from tests.contract.hook_server import HookServer
from tests.fakes.channel import FakeChannel, Person
from tests.matrix.line import line as matrix_line, people as matrix_people, woman as matrix_woman
from tests.matrix.peers import Peer
from tests.webchat.line import Line, line
from tests.webchat.page import Host, Page, until
from tests.webchat.reader import FormWoman, Reader


class Woman(Protocol):
    """Her side, whatever the channel."""

    async def types(self, text: str) -> str: ...
    async def taps(self, label: str) -> str: ...
    def texts(self) -> list[str]: ...
    def offers(self) -> list[str]: ...
    def sounds(self) -> int:
        """How often a phone could have sounded or lit up so far."""
        ...

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
    remotes: dict[str, str | None] = field(default_factory=dict[str, str | None])

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
        if "target" in more:
            plain["target_remote_id"] = self._remote(more["target"])
        return OutboundMessage(**plain | more)

    def _remote(self, target: str) -> str | None:
        """The network's id of an entry of ours or of an act of hers, as the host keeps it."""
        hers = {message.external_id: message.remote_id for message in self.host.messages}
        return self.remotes.get(target) or hers.get(target)

    async def says(self, text: str, *labels: str, **more: Any) -> OutboundMessage:
        message = self.message(text, *labels, **more)
        receipt = await self.channel.send(message)
        for _ in range(100):  # to a page that asks for its lines, the host sends again until it has asked
            if receipt.state is not DeliveryState.FAILED_FOR_NOW or receipt.retry_after is None:
                break
            await asyncio.sleep(0.02)
            receipt = await self.channel.send(message)
        assert receipt.state in (DeliveryState.SENT, DeliveryState.DELIVERED), receipt
        self.remotes[message.entry_id] = receipt.remote_id
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

    def sounds(self) -> int:
        return self.person.pushes

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

    def sounds(self) -> int:
        return 0  # a page has neither sound nor notice

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

    def sounds(self) -> int:
        return 0  # whether a notice sounds is her client's own choice: the capability table says so

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

    people = (f"woman{number}" for number in itertools.count())

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


@contextlib.asynccontextmanager
async def form_side() -> AsyncGenerator[Side, None]:
    women: list[FormWoman] = []
    async with line(answer_within=0.05, stored_within=0.05) as running:

        async def bring() -> Woman:
            reader = Reader(running, running.visit())
            await reader.begins()
            her = FormWoman(reader)
            women.append(her)
            her.look()
            return her

        try:
            yield _web(running, bring)
        finally:
            for her in women:
                await her.disconnects()


def _web(running: Line, bring: Callable[[], Awaitable[Woman]]) -> Side:
    return Side(running.chat, running.host, bring, running.deafen, running.listen)


@dataclass
class TelegramWoman:
    """Her side of the Bot API's double: a phone."""

    phone: Phone

    async def types(self, text: str) -> str:
        return f"m{self.phone.user.id}.{self.phone.writes(text)}"

    async def taps(self, label: str) -> str:
        return f"c{self.phone.taps(label)}"

    def texts(self) -> list[str]:
        """Her lines and the bot's; a person's words without the alias that stands before them."""
        return [text.removeprefix("Maria: ") for text in self.phone.texts()]

    def offers(self) -> list[str]:
        return [label.partition(" ")[2] for label in self.phone.offers()]

    def sounds(self) -> int:
        return sum(notice.sounding for notice in self.phone.notices)

    async def disconnects(self) -> None:
        raise AssertionError("the network itself keeps messages for her")

    reconnects = leaves = disconnects


@contextlib.asynccontextmanager
async def telegram_side(mode: str) -> AsyncGenerator[Side, None]:
    double = Double(World(limits=Limits.off()))
    await double.start()
    bot = double.world.add_bot()
    host = Host()
    hook = await HookServer.open() if mode == "webhook" else None
    chat = Telegram(
        TelegramSettings(
            bot.token,
            double.url,
            webhook_url=f"{hook.url}/telegram/updates" if hook else None,
            webhook_secret="s3cret" if hook else "",
            limited=False,
        ),
        clock=lambda: datetime.now(UTC),
        monotonic=monotonic,
        mark_key=b"k" * 32,
    )
    if hook:
        hook.serve(chat)
    tasks: list[asyncio.Task[None]] = []

    def listen() -> None:
        tasks.append(asyncio.create_task(chat.listen(host.cursor, host.sink)))

    async def stop() -> None:
        task = tasks.pop()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def bring() -> Woman:
        return TelegramWoman(double.phone(bot))

    listen()
    try:
        yield Side(chat, host, bring, stop, listen)
        assert double.world.strange == set()
    finally:
        if tasks:
            await stop()
        await chat.close()
        if hook:
            await hook.close()
        await double.stop()


SIDES: dict[str, Callable[[], contextlib.AbstractAsyncContextManager[Side]]] = {
    "fake as web": lambda: fake_side("web"),
    "fake as telegram": lambda: fake_side("telegram"),
    "fake as matrix": lambda: fake_side("matrix"),
    "web by socket": lambda: web_side("socket"),
    "web by long poll": lambda: web_side("poll"),
    "web by forms": form_side,
    "telegram by polling": lambda: telegram_side("polling"),
    "telegram by webhook": lambda: telegram_side("webhook"),
    "matrix": matrix_side,
}
"""Every adapter is added here; what it cannot do, its capability table must say."""
