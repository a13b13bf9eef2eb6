"""Telegram away for an hour, a process that dies in a hide, a webhook in the real listener."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Connection, select

from bot.services.acts import open_act
from bot.services.opening import open_conversations
from bot.store import tables as t
from channels.telegram.webhook import SECRET_HEADER
from tests.botapi.mishaps import Kind
from tests.botapi.phone import Phone
from tests.faults.program import free_port
from tests.telegram.service import Service, running, serving, taps, until

pytestmark = pytest.mark.long

PEOPLE = 50


async def past_the_safe_check(service: Service) -> list[Phone]:
    phones = [service.phone(f"Woman {n}") for n in range(PEOPLE)]
    for phone in phones:
        phone.starts()
    for label in ("Yes", "No"):
        await asyncio.gather(*(taps(phone, label) for phone in phones))
    await until(lambda: all("Talk to a person" in phone.newest_offers() for phone in phones), 20)
    await service.settles()
    return phones


async def words_kept(service: Service) -> list[str]:
    """Her words in the inbox, opened, in the order they were taken in."""

    def read(connection: Connection) -> list[str]:
        rows = connection.execute(
            select(t.inbox).where(t.inbox.c.conversation.is_not(None)).order_by(t.inbox.c.id)
        ).all()
        opened = open_conversations(connection, service.house, {row.conversation for row in rows})
        acts = (open_act(opened[row.conversation].key, row.external_index, row.body_sealed) for row in rows)
        return [act.text for act in acts if act.text]

    return await service.hotline.store.write(read)


async def deletions_are_done(service: Service) -> None:
    """What failed while the network was away rests for a minute at most; how often it failed is chance."""
    await service.passes(minutes=2)
    waiting = t.outbox.c.state.in_(["pending", "sending", "failed_for_now"])
    async with asyncio.timeout(20):
        while await service.rows(t.outbox, t.outbox.c.purpose == "deletion", waiting):
            await asyncio.sleep(0.02)


@pytest.mark.timeout(180)
async def test_an_hour_away_loses_nothing_floods_nobody_and_each_next_act_has_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, monkeypatch) as service:
        phones = await past_the_safe_check(service)
        early, late = phones[:25], phones[25:]
        world, waiting = service.double.world, service.double.world.updates[service.bot.id]
        # Half of them are read just before the network goes, and can no longer be answered; it keeps what the
        # other half writes while it is away.
        world.mishaps.plan(Kind.BAD_GATEWAY, "sendMessage", times=10_000)
        for n, phone in enumerate(early):
            phone.writes(f"early {n}")
        await until(lambda: not waiting.waiting, 20)
        world.mishaps.away = True
        world.mishaps.planned.clear()
        for n, phone in enumerate(late):
            phone.writes(f"late {n}")
            phone.taps("Talk to a person")
        notices = {phone.user.id: len(phone.notices) for phone in phones}
        for _ in range(12):
            await service.passes(minutes=5)
        assert "has not answered for more than two minutes" in " ".join(
            service.hotline.channels["telegram"].reasons()  # pyright: ignore[reportAttributeAccessIssue]
        )
        assert len(waiting.waiting) == 50

        world.mishaps.away = False
        await until(lambda: not waiting.waiting, 30)
        await deletions_are_done(service)
        await service.settles()
        await asyncio.sleep(0.5)
        assert {phone.user.id: len(phone.notices) for phone in phones} == notices  # nobody hears of it
        assert await words_kept(service) == [f"late {n}" for n in range(25)]

        for phone in phones:
            phone.writes("are you there?")
        await until(lambda: all("Is now a good time" in phone.texts()[-1] for phone in phones), 20)
        await service.settles()
        for phone in early:
            assert phone.theirs() == ["Hi. Is now a good time to write here?"]
        for phone in late:
            assert phone.theirs() == [
                "Thank you, I have it. Please choose below.",
                "Hi. Is now a good time to write here?",
            ]
        # After the safe check they go on; what could not be said an hour ago is not said now.
        for label in ("Yes", "No"):
            await asyncio.gather(*(taps(phone, label) for phone in late))
        await until(lambda: all("OK, go on" in phone.newest_offers() for phone in late), 20)
        await service.settles()
        for phone in late:
            assert sum("Is now a good time" in text for text in phone.theirs()) == 1


async def test_deletions_that_a_death_cut_short_go_first_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, monkeypatch) as service:
        ann, bea = service.phone(), service.phone()
        for one in (bea, ann):
            one.starts()
            await taps(one, "Yes", "No")
        await until(lambda: all("OK, go on" in one.newest_offers() for one in (ann, bea)), 10)
        await service.settles()
        world = service.double.world
        world.mishaps.plan(Kind.SILENT, "deleteMessages", times=1_000)
        world.mishaps.plan(Kind.SILENT, "deleteMessage", times=1_000)
        world.mishaps.plan(Kind.SILENT, "sendMessage", times=1_000)
        bea.writes("hello?")
        ann.writes("hide")
        async with asyncio.timeout(10):
            while not await service.rows(t.outbox, t.outbox.c.purpose == "deletion"):
                await asyncio.sleep(0.02)
        settings, clock = service.hotline.settings, service.hotline.clock
    world.mishaps.planned.clear()
    await service.double.start()
    order: list[str] = []
    for one, name in ((ann, "ann"), (bea, "bea")):
        one.on_change = lambda what, _, who=name: order.append(f"{who} {what}")
    try:
        async with running(settings, clock, service.double, service.bot) as again:
            await again.settles()
            await until(lambda: not ann.screen(), 10)
            await until(lambda: "bea new" in order, 10)
    finally:
        await service.double.stop()
    assert order.index("bea new") > max(n for n, one in enumerate(order) if one == "ann delete")


async def test_the_webhook_is_served_by_the_public_listener_and_a_forged_call_brings_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    async with serving(
        tmp_path,
        monkeypatch,
        HOTLINE_PUBLIC_BIND=f"127.0.0.1:{port}",
        HOTLINE_TELEGRAM_WEBHOOK_URL=f"http://127.0.0.1:{port}/telegram/updates",
        HOTLINE_TELEGRAM_WEBHOOK_SECRET="s3cret-of-some-length",
    ) as service:
        ann = service.phone()
        ann.starts()
        await taps(ann, "Yes", "No")
        await until(lambda: "OK, go on" in ann.newest_offers(), 10)
        assert service.double.world.calls["getUpdates"] == 0
        forged = {
            "update_id": 1,
            "message": {
                "message_id": 9,
                "date": 1,
                "text": "hide",
                "from": ann.user.plain(),
                "chat": ann.chat.plain(),
            },
        }
        async with aiohttp.ClientSession() as client:
            url = f"http://127.0.0.1:{port}/telegram/updates"
            for headers in ({}, {SECRET_HEADER: "guessed"}):
                async with client.post(url, json=forged, headers=headers) as answer:
                    assert answer.status == 403
            async with client.get(url) as answer:
                assert answer.status == 405
        await service.settles()
        assert ann.screen()
        ann.writes("hide")
        await until(lambda: not ann.screen(), 10)
