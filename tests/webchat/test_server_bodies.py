"""The web chat held against what is too large, too slow, unreadable or late."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from channels.message import Address, DeliveryState, InboundKind, OutboundKind, OutboundMessage
from channels.webchat import admission, sockets
from channels.webchat.signing import MARK
from channels.webchat.words import ENGLISH, ROMANIAN, client_language, offered_language
from tests.webchat.line import line
from tests.webchat.page import Host, Page, until


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


async def test_frames_larger_than_the_limit_close_the_socket_and_bodies_get_413() -> None:
    async with line() as chat:
        page = await chat.page()
        assert page._socket is not None
        await page._socket.send_str("x" * 1_000_000)
        await until(lambda: page._socket is not None and page._socket.closed)
        headers = {"Origin": chat.base}
        async with page.visit.post(f"{chat.base}/poll", data=b"x" * 1_000_000, headers=headers) as answer:
            assert answer.status == 413

        async def endless() -> object:
            for _ in range(70):
                yield b"x" * 1_024

        async with page.visit.post(f"{chat.base}/poll", data=endless(), headers=headers) as answer:
            assert answer.status == 413


async def test_bad_text_is_refused_by_number_and_the_next_is_taken() -> None:
    async with line() as chat:
        page = await chat.page()
        await page.put({"t": "act", "n": 1, "kind": "text", "text": "nul \0"})
        await page.put({"t": "act", "n": 2, "kind": "text", "text": "x" * 16_001})
        await page.put({"t": "what"})
        await page.put({"t": "act", "n": 3, "kind": "text", "text": "good"})
        await until(lambda: _texts(chat.host) == ["good"])
        await until(lambda: _frames(page, "ack"))
        assert [(f["n"], f["why"]) for f in _frames(page, "refused")] == [
            (1, "bad_text"),
            (2, "too_long"),
            (None, "bad_frame"),
        ]


async def test_a_poll_that_is_no_utf_8_is_refused_with_a_reason() -> None:
    async with line() as chat:
        page = await chat.page()
        body = b'{"view": "' + page.view.encode() + b'", "after": 0, "frames": ["\xff"]}'
        for raw, why in ((body, "bad_text"), (b"[]", "bad_frame")):
            async with page.visit.post(
                f"{chat.base}/poll", data=raw, headers={"Origin": chat.base}
            ) as answer:
                assert (answer.status, await answer.json()) == (400, {"why": why})


@pytest.mark.parametrize(
    ("greeted", "kind", "raw", "code", "why"),
    [
        # What is no UTF-8 has a code of its own, given by the library, and needs no words.
        (True, aiohttp.WSMsgType.TEXT, b'{"t": "act", "text": "\xff"}', 1007, ""),
        (False, aiohttp.WSMsgType.TEXT, b"\xff", 1007, ""),
        (True, aiohttp.WSMsgType.BINARY, b"\x00", 1003, "bad_frame"),
        (False, aiohttp.WSMsgType.BINARY, b"\x00", 1008, "bad_frame"),
        (False, aiohttp.WSMsgType.TEXT, b"{}", 1008, "bad_frame"),
    ],
)
async def test_a_socket_that_brings_what_no_page_sends_is_closed_with_a_reason(
    kind: aiohttp.WSMsgType, raw: bytes, code: int, why: str, *, greeted: bool
) -> None:
    async with line() as chat:
        page = await chat.page()
        await page.disconnect()
        socket = await page.visit.ws_connect(f"{chat.base}/socket", headers={"Origin": chat.base})
        if greeted:
            await socket.send_json({"t": "hello", "view": page.view, "after": 0})
        await socket.send_frame(raw, kind)
        last = await socket.receive(timeout=2)
        assert last.type is aiohttp.WSMsgType.CLOSE
        assert (last.data, last.extra) == (code, why)


@pytest.mark.parametrize("mode", ["socket", "poll"])
async def test_acts_out_of_order_are_all_kept_once_as_they_come(mode: str) -> None:
    async with line() as chat:
        page = await chat.page()
        for n in (1, 3, 2, 3, 2):
            act = {"t": "act", "n": n, "kind": "text", "text": f"act {n}"}
            if mode == "socket":
                await page.put(act)
                continue
            asked = json.dumps({"view": page.view, "after": 0, "frames": [act]})
            async with page.visit.post(f"{chat.base}/poll", data=asked, headers=page.origin) as answer:
                assert {"t": "ack", "n": n} in (await answer.json())["frames"]
        if mode == "socket":
            await until(lambda: len(_frames(page, "ack")) == 5)
        assert _texts(chat.host) == ["act 1", "act 3", "act 2"]


async def test_a_socket_that_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HELLO_WITHIN", 0.1)
    async with line() as chat:
        page = Page(chat.base, chat.visit())
        socket = await page.visit.ws_connect(f"{chat.base}/socket", headers={"Origin": chat.base})
        assert (await socket.receive(timeout=2)).type is aiohttp.WSMsgType.CLOSE


async def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "BODY_WITHIN", 0.2)
    async with line() as chat:
        reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
        head = f"POST /poll HTTP/1.1\r\nHost: 127.0.0.1:{chat.port}\r\nOrigin: {chat.base}\r\n"
        writer.write(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 2)
        writer.close()


async def test_a_sink_in_trouble_logs_no_word_of_hers(caplog: pytest.LogCaptureFixture) -> None:
    async with line() as chat:
        chat.host.refuse = True
        page = await chat.page()
        await page.types("a secret")
        await asyncio.sleep(0.3)
        chat.host.refuse = False
        await until(lambda: _texts(chat.host) == ["a secret"])
        assert caplog.records
        for secret in ("a secret", page.view, chat.host.messages[0].address.handle, "127.0.0.1"):
            assert secret not in caplog.text


async def test_a_page_that_takes_nothing_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "WRITE_WITHIN", 0.3)
    async with line() as chat:
        dead, alive = await chat.page(), await chat.page()
        await until(lambda: len(chat.host.messages) == 2)
        first, second = (m.address for m in chat.host.messages)
        assert dead._task is not None
        dead._task.cancel()  # it reads no more, the connection stays open
        big = "x" * 15_000
        flood = asyncio.create_task(_until_it_fails(chat.chat.send, first, big))
        await chat.chat.send(_message(second, 1, "for the living"))
        await until(lambda: alive.texts() == ["for the living"], within=1.0)
        receipt = await asyncio.wait_for(flood, 20)
        assert receipt in (DeliveryState.UNKNOWN, DeliveryState.FAILED_FOR_NOW)


async def _until_it_fails(send: object, address: Address, text: str) -> DeliveryState:
    for n in range(1, 5_000):
        receipt = await send(_message(address, n, text))  # type: ignore[operator]
        if receipt.state is not DeliveryState.SENT:
            return receipt.state
    raise AssertionError("everything was taken")


def test_the_browser_s_languages_choose_the_page_s_words() -> None:
    offered = {"en": ENGLISH, "ro": ROMANIAN}
    assert offered_language("ro-RO,ro;q=0.9,en;q=0.8", offered) == "ro"
    assert offered_language("de,ro;q=0.2,en;q=0.1", offered) == "ro"
    assert offered_language("en;q=0.3, ro;q=0", offered) == "en"
    assert offered_language(None, offered) == "en"
    assert offered_language("x" * 5_000 + ";q=zz", offered) == "en"
    assert client_language("lt-LT,lt;q=0.9") == "lt-lt"
    assert client_language("*") is None
    assert json.dumps(client_language("<script>")) == "null"


@pytest.mark.parametrize("mode", ["poll", "socket"])
async def test_a_line_held_past_its_window_is_not_shown_when_the_page_comes_back(mode: str) -> None:
    async with line() as chat:
        page = await chat.page("poll")
        await page.types("hello")
        await until(lambda: _texts(chat.host))
        address = chat.host.messages[-1].address
        await page.disconnect()
        soon = chat.clock() + timedelta(minutes=2)
        said = replace(_message(address, 1, "said in time"), not_after=soon)
        kept = replace(_message(address, 2, "a line without an end"), not_after=None)
        for one in (said, kept):
            assert (await chat.chat.send(one)).state is DeliveryState.SENT  # it polled a moment ago
        chat.clock.ahead += timedelta(minutes=14)
        chat.host.batches.clear()
        page.mode = mode
        await page.connect()
        await until(lambda: "a line without an end" in page.texts())
        assert "said in time" not in page.texts()
        await until(lambda: chat.host.all("reconnections"))


async def test_a_page_that_waits_here_lives_for_half_an_hour_without_a_sign_of_life() -> None:
    async with line(waits=lambda text: text == "wait here") as chat:
        reception = chat.chat.reception
        waiting, told, other = [await chat.page() for _ in range(3)]
        for page, act in (
            (waiting, {"kind": "choice", "choice": "!wait"}),
            (told, {"kind": "text", "text": "wait here"}),
            (other, {"kind": "text", "text": "something else"}),
        ):
            await page._act(act, "…")
        await until(lambda: sum(m.kind is not InboundKind.ARRIVED for m in chat.host.messages) == 3)
        for minutes, alive in ((14, 3), (29, 2), (31, 0)):
            chat.clock.ahead = timedelta(minutes=minutes)
            reception.sweep()
            assert len(reception.views) == alive
