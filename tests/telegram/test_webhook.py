"""Updates brought to us: the secret, sizes, 200 only after the commit, a webhook that was changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from channels.message import Address, InboundKind
from channels.telegram.cursor import Cursor
from channels.telegram.health import SENTENCES, Trouble
from channels.telegram.webhook import LARGEST, SECRET_HEADER
from tests.contract.sides import HookServer
from tests.telegram.rig import Rig, rig
from tests.webchat.page import until

SECRET = "s3cret-of-at-least-some-length"


@asynccontextmanager
async def hooked() -> AsyncIterator[Rig]:
    server = await HookServer.open()
    url = f"{server.url}/telegram/updates"
    async with rig(webhook_url=url, webhook_secret=SECRET) as side:
        server.serve(side.chat)
        try:
            yield side
        finally:
            while side.tasks:
                await side.stops_listening()
            await side.double.stop()
            await server.close()


@pytest.fixture
async def side() -> AsyncIterator[Rig]:
    async with hooked() as opened:
        opened.listens()
        await until(lambda: opened.double.world.webhooks[opened.phone.bot.id].url)
        yield opened


def url_of(side: Rig) -> str:
    return side.double.world.webhooks[side.phone.bot.id].url


async def post(side: Rig, body: bytes, **headers: str) -> int:
    async with (
        aiohttp.ClientSession() as client,
        client.post(
            url_of(side), data=body, headers={"Content-Type": "application/json", **headers}
        ) as answer,
    ):
        return answer.status


UPDATE = (
    b'{"update_id":1,"message":{"message_id":1,"date":1,"text":"forged",'
    b'"from":{"id":5,"is_bot":false},"chat":{"id":5,"type":"private"}}}'
)


@pytest.mark.parametrize(
    "headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: SECRET[:-1]}, {SECRET_HEADER: "ș"}]
)
async def test_who_does_not_know_the_secret_brings_nothing(side: Rig, headers: dict[str, str]) -> None:
    assert await post(side, UPDATE, **headers) == 403
    await asyncio.sleep(0.05)
    assert side.texts() == []


async def test_too_large_a_body_and_a_broken_one_are_counted_and_not_brought_again(side: Rig) -> None:
    too_large = UPDATE.replace(b"forged", b"x" * LARGEST)
    for broken in (b"", b"{", b"[]", b"\xff\xfe", b'{"update_id":7,"message":{"text":1}}', too_large):
        assert await post(side, broken, **{SECRET_HEADER: SECRET}) == 200
    assert sum(batch.poison for batch in side.host.batches) == 6
    assert side.texts() == []


async def test_200_comes_after_the_commit_and_what_was_not_stored_is_brought_again(side: Rig) -> None:
    side.host.gate.clear()
    side.phone.writes("keep me")
    await until(lambda: side.double.world.webhooks[side.phone.bot.id].tries == 1)
    await asyncio.sleep(0.2)
    assert len(side.double.world.updates[side.phone.bot.id].waiting) == 1
    await side.stops_listening()
    await until(lambda: side.double.world.webhooks[side.phone.bot.id].tries >= 2)
    assert len(side.double.world.updates[side.phone.bot.id].waiting) == 1
    side.host.gate.set()
    side.listens()
    await until(lambda: side.texts() == ["keep me"])
    await until(lambda: not side.double.world.updates[side.phone.bot.id].waiting)


async def test_a_webhook_somebody_changed_is_set_back_and_told(
    side: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.telegram.webhook.LOOK_EVERY", 0.1)
    await side.stops_listening()
    side.listens()
    await until(lambda: side.double.world.calls["getWebhookInfo"] >= 3)
    ours = url_of(side)
    assert side.chat.reasons() == []
    await side.chat.wire.ask("setWebhook", url="https://thief.example.org/hook")
    await until(lambda: url_of(side) == ours)
    assert side.chat.reasons() == [SENTENCES[Trouble.WEBHOOK_CHANGED]]
    assert side.double.world.webhooks[side.phone.bot.id].secret == SECRET


async def test_a_tap_on_a_busy_line_is_as_new_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.telegram.webhook.LOOK_EVERY", 0.05)
    monkeypatch.setattr("channels.telegram.webhook.LOOK_SOON", 0.05)
    async with hooked() as side:
        looks, hour_ago = side.double.world.calls, datetime.now(UTC) - timedelta(hours=1)
        side.host.cursor = Cursor(side.chat.wire.number, None, hour_ago, hour_ago).stored()
        other = side.double.phone(side.phone.bot)
        other.starts()
        to_her = Address(side.chat.name, str(other.user.id))
        await side.chat.send(side.message("Safe?", "Yes", address=to_her))
        side.listens()
        await until(lambda: looks["getWebhookInfo"] >= 3)
        side.host.gate.clear()  # somebody's words are in our hands, and so wait at the network, at every look
        side.phone.writes("keep me")
        await until(lambda: side.double.world.webhooks[side.phone.bot.id].tries >= 2)
        since = looks["getWebhookInfo"]
        await until(lambda: looks["getWebhookInfo"] >= since + 3)
        other.taps("Yes")
        await until(lambda: side.double.world.webhooks[side.phone.bot.id].tries >= 3)
        side.host.gate.set()
        await until(lambda: any(m.kind is InboundKind.CHOICE for m in side.host.messages))
        (tap,) = (m for m in side.host.messages if m.kind is InboundKind.CHOICE)
        assert tap.sent_at is not None
        assert datetime.now(UTC) - tap.sent_at < timedelta(seconds=5)


async def test_after_a_break_a_tap_is_as_old_as_it_may_be_until_nothing_older_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with hooked() as side:
        hour_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        side.host.cursor = Cursor(side.chat.wire.number, None, hour_ago, hour_ago).stored()
        side.phone.starts()
        await side.chat.send(side.message("Safe?", "Yes"))
        side.phone.taps("Yes")
        monkeypatch.setattr("channels.telegram.webhook.LOOK_SOON", 0.05)
        side.listens()
        await until(lambda: any(m.kind is InboundKind.CHOICE for m in side.host.messages))
        await until(lambda: side.double.world.calls["getWebhookInfo"] >= 2)
        side.phone.taps("Yes")
        await until(lambda: sum(m.kind is InboundKind.CHOICE for m in side.host.messages) == 2)
        old, fresh = (m.sent_at for m in side.host.messages if m.kind is InboundKind.CHOICE)
        assert old == hour_ago
        assert fresh is not None
        assert datetime.now(UTC) - fresh < timedelta(seconds=5)


async def test_the_network_is_told_what_we_want_and_nothing_is_dropped() -> None:
    async with hooked() as side:
        side.phone.writes("before we came")
        side.listens()
        await until(lambda: side.texts() == ["before we came"])
        allowed = side.double.world.updates[side.phone.bot.id].allowed
        assert allowed == {"message", "edited_message", "callback_query", "my_chat_member"}


async def test_one_route_at_the_path_of_the_address(side: Rig) -> None:
    (route,) = side.chat.routes()
    assert (route.method, route.path) == ("POST", "/telegram/updates")
    assert isinstance(route, web.RouteDef)
