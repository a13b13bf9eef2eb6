"""What the double keeps strictly: confirmation, one poller, two days, a day, limits, webhooks until 200."""

import asyncio
from time import monotonic
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.botapi import refusals
from tests.botapi.limits import Limits
from tests.botapi.mishaps import Kind
from tests.botapi.phone import Phone
from tests.botapi.server import Double
from tests.botapi.webhooks import SECRET_HEADER
from tests.webchat.page import until


class Asking:
    """A bare client."""

    def __init__(self, double: Double, phone: Phone) -> None:
        self.base = f"{double.url}/bot{phone.bot.token}"

    async def __call__(self, method: str, **given: Any) -> Any:
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self.base}/{method}", json=given) as answer,
        ):
            plain = await answer.json(content_type=None)
            assert plain["ok"] is (answer.status == 200)
            return plain["result"] if plain["ok"] else plain


@pytest.fixture
def ask(double: Double, phone: Phone) -> Asking:
    return Asking(double, phone)


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_update_is_offered_until_a_higher_offset_confirms_it(ask: Asking, phone: Phone) -> None:
    for text in ("a", "b", "c"):
        phone.writes(text)
    first = await ask("getUpdates")
    assert texts(first) == texts(await ask("getUpdates")) == ["a", "b", "c"]
    assert texts(await ask("getUpdates", limit=2)) == ["a", "b"]
    assert texts(await ask("getUpdates", offset=first[1]["update_id"] + 1)) == ["c"]
    assert texts(await ask("getUpdates", offset=first[0]["update_id"])) == ["c"]
    assert texts(await ask("getUpdates", offset=-1)) == ["c"]
    assert phone.world.updates[phone.bot.id].offered == 8


async def test_a_long_poll_answers_when_something_comes_and_when_its_time_is_over(
    ask: Asking, phone: Phone
) -> None:
    polling = asyncio.ensure_future(ask("getUpdates", timeout=20))
    await asyncio.sleep(0.1)
    assert not polling.done()
    phone.writes("now")
    assert texts(await asyncio.wait_for(polling, 2)) == ["now"]
    begun = monotonic()
    assert await ask("getUpdates", timeout=1, offset=10**12) == []
    assert 0.8 < monotonic() - begun < 5


async def test_of_two_pollers_the_older_is_told_of_the_conflict(ask: Asking, phone: Phone) -> None:
    older = asyncio.ensure_future(ask("getUpdates", timeout=20))
    await asyncio.sleep(0.1)
    newer = asyncio.ensure_future(ask("getUpdates", timeout=20))
    told = await asyncio.wait_for(older, 2)
    assert (told["error_code"], told["description"]) == (409, refusals.CONFLICT_POLLER)
    phone.writes("for the newer")
    assert texts(await asyncio.wait_for(newer, 2)) == ["for the newer"]


async def test_only_allowed_kinds_come_and_what_was_set_holds(ask: Asking, phone: Phone) -> None:
    await ask("getUpdates", allowed_updates=["edited_message"])
    hers = phone.writes("not told")
    phone.edits_hers(hers, "told")
    assert [sorted(u) for u in await ask("getUpdates")] == [["edited_message", "update_id"]]
    await ask("getUpdates", allowed_updates=[], offset=10**12)
    phone.writes("told again")
    assert texts(await ask("getUpdates")) == ["told again"]


async def test_after_a_day_the_network_forgets_what_was_not_fetched(ask: Asking, phone: Phone) -> None:
    phone.writes("old")
    phone.world.clock.moves(hours=23)
    phone.writes("newer")
    phone.world.clock.moves(hours=2)
    assert texts(await ask("getUpdates")) == ["newer"]


async def test_nothing_older_than_two_days_can_be_deleted(ask: Asking, phone: Phone) -> None:
    old = phone.writes("old")
    phone.world.clock.moves(hours=47)
    late = phone.writes("late")
    phone.world.clock.moves(hours=2)
    chat = phone.user.id
    for call in (
        ask("deleteMessage", chat_id=chat, message_id=old),
        ask("deleteMessages", chat_id=chat, message_ids=[late, old]),
    ):
        assert (await call)["description"] == refusals.CANNOT_DELETE
    assert await ask("deleteMessages", chat_id=chat, message_ids=[late, 10**6]) is True
    assert phone.texts() == ["old"]


async def test_a_tap_can_be_answered_for_a_short_time_only(ask: Asking, phone: Phone) -> None:
    phone.starts()
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await ask("sendMessage", chat_id=phone.user.id, text="?", reply_markup=keys)
    soon, late = phone.taps("Yes"), phone.taps("Yes")
    assert await ask("answerCallbackQuery", callback_query_id=soon) is True
    phone.world.clock.moves(seconds=16)
    told = await ask("answerCallbackQuery", callback_query_id=late)
    assert told["description"] == refusals.QUERY_TOO_OLD


async def test_limits_per_chat_and_in_all_are_told_with_the_time_to_wait(
    double: Double, ask: Asking, phone: Phone
) -> None:
    double.world.limits = Limits(overall=(6, 60.0), chat=(3, 60.0), group=None)
    other = double.phone(phone.bot)
    for one in (phone, other):
        one.starts()
    for _ in range(3):
        assert "message_id" in await ask("sendMessage", chat_id=phone.user.id, text="quick")
    told = await ask("sendMessage", chat_id=phone.user.id, text="too quick")
    assert told["error_code"] == 429
    assert 50 <= told["parameters"]["retry_after"] <= 60
    for _ in range(3):
        assert "message_id" in await ask("sendMessage", chat_id=other.user.id, text="to another")
    assert (await ask("sendMessage", chat_id=other.user.id, text="more"))["error_code"] == 429
    assert double.world.limits.refused == 2


async def test_ids_belong_to_a_chat_and_ids_of_people_are_long(double: Double, phone: Phone) -> None:
    others = [double.phone(phone.bot) for _ in range(7)]
    numbers = [one.writes("first") for one in (phone, *others)]
    assert len(set(numbers)) < len(numbers)
    assert phone.user.id > 2**32


async def test_what_a_method_does_not_have_is_noted(double: Double, ask: Asking, phone: Phone) -> None:
    phone.starts()
    await ask("sendMessage", chat_id=phone.user.id, text="x", quietly=True)
    assert double.world.strange == {"sendMessage.quietly"}


async def test_an_edit_that_names_no_keys_takes_them_away(ask: Asking, phone: Phone) -> None:
    phone.starts()
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await ask("sendMessage", chat_id=phone.user.id, text="?", reply_markup=keys)
    await ask("editMessageText", chat_id=phone.user.id, message_id=sent["message_id"], text="!")
    assert phone.offers() == []
    assert (len(phone.notices), phone.edits) == (1, 1)


class Hook:
    """A webhook that may refuse."""

    def __init__(self) -> None:
        self.refuse = 0
        self.got: list[tuple[str, str]] = []
        self.url = ""

    async def serve(self, request: web.BaseRequest) -> web.Response:
        plain = await request.json()
        self.got.append((plain["message"]["text"], request.headers.get(SECRET_HEADER, "")))
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=500)
        return web.Response()


async def test_a_webhook_gets_each_update_until_it_says_200_and_in_order(
    double: Double, ask: Asking, phone: Phone
) -> None:
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.serve))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        hook.refuse = 2
        assert await ask("setWebhook", url=url, secret_token="s3cret") is True
        phone.writes("a")
        phone.writes("b")
        await until(lambda: not double.world.updates[phone.bot.id].waiting)
        assert hook.got == [("a", "s3cret"), ("a", "s3cret"), ("a", "s3cret"), ("b", "s3cret")]
        told = await ask("getWebhookInfo")
        assert told["last_error_message"] == "Wrong response from the webhook: 500"
        assert (await ask("getUpdates"))["description"] == refusals.CONFLICT_WEBHOOK
        polling = asyncio.ensure_future(ask("getUpdates", timeout=20))
        assert (await polling)["error_code"] == 409
    finally:
        await runner.cleanup()


async def test_a_network_that_is_away_answers_nobody_and_keeps_what_she_wrote(
    double: Double, ask: Asking, phone: Phone
) -> None:
    double.world.mishaps.away = True
    with pytest.raises(aiohttp.ClientError):
        await ask("getMe")
    phone.writes("meanwhile")
    double.world.mishaps.away = False
    assert texts(await ask("getUpdates")) == ["meanwhile"]
    double.world.mishaps.plan(Kind.TORN, "getMe")
    with pytest.raises(aiohttp.ClientError):
        await ask("getMe")
    assert (await ask("getMe"))["username"] == phone.bot.username
