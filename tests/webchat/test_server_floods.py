"""Floods over the wire: slowed, gathered, answered with the number; nobody is turned away."""

import asyncio
from datetime import timedelta

import pytest

from channels.message import InboundKind
from channels.webchat import floods, gathering
from channels.webchat.floods import Pace
from channels.webchat.protocol import Act
from channels.webchat.reception import Reception
from channels.webchat.views import View
from channels.webchat.words import ENGLISH
from tests.webchat.line import line
from tests.webchat.page import Host, Page, until


def _texts(host: Host) -> list[str]:
    return [m.text for m in host.messages if m.kind is InboundKind.TEXT]


def _frames(page: Page, kind: str) -> list[dict[str, object]]:
    return [frame for frame in page.frames if frame["t"] == kind]


async def test_a_fast_page_is_slowed_and_every_act_is_stored_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(floods, "BREATH", timedelta(seconds=0.01))
    async with line(acts_per_ten_seconds=5) as chat:
        page = await chat.page()
        for n in range(30):
            await page.types(f"act {n}")
        await until(lambda: len(_texts(chat.host)) == 30)
        assert _texts(chat.host) == [f"act {n}" for n in range(30)]
        assert _frames(page, "slow")[0]["text"] == ENGLISH.slow
        await until(lambda: not page.unstored)


async def test_the_same_act_over_and_over_in_a_flood_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "BREATH", timedelta(seconds=0.01))
    async with line(acts_per_ten_seconds=5) as chat:
        page = await chat.page()
        for _ in range(40):
            await page.types("aaaa")
        await until(lambda: not page.unstored)
        assert _texts(chat.host) == ["aaaa"] * 5


async def test_the_same_tap_on_two_lines_in_a_flood_is_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "BREATH", timedelta(seconds=0.01))
    async with line(acts_per_ten_seconds=5) as chat:
        page = await chat.page()
        for _ in range(8):  # as on the grid of words, where the fourth of each row has one token
            await page._act({"kind": "choice", "choice": "grid.4"}, "a word")
        await until(lambda: not page.unstored)
        assert [m.choice for m in chat.host.messages if m.choice] == ["grid.4"] * 8


async def test_a_flood_of_new_pages_is_answered_with_the_emergency_number_and_nobody_is_refused() -> None:
    busy = {"en": "It is busy. Emergency: 112."}
    async with line(pages_per_source=2, busy=busy) as chat:
        for _ in range(2):
            await chat.page()
        await until(lambda: len(chat.host.messages) == 2)
        late = await chat.page()
        await until(lambda: late.texts() == [busy["en"]])
        await asyncio.sleep(0.2)
        assert len(chat.host.messages) == 2  # not called before she does something
        await late.types("help now")
        await until(lambda: _texts(chat.host) == ["help now"])
        assert [m.kind for m in chat.host.messages[2:]] == [InboundKind.ARRIVED, InboundKind.TEXT]
        assert late.texts() == [busy["en"], "help now", busy["en"]]
        assert chat.host.all("seen") == []


@pytest.mark.parametrize("mode", ["socket", "poll"])
async def test_a_flooded_page_is_served_like_any_other_by_either_wire(mode: str) -> None:
    async with line(pages_per_source=0) as chat:
        page = await chat.page(mode)
        await until(lambda: page.texts() == [ENGLISH.busy])
        await page.types("one")
        await until(lambda: _texts(chat.host) == ["one"])
        await page.types("two")
        await until(lambda: _texts(chat.host) == ["one", "two"])
        assert page.texts().count(ENGLISH.busy) == 2


async def test_many_flooded_pages_are_let_through_slowly_but_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "SLOW_EVERY", 0.1)
    async with line(pages_per_source=0) as chat:
        pages = [await chat.page() for _ in range(8)]
        for n, page in enumerate(pages):
            await page.types(f"woman {n}")
        await until(lambda: len(_texts(chat.host)) == 8)
        assert all(len(b.messages) <= gathering.SLOW_AT_ONCE for b in chat.host.batches)


async def test_when_too_much_waits_nothing_is_taken_and_nothing_is_lost() -> None:
    async with line(max_waiting=3) as chat:
        page = await chat.page()
        await until(lambda: chat.host.messages)
        chat.host.gate.clear()
        for n in range(6):
            await page.types(str(n))
            await asyncio.sleep(0.02)
            if page._socket is not None and page._socket.closed:
                page._socket = None
        assert page._socket is None  # told to try later
        chat.host.gate.set()
        for _ in range(10):  # as the page's script does, until all is stored
            await page.disconnect()
            await page.connect()
            await asyncio.sleep(0.1)
        assert page.unstored == {}
        assert _texts(chat.host) == [str(n) for n in range(6)]


async def test_no_room_for_one_more_page_still_tells_the_number() -> None:
    async with line(max_views=1, busy={"en": "Emergency: 112."}) as chat:
        page = await chat.page()
        await page.types("I am here")
        await until(lambda: _texts(chat.host))
        async with chat.visit().post(f"{chat.base}/open", headers={"Origin": chat.base}) as answer:
            assert answer.status == 503
            assert "112" in (await answer.json())["text"]


async def test_pages_on_which_nothing_was_done_give_way_flooded_ones_first() -> None:
    async with line(max_views=3, pages_per_source=2) as chat:
        acting, idle, flooded = [await chat.page() for _ in range(3)]
        await acting.types("I am here")
        await until(lambda: _texts(chat.host))
        reception = chat.chat.reception
        reception.open(None, source="9.9.9.9", languages=None, scripted=True)
        await until(lambda: _frames(flooded, "gone"))
        assert not _frames(idle, "gone")
        other = reception.open(None, source="9.9.9.9", languages=None, scripted=True)
        await until(lambda: _frames(idle, "gone"))
        reception.take(other, Act(1, InboundKind.TEXT, text="me too"))
        await acting.types("still here")
        await until(lambda: "still here" in _texts(chat.host))


async def test_a_flooded_page_cannot_fill_the_memory_that_others_need() -> None:
    async with line(pages_per_source=1, max_waiting=100) as chat:
        good = await chat.page()
        await until(lambda: chat.host.messages)
        chat.host.gate.clear()
        flooding = chat.chat.reception.open(None, source="6.6.6.6", languages=None, scripted=True)
        flooding = chat.chat.reception.open(None, source="6.6.6.6", languages=None, scripted=True)
        assert flooding.busy
        taken = _fill(chat.chat.reception, flooding)
        assert taken <= gathering.MAX_OF_ONE_PAGE
        await good.types("I am here")
        await good.types("hide")
        chat.host.gate.set()
        await until(lambda: not good.unstored, within=0.9)
        assert [text for text in _texts(chat.host) if not text.startswith("x")] == ["I am here", "hide"]


def _fill(reception: Reception, view: View) -> int:
    """Offer acts until they are refused; how many were taken."""
    for n in range(1, 1_000):
        view.pace = Pace(1_000_000)
        try:
            reception.take(view, Act(n, InboundKind.TEXT, text=f"x{n}"))
        except gathering.Full:
            return n - 1
    return 1_000


@pytest.mark.parametrize("word", ["hide", "help now", "!hide", "!stop", "!help_now"])
async def test_what_hides_or_helps_her_is_taken_in_any_flood(word: str) -> None:
    async with line(max_waiting=3, urgent=lambda text: text in ("hide", "help now")) as chat:
        chat.host.gate.clear()
        reception = chat.chat.reception
        for n in range(4):
            other = reception.open(None, source=str(n), languages=None, scripted=True)
            _fill(reception, other)
        hers = reception.open(None, source="9.9.9.9", languages=None, scripted=True)
        kind = InboundKind.CHOICE if word.startswith("!") else InboundKind.TEXT
        with pytest.raises(gathering.Full):
            reception.take(hers, Act(1, InboundKind.TEXT, text="some other words"))
        stored, _ = reception.take(hers, Act(2, kind, text=word, choice=word))
        chat.host.gate.set()
        await asyncio.wait_for(stored, 2)


async def test_hide_on_a_slowed_page_does_not_overtake_what_she_wrote_before() -> None:
    async with line(pages_per_source=0, urgent=lambda text: text == "hide") as chat:
        chat.host.gate.clear()
        page = await chat.page()
        for n in range(8):
            await page.types(f"words {n}")
        await page.types("hide")
        await until(lambda: len(chat.chat.reception.gathering._acts) == 10)
        chat.host.gate.set()
        await until(lambda: len(_texts(chat.host)) == 9, within=0.9)  # no second waits for the slow lane
        assert _texts(chat.host) == [*(f"words {n}" for n in range(8)), "hide"]


async def test_a_poll_cannot_bring_different_words_faster_than_a_socket() -> None:
    async with line(acts_per_ten_seconds=3) as chat:
        page = await chat.page("poll")
        await page.disconnect()
        for n in range(40):
            page.n += 1
            page.unstored[page.n] = {"t": "act", "n": page.n, "kind": "text", "text": f"act {n}"}
        await page.connect()
        await until(lambda: len(_texts(chat.host)) >= 3)
        await asyncio.sleep(1.2)
        assert 3 <= len(_texts(chat.host)) <= 7
        assert page.unstored  # it keeps the rest, in order
        assert _texts(chat.host) == [f"act {n}" for n in range(len(_texts(chat.host)))]
        assert _frames(page, "slow")
