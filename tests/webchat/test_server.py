"""The web chat's server by its wire: origin, sizes, floods, sessions, restarts, headers."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from channels.message import Address, DeliveryState, InboundKind, OutboundKind, OutboundMessage
from channels.webchat import admission
from channels.webchat.signing import MARK
from tests.webchat.line import line, new_token
from tests.webchat.page import Host, Page, until, written


def _message(address: Address, n: int = 1, text: str = "hi") -> OutboundMessage:
    return OutboundMessage(f"e{n}", address, OutboundKind.NEW, n, text)


def _texts(host: Host) -> list[str]:
    return [m.text for m in host.messages if m.kind is InboundKind.TEXT]


def _frames(page: Page, kind: str) -> list[dict[str, object]]:
    return [frame for frame in page.frames if frame["t"] == kind]


async def test_opening_gives_a_session_cookie_of_256_bits_and_one_arrival() -> None:
    async with line() as chat:
        page = await chat.page(**{"Accept-Language": "ro-RO,en;q=0.5"})
        await until(lambda: chat.host.messages)
        [arrival] = chat.host.messages
        cookies = list(page.visit.cookie_jar)
        assert (arrival.kind, arrival.external_id, arrival.language) == (
            InboundKind.ARRIVED,
            f"{page.view}.0",
            "ro-ro",
        )
        assert [cookie.value for cookie in cookies] == [arrival.address.handle]
        assert len(arrival.address.handle) == 43 + MARK
        assert page.view not in arrival.address.handle


@pytest.mark.parametrize(
    ("public_url", "name", "secure"), [(None, "notes", False), ("https://x.example", "__Host-notes", True)]
)
async def test_the_cookie_is_for_this_session_this_site_and_no_script(
    public_url: str | None, name: str, *, secure: bool
) -> None:
    async with line(public_url=public_url) as chat:
        headers = {"Origin": public_url or chat.base}
        async with chat.visit().post(f"{chat.base}/open", headers=headers) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{name}=")
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert ("Secure" in cookie) is secure
        assert not {"max-age", "expires", "domain"} & {
            p.split("=")[0].strip().lower() for p in cookie.split(";")
        }


async def test_every_answer_leaves_no_trace_and_lets_nothing_in() -> None:
    async with line() as chat:
        visit = chat.visit()
        for method, path in (
            ("GET", "/"),
            ("POST", "/"),
            ("GET", "/chat.js"),
            ("GET", "/chat.css"),
            ("GET", "/icon.svg"),
            ("POST", "/open"),
            ("POST", "/poll"),
            ("POST", "/leave"),
        ):
            headers = {"Origin": chat.base}
            async with visit.request(method, f"{chat.base}{path}", headers=headers) as answer:
                assert {k: answer.headers.get(k) for k in admission.HEADERS} == admission.HEADERS, path
                assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_looking_at_the_page_changes_nothing() -> None:
    async with line() as chat:
        async with chat.visit().get(chat.base) as answer:
            assert answer.status == 200
            assert "Set-Cookie" not in answer.headers
            assert "<title>Notes</title>" in await answer.text()
        await asyncio.sleep(0.1)
        assert chat.host.batches == []
        assert len(chat.chat.reception.views) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1"},
        {},
    ],
)
async def test_no_other_site_can_open_poll_or_connect(headers: dict[str, str]) -> None:
    async with line() as chat:
        visit = chat.visit()
        for path in ("/open", "/poll"):
            async with visit.post(f"{chat.base}{path}", headers=headers) as answer:
                assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await visit.ws_connect(f"{chat.base}/socket", headers=headers)
        assert len(chat.chat.reception.views) == 0


async def test_with_a_public_url_only_that_origin_is_ours() -> None:
    async with line(public_url="https://notes.example") as chat:
        visit = chat.visit()
        for origin, status in (
            ("https://notes.example", 200),
            ("http://notes.example", 403),
            (chat.base, 403),
            ("https://notes.example.evil.example", 403),
        ):
            async with visit.post(f"{chat.base}/open", headers={"Origin": origin}) as answer:
                assert answer.status == status, origin


async def test_a_second_page_of_hers_moves_the_first_and_keeps_her_address() -> None:
    async with line() as chat:
        first = await chat.page()
        second = Page(chat.base, first.visit)
        chat.pages.append(second)
        await second.open()
        await until(lambda: _frames(first, "moved"))
        await second.types("here now")
        await until(lambda: "here now" in _texts(chat.host))
        assert len({m.address for m in chat.host.messages}) == 1
        await first.disconnect()
        await first.connect()  # the old page may not come back either
        await until(lambda: len(_frames(first, "moved")) == 2)


async def test_a_view_alone_or_a_cookie_alone_opens_nothing() -> None:
    async with line() as chat:
        page = await chat.page()
        thief = Page(chat.base, chat.visit(), view=page.view)
        await thief.connect()
        await until(lambda: thief.frames)
        assert thief.frames == [{"t": "gone", "to": "start"}]
        guess = Page(chat.base, page.visit, view=new_token())
        await guess.connect()
        await until(lambda: guess.frames)
        assert guess.frames == [{"t": "gone", "to": "start"}]
        await thief.disconnect()
        await guess.disconnect()


async def test_leaving_kills_the_session_at_once_and_tells_the_host_once() -> None:
    async with line() as chat:
        page = await chat.page()
        await page.types("hello")
        await until(lambda: _texts(chat.host))
        address = chat.host.messages[-1].address
        cookie = {"Cookie": f"notes={address.handle}"}
        for _ in range(2):
            async with page.visit.post(f"{chat.base}/leave", data=written({"view": page.view})) as answer:
                assert answer.status == 204
                assert "Max-Age=0" in answer.headers["Set-Cookie"]
        await until(lambda: _frames(page, "gone"))
        assert (await chat.chat.send(_message(address))).state is DeliveryState.FAILED_FOR_NOW
        async with (
            aiohttp.ClientSession(headers=cookie) as old,
            old.post(f"{chat.base}/open", headers={"Origin": chat.base}) as answer,
        ):
            assert address.handle not in answer.headers["Set-Cookie"]
        await until(lambda: chat.host.all("left"))
        assert [left.external_id for left in chat.host.all("left")] == [f"{page.view}.left"]


async def test_a_dropped_connection_is_no_leaving() -> None:
    async with line() as chat:
        page = await chat.page()
        await until(lambda: chat.host.messages)
        await page.disconnect()
        await asyncio.sleep(0.1)
        assert chat.host.all("left") == []
        assert len(chat.chat.reception.views) == 1


@pytest.mark.parametrize("mode", ["socket", "poll"])
async def test_fifteen_minutes_without_life_end_it_and_pings_keep_it(mode: str) -> None:
    async with line(poll_for=0.2) as chat:
        page = await chat.page(mode)
        await until(lambda: chat.host.messages)
        chat.clock.ahead = timedelta(minutes=14)
        await page.pings()
        await until(lambda: chat.host.all("presences"))
        await asyncio.sleep(0.3)
        chat.clock.ahead = timedelta(minutes=20)
        chat.chat.reception.sweep()
        assert len(chat.chat.reception.views) == 1
        if page._task is not None and mode == "poll":
            await page.disconnect()
        chat.clock.ahead = timedelta(minutes=36)
        chat.chat.reception.sweep()
        assert len(chat.chat.reception.views) == 0
        if mode == "socket":
            await until(lambda: page.frames[-1:] == [{"t": "gone", "to": "start"}])
        await asyncio.sleep(0.1)
        assert chat.host.all("left") == []  # the host has a deadline of its own; nobody pressed the exit


@pytest.mark.parametrize("mode", ["socket", "poll"])
@pytest.mark.parametrize("ended", ["idle", "closed"])
async def test_a_page_that_is_over_shows_nothing_old_and_its_browser_may_come_back(
    mode: str, ended: str
) -> None:
    async with line(poll_for=0.2) as chat:
        page = await chat.page(mode)
        await page.types("before")
        await until(lambda: _texts(chat.host) == ["before"])
        address = chat.host.messages[-1].address
        await page.disconnect()  # the phone sleeps: nothing can be told to this page now
        if ended == "idle":
            chat.clock.ahead = timedelta(minutes=16)
            chat.chat.reception.sweep()
        else:
            await chat.chat.forget(address, for_good=False)
        before = len(chat.host.batches)
        await page.connect()
        await until(lambda: page.frames[-1:] and page.frames[-1]["t"] == "gone")
        assert page.frames[-1]["to"] == ("start" if ended == "idle" else "away")
        assert page.lines == []
        await asyncio.sleep(0.1)
        assert chat.host.batches[before:] == []

        again = Page(chat.base, page.visit, mode)
        await again.open()
        await until(lambda: chat.host.messages[-1].external_id == f"{again.view}.0")
        assert chat.host.messages[-1].kind is InboundKind.ARRIVED
        assert chat.host.messages[-1].address == address
        assert again.lines == []
        await again.disconnect()


async def test_what_is_forgotten_for_good_is_refused_and_told_to_leave() -> None:
    async with line() as chat:
        page = await chat.page()
        await until(lambda: chat.host.messages)
        address = chat.host.messages[-1].address
        await chat.chat.forget(address, for_good=True)
        await until(lambda: page.frames[-1:] == [{"t": "gone", "to": "exit"}])
        again = Page(chat.base, page.visit)
        await again.open()
        await until(lambda: len(chat.host.messages) == 2)
        assert chat.host.messages[-1].address != address
        await again.disconnect()


async def test_after_a_restart_the_same_page_goes_on_and_an_invented_one_begins_anew() -> None:
    async with line() as chat:
        page = await chat.page()
        await page.types("before")
        await until(lambda: _texts(chat.host) == ["before"])
        address = chat.host.messages[-1].address
        await chat.chat.send(_message(address, 5))
        await until(lambda: page.after == 5)
        await page.disconnect()
        await chat.restart()
        chat.host.batches.clear()
        await page.connect()
        await page.types("after")
        await until(lambda: _texts(chat.host) == ["before", "after"])
        assert [(r.address, r.after) for r in chat.host.all("reconnections")] == [(address, 5)]
        assert sum(m.kind is InboundKind.ARRIVED for m in chat.host.messages) == 1

        await page.disconnect()
        await chat.restart()
        chat.host.batches.clear()
        forged = Page(chat.base, page.visit, view=new_token())
        await forged.connect()
        await until(lambda: forged.frames)
        assert forged.frames == [{"t": "gone", "to": "start"}]  # a view that was never ours opens nothing
        assert chat.host.batches == []
        await forged.disconnect()
