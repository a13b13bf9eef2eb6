"""Fetching: nothing confirmed before it is stored, poison among the good, numbers that begin anew."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.message import InboundKind
from channels.telegram.cursor import Cursor
from channels.telegram.health import SENTENCES, Trouble
from tests.botapi.mishaps import Kind
from tests.botapi.updates import Updates
from tests.telegram.rig import Rig
from tests.webchat.page import until


def updates_of(side: Rig) -> Updates:
    return side.double.world.updates[side.phone.bot.id]


async def test_poison_is_counted_and_blocks_nothing_before_or_behind_it(side: Rig) -> None:
    updates = updates_of(side)
    side.phone.writes("before")
    updates.add_raw({"message": {"message_id": 1, "text": "from nowhere"}})
    updates.add_raw({"message": "what"})
    updates.add_raw({"brand_new_kind": {"deep": [1, 2, {"x": None}]}})
    updates.add_raw({"message": _hers(side, "x" * 1_000_000)})
    updates.add_raw({"message": _hers(side, "half\ud83d")})
    side.phone.writes("behind")
    side.listens()
    await until(lambda: "behind" in side.texts())
    assert side.texts() == ["before", "half\ufffd", "behind"]
    assert sum(batch.poison for batch in side.host.batches) == 4
    await until(lambda: not updates.waiting)


def _hers(side: Rig, text: str) -> dict[str, Any]:
    chat = side.phone.chat
    return {
        "message_id": chat.take_id(),
        "from": side.phone.user.plain(),
        "chat": chat.plain(),
        "date": 1,
    } | {"text": text}


async def test_nothing_is_confirmed_before_it_is_stored(side: Rig) -> None:
    side.host.refuse = True
    side.phone.writes("keep me")
    side.listens()
    await asyncio.sleep(0.4)
    assert len(updates_of(side).waiting) == 1
    side.host.refuse = False
    await until(lambda: not updates_of(side).waiting)
    assert side.texts() == ["keep me"]
    assert side.host.cursor is not None


async def test_an_answer_that_is_lost_on_the_way_is_offered_again(side: Rig) -> None:
    side.double.world.mishaps.plan(Kind.DROPPED, "getUpdates", after=True)
    side.phone.writes("offered twice, handed over once")
    side.listens()
    await until(side.texts)
    await until(lambda: not updates_of(side).waiting)
    assert side.texts() == ["offered twice, handed over once"]
    assert updates_of(side).offered == 1


@pytest.mark.parametrize("kind", [Kind.PORTAL, Kind.LIST])
async def test_whatever_answers_in_its_place_is_ridden_out(side: Rig, kind: Kind) -> None:
    side.double.world.mishaps.plan(kind, "getUpdates", times=2)
    side.phone.writes("still here")
    side.listens()
    await until(lambda: side.texts() == ["still here"])
    assert side.double.world.mishaps.happened == 2


async def test_polls_that_are_not_held_open_are_no_storm(side: Rig) -> None:
    side.double.world.mishaps.plan(Kind.EMPTY, "getUpdates", times=1_000_000)
    side.listens()
    await asyncio.sleep(0.6)
    assert 1 <= side.double.world.mishaps.happened <= 3


async def test_a_gap_of_a_million_numbers_is_nothing(side: Rig) -> None:
    side.listens()
    side.phone.writes("before")
    await until(lambda: side.texts() == ["before"])
    updates_of(side).next_id += 1_000_000
    side.phone.writes("after")
    await until(lambda: side.texts() == ["before", "after"])


async def test_numbers_that_begin_anew_after_a_quiet_week_lose_nothing(side: Rig) -> None:
    side.listens()
    side.phone.writes("before")
    await until(lambda: not updates_of(side).waiting and side.texts() == ["before"])
    updates_of(side).restart_ids(17)
    side.phone.writes("after a week")
    await until(lambda: "after a week" in side.texts())
    await until(lambda: not updates_of(side).waiting)
    side.phone.writes("and on")
    await until(lambda: side.texts() == ["before", "after a week", "and on"])


async def test_so_after_a_start_with_an_old_cursor(side: Rig) -> None:
    week_ago = datetime.now(UTC) - timedelta(days=7)
    side.host.cursor = Cursor(side.chat.wire.number, 900_000_000, week_ago, week_ago).stored()
    updates_of(side).restart_ids(17)
    side.phone.writes("hello again")
    side.listens()
    await until(lambda: side.texts() == ["hello again"])


async def test_a_fresh_cursor_confirms_what_was_stored_before_the_crash(side: Rig) -> None:
    side.phone.writes("stored before")
    now = datetime.now(UTC)
    side.host.cursor = Cursor(side.chat.wire.number, updates_of(side).waiting[-1].id, now, now).stored()
    side.phone.writes("new")
    side.listens()
    await until(lambda: side.texts() == ["new"])


async def test_a_tap_after_a_break_is_as_old_as_it_may_be(side: Rig) -> None:
    side.phone.starts()
    await side.chat.send(side.message("Safe?", "Yes"))
    side.listens()
    await until(lambda: side.host.messages)
    await side.stops_listening()
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    side.host.cursor = Cursor(
        side.chat.wire.number, updates_of(side).next_id - 1, hour_ago, hour_ago
    ).stored()
    side.phone.taps("Yes")
    side.phone.writes("dated")
    side.phone.taps("Yes")
    side.listens()
    await until(lambda: side.host.messages[-1].kind is InboundKind.CHOICE and len(side.host.messages) == 4)
    first, dated, second = side.host.messages[1:]
    assert first.sent_at == hour_ago.replace(microsecond=0)
    assert second.sent_at == dated.sent_at  # what comes behind a dated line was done after it
    side.phone.taps("Yes")
    await until(lambda: len(side.host.messages) == 5)
    fresh = side.host.messages[-1].sent_at
    assert fresh is not None
    assert datetime.now(UTC) - fresh < timedelta(seconds=5)


async def test_a_tap_is_answered_after_it_was_stored_and_only_then(side: Rig) -> None:
    side.phone.starts()
    await side.chat.send(side.message("Safe?", "Yes"))
    side.listens()
    await until(lambda: side.host.messages)
    side.host.gate.clear()
    query = side.phone.taps("Yes")
    await asyncio.sleep(0.2)
    assert side.double.world.queries[query].answered is None
    side.host.gate.set()
    await until(lambda: side.double.world.queries[query].answered == "")


async def test_another_poller_is_told_and_polling_goes_on(side: Rig) -> None:
    side.listens()
    await until(lambda: side.double.world.polls)
    thief = type(side.chat.wire)(side.phone.bot.token, side.double.url)
    taken = asyncio.ensure_future(thief.ask("getUpdates", timeout=20))
    await until(side.chat.reasons)
    assert side.chat.reasons() == [SENTENCES[Trouble.FOREIGN_POLLER]]
    await asyncio.gather(taken, return_exceptions=True)
    await thief.hang_up()
    side.phone.writes("still here")
    await until(lambda: "still here" in side.texts())


async def test_a_webhook_somebody_set_is_taken_away_and_told_and_one_of_before_is_only_taken_away(
    side: Rig,
) -> None:
    hooks, bot = side.double.world.webhooks, side.phone.bot.id
    hooks[bot].url = "https://old.example.org/hook"
    side.phone.writes("kept while it was set")
    side.listens()
    await until(lambda: side.texts() == ["kept while it was set"])
    assert side.chat.reasons() == []
    thief = type(side.chat.wire)(side.phone.bot.token, side.double.url)
    await thief.ask("setWebhook", url="https://thief.example.org/hook")
    await thief.hang_up()
    await until(lambda: side.chat.reasons() == [SENTENCES[Trouble.WEBHOOK_CHANGED]])
    side.phone.writes("not for the thief")
    await until(lambda: "not for the thief" in side.texts())
    assert hooks[bot].url == ""


async def test_a_token_that_is_refused_is_told_and_forgotten_once_it_works(side: Rig) -> None:
    side.phone.bot.revoked = True
    side.listens()
    await until(lambda: side.chat.reasons() == [SENTENCES[Trouble.TOKEN_REFUSED]])
    assert "replace-token" in side.chat.reasons()[0]
    await side.stops_listening()
    side.phone.bot.revoked = False
    side.phone.writes("x")
    side.listens()
    await until(lambda: side.texts() == ["x"])
    assert side.chat.reasons() == []


@pytest.mark.parametrize("kind", [Kind.BAD_GATEWAY, Kind.DROPPED, Kind.TORN])
async def test_mishaps_of_the_network_are_ridden_out(side: Rig, kind: Kind) -> None:
    side.double.world.mishaps.plan(kind, "getUpdates", times=3)
    side.phone.writes("through")
    side.listens()
    await until(lambda: side.texts() == ["through"], 10)


async def test_groups_are_left_without_a_word(side: Rig) -> None:
    from tests.botapi import groups  # noqa: PLC0415  only here

    side.listens()
    group = groups.adds(side.double.world, side.phone.bot, side.phone.user)
    groups.writes(side.double.world, group, side.phone.user, "/start")
    await until(lambda: group.blocked)
    assert side.double.world.calls["sendMessage"] == 0
    assert side.texts() == []


async def test_what_she_does_after_unblocking_is_not_withdrawn_with_her_leaving(side: Rig) -> None:
    side.phone.writes("before")
    side.phone.blocks()
    side.phone.unblocks()
    side.phone.writes("after")
    side.listens()
    await until(lambda: side.texts() == ["before", "after"])
    first, second = [batch for batch in side.host.batches if batch.messages]
    assert ([m.text for m in first.messages], len(first.left)) == (["before"], 1)
    assert ([m.text for m in second.messages], len(second.left)) == (["after"], 0)
    assert (first.cursor, second.cursor) == (None, side.host.cursor)
