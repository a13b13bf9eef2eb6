"""The running outbox loop: what is on the wire when she hides, or when someone else holds the phone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.observability.metrics import Metrics
from bot.services import desk
from bot.services.intake import take_batch
from bot.store.store import Store
from bot.workers import outbox
from bot.workers.aftermath import Aftermath
from bot.workers.outbox import OutboxLoop
from bot.workers.wakes import Wakes
from channels.message import OutboundKind, OutboundMessage, Receipt
from tests.fakes.channel import TABLES, FakeChannel, Person
from tests.services.walks import in_a_chat, lines_of
from tests.town import Chat, Town, batch_of

COVER = "Thank you. There is nothing new at the moment."


class Slow(FakeChannel):
    """A network that takes its time: each send waits for a word of the test."""

    def __init__(self) -> None:
        super().__init__("telegram", TABLES["telegram"])
        self.held = False
        self.on_wire: list[str] = []
        self.goes = asyncio.Event()

    async def send(self, message: OutboundMessage) -> Receipt:
        if message.kind is OutboundKind.DELETE:
            return await super().send(message)
        self.on_wire.append(message.text)
        if self.held:
            await self.goes.wait()
        return await super().send(message)


class Scene:
    """Ann and Maple in a chat, Bea and Juniper in another; all that follows a commit runs."""

    def __init__(self, town: Town, network: Slow, them: list[tuple[Person, Chat]], store: Store) -> None:
        self.town, self.network = town, network
        (self.bea, self.other), (self.ann, self.chat) = them
        self.wakes, metrics = Wakes(), Metrics()
        self.aftermath = Aftermath({"telegram": network}, metrics)
        self.loop = OutboxLoop(network, store, town.house, town.clock, self.wakes, metrics)
        self.aftermath.on_hide(self.loop.overtake)

    async def two_lines_one_on_the_wire(self) -> None:
        self.network.held = True
        self.network.on_wire.clear()
        for text in ("first line", "second line"):
            self.chat.writes(text)
        self.wakes.outbox.set()
        await until(lambda: self.network.on_wire == ["first line"])

    def hides(self, word: str = "hide") -> None:
        self.ann.types(word)
        batch = batch_of("telegram", self.network._updates[-1:])
        writes = self.town.write(lambda c: take_batch(c, self.town.house, batch, self.town.now))
        self.aftermath.follow(tuple(writes.after))
        self.wakes.outbox.set()

    async def rests(self) -> None:
        self.network.held = False
        self.network.goes.set()
        await self.aftermath.close()
        await until(lambda: not {"pending", "sending"} & set(states_of(self.town)))


def states_of(town: Town) -> list[str]:
    return [row.state for row in town.rows(desk.t.outbox)]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Scene]:
    network = Slow()
    folder.mkdir()
    town = Town(folder, f"sqlite:///{folder}/hotline.db", {"telegram": network})
    pairs = (("bea", "Juniper"), ("ann", "Maple"))
    them = [await in_a_chat(town, her, "telegram", with_whom=whom) for her, whom in pairs]
    with Store(town.engine) as store:
        scene = Scene(town, network, them, store)
        task = asyncio.ensure_future(scene.loop.run())
        try:
            yield scene
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("word", ["hide", "stop"])
async def test_of_two_lines_on_their_way_when_she_hides_none_stays(tmp_path: Path, word: str) -> None:
    async with running(tmp_path / "town") as scene:
        await scene.two_lines_one_on_the_wire()
        scene.hides(word)
        await scene.rests()
        assert "second line" not in scene.network.on_wire
        assert lines_of(scene.ann) == ""


async def test_of_two_lines_on_their_way_when_someone_else_holds_the_phone_none_stays(tmp_path: Path) -> None:
    async with running(tmp_path / "town") as scene:
        await scene.two_lines_one_on_the_wire()
        town, chat = scene.town, scene.chat
        after = town.write(
            lambda c: desk.someone_else(c, town.house, chat.handoff, chat.person, chat.version, town.now)
        )
        scene.aftermath.follow(after)
        await scene.rests()
        assert "second line" not in scene.network.on_wire
        assert lines_of(scene.ann) == COVER


async def test_a_screen_is_emptied_while_words_of_others_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SENDS_AT_ONCE", 1)
    async with running(tmp_path / "town") as scene:
        scene.network.held = True
        scene.network.on_wire.clear()
        scene.other.writes("to the other")
        scene.wakes.outbox.set()
        await until(lambda: scene.network.on_wire == ["to the other"])
        scene.chat.writes("waits behind it")
        scene.wakes.outbox.set()
        await until(lambda: len(scene.loop._queued) == 1)
        scene.hides()
        await until(lambda: lines_of(scene.ann) == "")
        assert scene.network.on_wire == ["to the other"]
        await scene.rests()
        assert "to the other" in lines_of(scene.bea)
