"""Her words on the web: the same browser comes back over the real page, cookie and all (B-020)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from bot.store import tables as t
from channels.message import Address, Batch, Capabilities, OutboundMessage, Receipt
from channels.webchat.channel import CAPABILITIES
from handoff.model import Outcome
from tests.fakes.channel import FakeChannel
from tests.town import Town
from tests.webchat.line import Line, line
from tests.webchat.page import Host, Page, until

RIGHT = ("apple", "river", "cloud", "green")
WRONG = ("bridge", "button", "train", "seven")
ASKED = "agreed on four words with us before. Did you?"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept and who is told is the matter here; how slow a hash is, tests of the vault say."""
    monkeypatch.setattr("tests.town.hash_secret", lambda words: f"${words}")
    monkeypatch.setattr("tests.town.verify_secret", lambda known, words: known == f"${words}")


@dataclass
class Door:
    """The web chat as the town's channel: what pages bring waits here for the town's intake."""

    _updates: list[Any] = field(default_factory=list[Any])
    line: Line | None = None

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def send(self, message: OutboundMessage) -> Receipt:
        return await self._chat.send(message)

    async def forget(self, address: Address, *, for_good: bool) -> None:
        await self._chat.forget(address, for_good=for_good)

    @property
    def _chat(self) -> Any:
        assert self.line is not None
        return self.line.chat


@dataclass
class TownHost(Host):
    """Stores what pages bring in the town and plays its loops, one thing at a time."""

    town: Town = field(kw_only=True)
    door: Door = field(kw_only=True)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sink(self, batch: Batch) -> None:
        await super().sink(batch)
        async with self.turn:
            self.door._updates += [
                *batch.messages, *batch.presences, *batch.reconnections, *batch.seen, *batch.left
            ]  # fmt: skip
            await self.town.intake()
        asyncio.get_running_loop().create_task(self.plays())

    async def plays(self) -> None:
        async with self.turn:
            await self.town.settle()


@dataclass
class Web:
    """The town with the real page before it."""

    town: Town
    host: TownHost
    line: Line

    async def browser(self) -> aiohttp.ClientSession:
        return self.line.visit()

    async def opens(self, browser: aiohttp.ClientSession) -> Page:
        page = Page(self.line.base, browser)
        self.line.pages.append(page)
        await page.open()
        await self.reads(page, "Is now a good time")
        return page

    async def reads(self, page: Page, wanted: str) -> None:
        await until(lambda: any(wanted in text for text in page.texts()))

    async def taps(self, page: Page, *labels: str) -> None:
        for label in labels:
            await until(lambda wanted=label: _offers(page, wanted))
            token = _offers(page, label)[-1]
            page.n += 1
            frame = {"t": "act", "n": page.n, "kind": "choice", "choice": token}
            await page.put(frame)
            await until(lambda n=page.n: _is_met(page, n))
            await self.rests(page)

    async def rests(self, page: Page) -> None:
        """Until nothing moves between page and town any more."""
        still, before = 0, -1
        while still < 3:
            await asyncio.sleep(0.02)
            async with self.host.turn:
                still = still + 1 if len(page.frames) == before else 0
                before = len(page.frames)

    async def passes(self, **by: float) -> None:
        async with self.host.turn:
            await self.town.passes(**by)
        self.line.clock.ahead = self.town.clock.elapsed
        self.line.chat.reception.sweep()

    async def returns_with(self, browser: aiohttp.ClientSession, words: tuple[str, ...]) -> Page:
        """The safe check comes first, then the notice, then the question everybody is asked."""
        page = await self.opens(browser)
        assert page.texts() == ["Hi. Is now a good time to write here?"]
        await self.taps(page, "Yes", "No", "OK, go on")
        await self.reads(page, ASKED)
        await self.taps(page, "Yes", *words)
        return page


def _offers(page: Page, wanted: str) -> list[str]:
    choices = [choice for line in page.lines for choice in line.get("choices", [])]
    return [choice["token"] for choice in choices if wanted in (choice["label"], choice["token"])]


def _told(page: Page) -> list[tuple[str, Any]]:
    """All this page was told, without ids and numbers."""
    return [
        (f.get("text", f["t"]), f.get("choices")) for f in page.frames if f["t"] in ("line", "edit", "delete")
    ]


@asynccontextmanager
async def web(town: Town, door: Door) -> AsyncIterator[Web]:
    host = TownHost(town=town, door=door)
    async with line(host) as running:
        door.line = running
        yield Web(town, host, running)
        async with host.turn:
            pass


@pytest.fixture
async def on_the_web(quick_folder: Path) -> AsyncIterator[Web]:
    door = Door()
    channels = {"web": cast("FakeChannel", door)}  # all the town asks of a channel, the door answers
    town = Town(quick_folder, f"sqlite:///{quick_folder}/hotline.db", channels)
    async with web(town, door) as running:
        yield running
    town.closes()


def _is_met(page: Page, n: int) -> bool:
    """Whether the page knows that an act of hers is stored; a page that is told to go needs no word of it."""
    return {"t": "ack", "n": n} in page.frames or page.frames[-1]["t"] == "gone"


async def _sets_words(web: Web, browser: aiohttp.ClientSession) -> Page:
    page = await web.opens(browser)
    await web.taps(page, "Yes", "Not sure", "Agree on words", *RIGHT)
    assert web.town.count("phrase.set") >= 1
    return page


async def _closed(web: Web) -> None:
    await until(lambda: all(row.stage == "closed" for row in web.town.rows(t.conversation)))


async def test_after_a_quiet_quarter_of_an_hour_the_right_words_bring_back_what_waited(
    on_the_web: Web,
) -> None:
    web, browser = on_the_web, await on_the_web.browser()
    page = await _sets_words(web, browser)
    await web.taps(page, "Go on here", "OK, go on", "No", "Yes", "About me", "Talk to a person", "Yes")
    async with web.host.turn:
        chat = web.town.accept("Maple")
        chat.writes("first")
        await web.town.settle()
    await page.disconnect()
    async with web.host.turn:
        await web.town.passes(minutes=3)
        chat.writes("you can come on Monday")
        chat.closes(Outcome.TALKED)
    await web.passes(minutes=16)
    await _closed(web)

    back = await web.returns_with(browser, RIGHT)
    assert "you can come on Monday" in back.texts()
    assert "Thank you. It is good that you are here again." in back.texts()
    (talk,) = web.town.rows(t.conversation, t.conversation.c.stage != "closed")
    assert [row.id for row in web.town.rows(t.contact)] == [talk.contact]


async def test_after_that_is_all_wrong_words_read_as_a_strangers_to_the_byte(on_the_web: Web) -> None:
    web, browser = on_the_web, await on_the_web.browser()
    page = await _sets_words(web, browser)
    await page.disconnect()
    page = await web.opens(browser)
    await web.taps(page, "Yes", "No", "Only information", "That is all", "Leave the numbers")
    await web.passes(minutes=2)
    await _closed(web)
    wrong = await web.returns_with(browser, WRONG)
    stranger = await web.returns_with(await web.browser(), RIGHT)
    assert _told(wrong) == _told(stranger)
    assert "Thank you. Let us go on from here." in wrong.texts()


async def test_an_answer_that_comes_to_a_dead_page_belongs_to_a_new_conversation(on_the_web: Web) -> None:
    web, browser = on_the_web, await on_the_web.browser()
    page = await web.opens(browser)
    await web.taps(page, "Yes", "No", "OK, go on")
    (before,) = web.town.rows(t.conversation)
    await page.disconnect()
    web.town.clock.move(minutes=15, seconds=1)  # the deadline itself comes up to a minute later
    web.line.clock.ahead = web.town.clock.elapsed
    web.line.chat.reception.sweep()
    back = await web.opens(browser)
    assert back.texts() == ["Hi. Is now a good time to write here?"]
    await web.taps(back, "Yes", "No")
    assert ASKED not in "".join(back.texts())
    (talk,) = web.town.rows(t.conversation, t.conversation.c.stage != "closed")
    assert talk.id != before.id
    assert [frame for frame in back.frames if frame["t"] == "gone"] == []


@pytest.mark.parametrize("word", ["hide", "stop"])
async def test_hide_and_stop_end_the_address_for_good(on_the_web: Web, word: str) -> None:
    web, browser = on_the_web, await on_the_web.browser()
    page = await _sets_words(web, browser)
    handle = [cookie.value for cookie in browser.cookie_jar]
    await page.types(word)
    await until(lambda: page.frames[-1] == {"t": "gone", "to": "exit"})
    await web.opens(browser)
    assert [cookie.value for cookie in browser.cookie_jar] != handle


async def test_remove_all_at_a_close_takes_the_screen_and_not_the_way_back(on_the_web: Web) -> None:
    web, browser = on_the_web, await on_the_web.browser()
    page = await _sets_words(web, browser)
    await page.disconnect()
    page = await web.opens(browser)
    await web.taps(page, "Yes", "No", "Only information", "That is all", "Remove all")
    await until(lambda: page.frames[-1] == {"t": "gone", "to": "away"})
    back = await web.returns_with(browser, RIGHT)
    assert "Thank you. It is good that you are here again." in back.texts()
