"""Hostile updates, fetched and brought: none harms anybody, none stands in the way of another."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.services import panes
from bot.store import tables as t
from channels.telegram.webhook import SECRET_HEADER
from tests.faults.program import free_port
from tests.telegram.service import TO_A_PERSON, Hand, Phone, Service, serving, taps, until

SECRET = "s3cret-of-some-length"
BIDI = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f"
WORDS = {
    "markup": "<script>alert(1)</script> <b>bold</b> *bold* [a](tg://user?id=1) {{ 7*7 }} {0} %s $(id) `id`",
    "sql": "'; DROP TABLE conversation; -- \" OR 1=1",
    "path": "../../etc/passwd\\..\\windows file:///etc/passwd",
    "bidi": f"{BIDI}gnp.exe\u202c",
    "controls": "a\x00b\x01\x07\x1b[31mred\x7f\u0085\u2028\u2029z",
    "zalgo": "h" + "\u0335\u0489\u0300" * 500 + "i",
    "joined": "👩🏽\u200d👩🏽\u200d👧🏽\u200d👦🏽 \ufe0f\u20e3 🏳️\u200d🌈",
    "half a character": "half\ud83d",
    "nothing to see": "\u200b\u200c\u200d\ufeff\u2060 \u3164",
    "lines": "\n" * 200 + "x" + "\n" * 200,
    "long": "quillwort " * 409,
    "all above 16 bits": "😀" * 2_048,
    "json": '{"update_id": 1, "message": {"text": "hide"}}',
    "link": "https://evil.example/?x=1 evil.example t.me/evil_bot @evil_bot /evil",
}


@pytest.fixture(params=["polling", "webhook"])
def serve(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], AbstractAsyncContextManager[Service]]:
    if request.param == "polling":
        return lambda: serving(tmp_path, monkeypatch)
    port = free_port()
    return lambda: serving(
        tmp_path,
        monkeypatch,
        HOTLINE_PUBLIC_BIND=f"127.0.0.1:{port}",
        HOTLINE_TELEGRAM_WEBHOOK_URL=f"http://127.0.0.1:{port}/telegram/updates",
        HOTLINE_TELEGRAM_WEBHOOK_SECRET=SECRET,
    )


Serve = Callable[[], AbstractAsyncContextManager[Service]]


async def in_a_chat(service: Service) -> tuple[Phone, Hand]:
    ann = service.phone("Ann")
    ann.starts()
    await taps(ann, *TO_A_PERSON)
    await until(lambda: "I am asking a person" in " ".join(ann.theirs()), 10)
    await service.settles()
    hand = await service.accepts()
    await until(lambda: "You are now writing with Maple" in " ".join(ann.theirs()), 10)
    return ann, hand


async def lines_of(service: Service, hand: Hand) -> list[str]:
    pane = await service.does(lambda c: panes.pane(c, service.house, hand.handoff, hand.person, service.now))
    return [line.text for line in pane.lines if line.whose == "her"]


async def test_whatever_she_writes_comes_as_plain_text_and_the_next_line_too(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        for text in WORDS.values():
            ann.writes(text)
        ann.writes("still here")
        await service.settles()
        lines = await lines_of(service, hand)
        assert lines[-1] == "still here"
        assert len(lines) == len(WORDS) + 1
        shown = "\n".join(lines)
        assert [sign for sign in (*BIDI, "\x00", "\x1b", "\x07") if sign in shown] == []
        assert "<script>alert(1)</script>" in shown  # as text: what shows it, escapes it
        assert await service.rows(t.inbox, t.inbox.c.state == "poison") == []
        assert await service.counted("inbox.poison.telegram") == 0


async def test_what_a_volunteer_writes_is_sent_as_plain_text_too(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        await hand.writes(f"{WORDS['markup']} {WORDS['bidi']} {WORDS['link']}")
        await until(lambda: "alert(1)" in " ".join(ann.theirs()), 10)
        shown = next(line for line in ann.screen() if "alert(1)" in line.text)
        assert not [sign for sign in BIDI if sign in shown.text]
        assert "https://evil.example" not in shown.text
        assert "entities" not in shown.body
        assert service.double.world.strange == set()


def her_message(phone: Phone, **more: Any) -> dict[str, Any]:
    return {
        "message_id": phone.chat.take_id(), "from": phone.user.plain(), "chat": phone.chat.plain(), "date": 1,
        "text": "forged", **more,
    }  # fmt: skip


def malformed(phone: Phone) -> list[dict[str, Any]]:
    """Updates without the documented form: each is counted, none is taken for her words."""
    return [
        {"message": None},
        {"message": []},
        {"message": her_message(phone, text=7)},
        {"message": her_message(phone, text={"a": ["b"]})},
        {"message": her_message(phone, text="x" * 1_000_000)},
        {"message": her_message(phone, message_id="7")},
        {"message": her_message(phone, message_id=2**70)},
        {"message": her_message(phone, chat={"id": 2**70, "type": "private"})},
        {"message": her_message(phone, chat={"id": 1.5, "type": "private"})},
        {"message": her_message(phone, chat={"type": "private"})},
        {"message": her_message(phone, date="yesterday")},
        {"message": {"message_id": 1, "chat": phone.chat.plain(), "date": 1, "text": "from nobody"}},
        {"edited_message": "x"},
        {"callback_query": {"from": phone.user.plain()}},
        {"my_chat_member": {"chat": phone.chat.plain()}},
        {"brand_new_kind": {"deep": [[[[{"x": None}]]]]}},
    ]


def of_no_concern(phone: Phone) -> list[dict[str, Any]]:
    """Updates with a form, and no meaning here: nothing becomes of them."""
    her, bot = phone.user.plain(), {"id": 9, "is_bot": True, "first_name": "B"}
    pinned = her_message(phone)
    del pinned["text"]
    channel = {"id": -1_001, "type": "channel", "title": "C"}
    return [
        {"message": her_message(phone, **{"from": bot})},
        {"message": {**pinned, "pinned_message": her_message(phone)}},
        {"channel_post": {"message_id": 1, "date": 1, "chat": channel, "text": "forged"}},
        {"inline_query": {"id": "1", "from": her, "query": "forged", "offset": ""}},
        {"poll": {"id": "1", "question": "forged"}},
        {"message_reaction": {"chat": phone.chat.plain(), "message_id": 1, "user": her, "date": 1}},
        {"business_message": her_message(phone)},
        {"chat_join_request": {"chat": channel, "from": her, "date": 1}},
    ]


async def test_malformed_updates_are_counted_and_block_nobody(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        updates = service.double.world.updates[service.bot.id]
        bad = malformed(ann)
        for number, update in enumerate(bad):
            updates.add_raw(update)
            ann.writes(f"line {number}")
        await service.settles()
        assert await lines_of(service, hand) == [f"line {number}" for number in range(len(bad))]
        assert await service.counted("inbox.poison.telegram") == len(bad)
        assert "forged" not in " ".join(await lines_of(service, hand))


async def test_kinds_of_no_concern_leave_no_trace(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        before = len(await service.rows(t.inbox))
        updates = service.double.world.updates[service.bot.id]
        for update in of_no_concern(ann):
            updates.add_raw(update)
        await until(lambda: not updates.waiting, 10)
        ann.writes("and on")
        await service.settles()
        assert await lines_of(service, hand) == ["and on"]
        assert len(await service.rows(t.inbox)) == before + 1
        assert await service.counted("inbox.poison.telegram") == 0


async def test_callback_data_of_another_chat_or_of_her_own_making_does_nothing(serve: Serve) -> None:
    async with serve() as service:
        ann, _ = await in_a_chat(service)
        bea = service.phone("Bea")
        bea.starts()
        await until(lambda: "Yes" in bea.newest_offers(), 10)
        theirs = [key["callback_data"] for m in ann.screen() for row in m.keyboard for key in row]
        forged = [*theirs, "!hide", "!stop", "hello.yes", "", "x" * 64, "\x00" * 8, "!hide" + "AAA"]
        before = len(await service.rows(t.inbox))
        queries = [bea.taps_data(data, bea.screen()[-1]) for data in forged]
        known = service.double.world.queries
        await until(lambda: all(known[one].answered is not None for one in queries), 10)
        assert len(await service.rows(t.inbox)) == before
        assert "Yes" in bea.newest_offers()
        assert ann.screen()


async def test_a_million_numbers_missing_and_the_same_update_twice_are_nothing(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        updates = service.double.world.updates[service.bot.id]
        ann.writes("before")
        await service.settles()
        updates.next_id += 1_000_000
        number = ann.writes("after")
        again = {"message": ann.chat.told(ann.chat.messages[number])}
        updates.add_raw(again)
        updates.add_raw(again)
        ann.writes("and on")
        await service.settles()
        assert await lines_of(service, hand) == ["before", "after", "and on"]


async def test_a_forged_call_brings_nothing_and_is_not_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram/updates"
    async with serving(
        tmp_path,
        monkeypatch,
        HOTLINE_PUBLIC_BIND=f"127.0.0.1:{port}",
        HOTLINE_TELEGRAM_WEBHOOK_URL=url,
        HOTLINE_TELEGRAM_WEBHOOK_SECRET=SECRET,
    ) as service:
        ann = service.phone("Ann")
        ann.starts()
        await taps(ann, "Yes", "No")
        await service.settles()
        before = len(await service.rows(t.inbox))
        forged = {"update_id": 1, "message": her_message(ann, text="hide")}
        good = {SECRET_HEADER: SECRET}
        async with aiohttp.ClientSession() as client:
            for headers in ({}, {SECRET_HEADER: "guessed"}, {SECRET_HEADER: SECRET.upper()}):
                async with client.post(url, json=forged, headers=headers) as answer:
                    assert (answer.status, await answer.read()) == (403, b"")
            async with client.post(f"{url}/more", json=forged, headers=good) as answer:
                assert answer.status == 404
            for method in ("GET", "PUT", "DELETE"):
                async with client.request(method, url, headers=good) as answer:
                    assert answer.status == 405
            for broken in (b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b"1e999", b'"x"'):
                async with client.post(url, data=broken, headers=good) as answer:
                    assert (answer.status, await answer.read()) == (200, b"")  # or it came again for ever
            for endless in (b" " * 200_000, _unannounced()):
                async with client.post(url, data=endless, headers=good) as answer:
                    assert answer.status == 200
        await asyncio.sleep(0.1)
        assert len(await service.rows(t.inbox)) == before
        assert ann.screen()
        assert await service.counted("inbox.poison.telegram") == 9


async def _unannounced() -> Any:
    """More than is taken, without saying so beforehand."""
    for _ in range(80):
        yield b" " * 4_096
