"""The service over Telegram: met, answered, talked with, hidden, deleted; what bystanders could notice."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import aiohttp
import pytest

from bot.services import desk, panes
from bot.store import tables as t
from channels.message import DeliveryState
from tests.architecture.tree import ROOT
from tests.botapi.mishaps import Kind
from tests.botapi.phone import Phone
from tests.telegram.service import TO_A_PERSON, Hand, Service, running, serving, taps, until

Serve = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    return lambda **more: serving(tmp_path, monkeypatch, **more)


async def in_a_chat(service: Service, name: str = "Ann Hername") -> tuple[Phone, Hand]:
    """She has asked for a person, and Maple has accepted."""
    ann = service.phone(name, username="hername")
    ann.starts("from_the_page")
    await taps(ann, *TO_A_PERSON)
    await until(lambda: "I am asking a person" in " ".join(ann.theirs()), 10)
    await service.settles()
    hand = await service.accepts()
    await until(lambda: "You are now writing with Maple" in " ".join(ann.theirs()), 10)
    return ann, hand


async def test_she_walks_to_a_person_they_talk_and_hide_leaves_nothing_on_either_side(
    serve: Serve, tmp_path: Path
) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        ann.writes("quillwort I do not know where to begin")
        await service.settles()
        await hand.writes("quillwort Take your time.")
        await until(lambda: "Maple: quillwort Take your time." in ann.theirs())
        assert ann.screen()[-1].protected
        assert [line.protected for line in ann.screen()[:-1]] == [False] * (len(ann.screen()) - 1)
        pane = await service.does(
            lambda c: panes.pane(c, service.house, hand.handoff, hand.person, service.now)
        )
        assert [line.text for line in pane.lines if line.whose == "her"] == [
            "quillwort I do not know where to begin"
        ]
        ann.writes("/hide")
        await until(lambda: not ann.screen())
        await service.settles()
        with pytest.raises(desk.DeskRefusal):
            await hand.writes("too late")
        assert ann.screen() == []
        assert not any(notice.sounding for notice in ann.notices)
        assert service.double.world.calls["deleteMessages"] <= 2
        assert service.double.world.strange == set()
        marks = [b"quillwort", b"Hername", b"hername", str(ann.user.id).encode(), b"from_the_page"]
        for file in (tmp_path / "data").rglob("*"):
            if file.is_file():
                held = file.read_bytes()
                assert [mark for mark in marks if mark in held] == [], file


async def test_every_digit_can_be_typed_instead_of_tapped(serve: Serve) -> None:
    async with serve() as service:
        ann = service.phone()
        ann.writes("hello")
        await until(lambda: "Yes" in ann.newest_offers(), 10)
        ann.writes("1")
        await until(lambda: "Could anyone else see" in ann.theirs()[-1])
        ann.writes("1")
        await until(lambda: "Type hide at any time" in " ".join(ann.theirs()))
        ann.writes("9")
        await until(lambda: not ann.screen())


@pytest.mark.parametrize("kind", ["photo", "voice", "contact", "location", "sticker"])
async def test_what_is_no_text_is_refused_kindly_and_taken_from_the_chat_at_once(
    serve: Serve, kind: str
) -> None:
    async with serve() as service:
        ann = service.phone()
        ann.starts()
        await taps(ann, "Yes", "No")
        await until(lambda: "Type hide at any time" in " ".join(ann.theirs()))
        sent = ann.sends(kind)
        await until(lambda: "I can only read text" in " ".join(ann.theirs()))
        await until(lambda: sent not in ann.chat.messages)
        await service.settles()
        assert service.double.world.calls["getFile"] == 0


async def test_her_edit_reaches_the_volunteer_in_the_place_of_what_she_wrote(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        hers = ann.writes("we meet at nine")
        await service.settles()
        ann.edits_hers(hers, "we meet at ten")
        await service.settles()
        pane = await service.does(
            lambda c: panes.pane(c, service.house, hand.handoff, hand.person, service.now)
        )
        assert [(line.text, line.mark) for line in pane.lines if line.whose == "her"] == [
            ("we meet at ten", "edited")
        ]


async def test_in_quiet_mode_news_are_an_edit_and_only_the_last_exchange_stays(serve: Serve) -> None:
    async with serve() as service:
        ann = service.phone()
        ann.starts()
        await taps(ann, "Yes", "Yes", "Go on here", "Talk to a person", "Yes")
        await until(lambda: any(line.text == "•" for line in ann.screen()), 10)
        await service.settles()
        notices, edits = len(ann.notices), ann.edits
        assert "Could anyone else see" not in " ".join(ann.texts())
        hand = await service.accepts()
        await hand.writes("I am here.")
        await until(lambda: any(line.text == "• •" for line in ann.screen()))
        await service.settles()
        assert (len(ann.notices), ann.edits > edits) == (notices, True)
        assert "I am here" not in " ".join(ann.texts())
        ann.taps("Show")
        await until(lambda: "Maple: I am here." in ann.theirs())


async def test_who_blocks_the_bot_has_left_and_the_volunteer_is_told(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        ann.blocks()
        await service.settles()
        with pytest.raises(desk.DeskRefusal):
            await hand.writes("are you there?")
        ann.unblocks()
        before = len(ann.theirs())
        ann.starts()
        await until(lambda: len(ann.theirs()) > before)
        assert "Is now a good time" in ann.theirs()[-1]


async def test_a_line_that_the_network_refuses_for_good_is_shown_to_the_volunteer(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        ann.chat.blocked = True  # and the network tells nobody
        await hand.writes("are you there?")
        await service.settles()
        pane = await service.does(
            lambda c: panes.pane(c, service.house, hand.handoff, hand.person, service.now)
        )
        assert [line.delivery for line in pane.lines if line.whose == "volunteer"] == [
            DeliveryState.FAILED_FOR_GOOD
        ]


@pytest.mark.parametrize(("after", "shown"), [(True, 2), (False, 1)])
async def test_a_line_of_unknown_fate_is_sent_once_more_and_nothing_overtakes_it(
    serve: Serve, *, after: bool, shown: int
) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        service.double.world.mishaps.plan(Kind.DROPPED, "sendMessage", after=after)
        for text in ("one", "two"):
            await hand.writes(text)
        await until(lambda: "Maple: two" in ann.theirs(), 10)
        assert [text for text in ann.theirs() if text.startswith("Maple")] == ["Maple: one"] * shown + [
            "Maple: two"
        ]
        assert await service.counted("outbox.repeated.telegram") == 1


async def test_fates_unknown_for_ever_end_after_two_tries(serve: Serve) -> None:
    async with serve() as service:
        ann, hand = await in_a_chat(service)
        service.double.world.mishaps.plan(Kind.DROPPED, "sendMessage", times=2)
        await hand.writes("one")
        states = t.outbox.c.state == "unknown"
        async with asyncio.timeout(10):
            while not await service.rows(t.outbox, states):
                await asyncio.sleep(0.05)
        assert "Maple: one" not in ann.theirs()
        await hand.writes("two")
        await until(lambda: "Maple: two" in ann.theirs(), 10)


async def test_data_of_another_chat_and_forged_data_do_nothing_but_stop_the_button(serve: Serve) -> None:
    async with serve() as service:
        ann, bea = service.phone(), service.phone()
        for one in (ann, bea):
            one.starts()
            await until(lambda who=one: "Yes" in who.newest_offers(), 10)
        stolen = bea.screen()[-1].keyboard[0][0]["callback_data"]
        before = ann.texts()
        queries = [ann.taps_data(data, ann.screen()[-1]) for data in (stolen, "!hide", "hello.yes", "x")]
        await until(lambda: all(service.double.world.queries[q].answered == "" for q in queries))
        await service.settles()
        assert ann.texts() == before
        ann.taps_data(ann.screen()[-1].keyboard[0][0]["callback_data"], ann.screen()[-1])
        await until(lambda: "Could anyone else see" in ann.theirs()[-1])


async def test_readiness_tells_of_a_refused_token_and_an_alarm_rings_once(serve: Serve) -> None:
    async with serve() as service:
        ops = f"http://{service.hotline.settings.ops_bind.shown}"
        ann = service.phone()
        ann.starts()
        await until(ann.theirs, 10)
        service.bot.revoked = True
        service.double.world.polls[service.bot.id].cancel()
        ann.writes("wakes the poll")
        telegram = service.hotline.channels["telegram"]
        await until(telegram.reasons, 10)  # pyright: ignore[reportAttributeAccessIssue]
        async with aiohttp.ClientSession() as client:
            async with client.get(f"{ops}/readyz") as answer:
                assert answer.status == 503
                assert "telegram: the network refuses the token" in await answer.text()
            async with client.get(f"http://{service.hotline.settings.public_bind.shown}/healthz") as answer:
                assert answer.status == 200  # the web page goes on: a restart would not help


async def test_our_addresses_are_listed_after_the_notice_and_nothing_is_named_before(serve: Serve) -> None:
    async with serve() as service:
        service.house.library.addresses = ("https://rosehip.example.org", "@rosehip_notes_bot")
        ann = service.phone()
        ann.writes("/official")
        await until(lambda: "Yes" in ann.newest_offers(), 10)
        assert ann.theirs()[0] == "The page where you found this address says which ones are ours."
        assert "rosehip" not in " ".join(ann.theirs())
        await taps(ann, "Yes", "No", "OK, go on")
        await until(lambda: "people agreed on four words" in ann.theirs()[-1])
        ann.writes("/official")
        await until(lambda: "@rosehip_notes_bot" in " ".join(ann.theirs()))
        await until(lambda: "people agreed on four words" in ann.theirs()[-1])  # she is asked again


async def test_erasing_without_a_service_still_takes_the_lines_from_her_chat(
    serve: Serve, tmp_path: Path
) -> None:
    async with serve() as service:
        ann = service.phone()
        ann.starts()
        await taps(ann, "Yes", "No")
        await until(lambda: "OK, go on" in ann.newest_offers(), 10)
        await service.settles()
        (talk,) = await service.rows(t.conversation)
        settings, clock = service.hotline.settings, service.hotline.clock
    environ = {"PATH": os.environ["PATH"], "HOTLINE_DATA_DIR": str(tmp_path / "data")}
    words = ("-m", "bot", "erase", "--conversation", talk.id)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, env=environ)
    assert await process.wait() == 0
    await service.double.start()
    try:
        async with running(settings, clock, service.double, service.bot):
            await until(lambda: not ann.screen(), 10)
    finally:
        await service.double.stop()
