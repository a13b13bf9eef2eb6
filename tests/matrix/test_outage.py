"""Homeserver and network as they are: away, slow, refusing, forgetful. Nothing is lost, nothing doubled."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.matrix.channel import REFUSED_TOKEN
from channels.message import DeliveryState
from tests.matrix.line import Line, free_port, homeserver, line, woman
from tests.matrix.peers import Peer, Peers
from tests.matrix.proxy import DROP, HANG, LOSE, Proxy, proxy
from tests.matrix.synapse import Synapse
from tests.webchat.page import until

pytestmark = pytest.mark.long

QUICK = {
    "poll_for": timedelta(seconds=1),
    "patience": timedelta(seconds=1),
    "pause": timedelta(milliseconds=100),
}


async def chat(made: Line, ann: Peer) -> str:
    room = await ann.opens(made.user)
    await ann.says(room, "hello")
    await made.hears("hello")
    await made.says(ann.user, "welcome")
    await ann.reads(room, "welcome")
    return room


async def insists(made: Line, user: str, text: str, within: float = 20.0) -> list[str]:
    """As the host does: the same entry again and again until it is sent; the reasons it met."""
    message = made.message(user, text)
    reasons: list[str] = []
    async with asyncio.timeout(within):
        while True:
            receipt = await made.channel.send(message)
            if receipt.state is DeliveryState.SENT:
                return reasons
            assert receipt.state is DeliveryState.FAILED_FOR_NOW, receipt
            reasons.append(receipt.reason)
            await asyncio.sleep(0.1)


def shown(lines: list[str], text: str) -> int:
    return lines.count(text)


async def test_a_homeserver_that_is_restarted(peers: Peers, tmp_path: Path) -> None:
    server = Synapse(tmp_path, free_port())
    server.start()
    try:
        ann = await woman(peers, server)
        async with line(server, **QUICK) as made:
            room = await chat(made, ann)
            server.stop()
            assert (await made.says(ann.user, "into the void")).state is DeliveryState.FAILED_FOR_NOW
            server.start()
            await insists(made, ann.user, "after the restart", 40)
            await ann.reads(room, "after the restart")
            await ann.says(room, "and I am here")
            await made.hears("and I am here", 40)
    finally:
        server.stop()


async def test_a_homeserver_that_hangs_is_given_up_and_asked_again(peers: Peers) -> None:
    ann = await woman(peers)
    async with proxy(homeserver()) as between, line(homeserver=between.url, **QUICK) as made:
        room = await chat(made, ann)
        between.breaks(HANG, "/sync", times=2)
        await ann.says(room, "while it hung")
        await made.hears("while it hung", 20)


@pytest.mark.parametrize("what", [502, 500, DROP, LOSE])
async def test_a_send_that_fails_or_whose_answer_is_lost_is_shown_once(what: Any, peers: Peers) -> None:
    ann = await woman(peers)
    async with proxy(homeserver()) as between, line(homeserver=between.url) as made:
        room = await chat(made, ann)
        between.breaks(
            what, "/send/m.room.encrypted", times=2, body={"errcode": "M_UNKNOWN"} if what == 500 else None
        )
        assert await insists(made, ann.user, "once"), "a broken connection is tried twice by aiohttp itself"
        await made.says(ann.user, "last")
        await ann.reads(room, "last")
        assert shown(await ann.lines(room), "once") == 1


async def test_a_limit_is_kept_for_all_rooms_as_long_as_it_was_named(peers: Peers) -> None:
    ann, bea = await woman(peers), await woman(peers, name="bea")
    async with proxy(homeserver()) as between, line(homeserver=between.url) as made:
        await chat(made, ann)
        room = await bea.opens(made.user)
        await bea.says(room, "hello from bea")
        await made.hears("hello from bea")
        body = {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500}
        between.breaks(429, "/send/m.room.encrypted", body=body)
        refused = await made.says(ann.user, "too fast")
        assert (refused.state, refused.reason) == (DeliveryState.FAILED_FOR_NOW, "rate_limited")
        assert refused.retry_after == timedelta(milliseconds=1500)
        asked = between.asked("/send/m.room.encrypted")
        also = await made.says(bea.user, "other room")
        assert also.reason == "rate_limited" and also.retry_after is not None
        assert timedelta(0) < also.retry_after <= timedelta(milliseconds=1500)
        assert between.asked("/send/m.room.encrypted") == asked, "it was not even asked"
        await asyncio.sleep(1.6)
        await insists(made, bea.user, "other room")


async def test_a_refused_token_is_had_anew_with_the_password_for_the_same_device(peers: Peers) -> None:
    ann = await woman(peers)
    async with line(**QUICK) as made:
        room = await chat(made, ann)
        device = made.station.machine.device_id
        made.account.ask("POST", "/_matrix/client/v3/logout/all", {})
        await ann.says(room, "can you still hear me?")
        await made.hears("can you still hear me?", 30)
        assert made.station.machine.device_id == device
        await insists(made, ann.user, "yes")
        await ann.reads(room, "yes")


async def test_a_refused_token_without_a_password_is_told_and_tried_again(peers: Peers) -> None:
    del peers
    account = homeserver().register("tokenless")
    settings = {
        "user": account.user,
        "password": "",
        "access_token": account.token,
        "device_id": account.device,
    }
    async with line(homeserver(), **settings, **QUICK) as made:
        account.ask("POST", "/_matrix/client/v3/logout", {})
        await until(lambda: made.channel.reasons() == [REFUSED_TOKEN], 20)


async def test_a_gap_is_filled_back_to_the_last_known_word(peers: Peers) -> None:
    """More was written than a sync tells: all of it is taken in, in order."""
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        await made.stop()
        texts = [f"word {number}" for number in range(130)]
        await ann("says", room=room, texts=texts)
        made.make()
        await made.start()
        await made.hears("word 129", 30)
        assert made.texts() == ["hello", *texts]


async def test_a_gap_that_cannot_be_filled_now_is_filled_later(peers: Peers) -> None:
    ann = await woman(peers)
    async with proxy(homeserver()) as between, line(homeserver=between.url, **QUICK) as made:
        room = await chat(made, ann)
        await made.stop()
        texts = [f"word {number}" for number in range(60)]
        await ann("says", room=room, texts=texts)
        between.breaks(502, "/messages", times=2)
        made.make()
        await made.start()
        await made.hears("word 59", 30)
        assert made.texts() == ["hello", *texts]


async def test_a_place_in_the_story_the_homeserver_does_not_know_is_given_up(peers: Peers) -> None:
    """The homeserver was put back to an older copy: all is looked at anew, back to the last known word."""
    ann = await woman(peers)
    async with line(**QUICK) as made:
        room = await chat(made, ann)
        await made.stop()
        texts = [f"word {number}" for number in range(60)]
        await ann("says", room=room, texts=texts)
        made.host.cursor = "s0_0_nonsense"
        made.make()
        made.listen()
        await made.hears("word 59", 40)
        assert made.texts() == ["hello", *texts]


async def test_an_old_entry_of_unknown_fate_is_looked_for_before_it_is_sent_again(peers: Peers) -> None:
    """After a day the homeserver has forgotten the transaction; the event itself is still there."""
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        message = made.message(ann.user, "sent, and the answer lost")
        await made.channel.send(message)
        forget_transactions(made)
        written = made.clock() - timedelta(hours=21)
        again = message.__class__(**{**fields_of(message), "tried_before": True, "written_at": written})
        assert (await made.channel.send(again)).state is DeliveryState.SENT
        never = message.__class__(**{**fields_of(again), "entry_id": "never-sent", "text": "never sent"})
        assert (await made.channel.send(never)).state is DeliveryState.SENT
        await ann.reads(room, "never sent")
        assert shown(await ann.lines(room), "sent, and the answer lost") == 1


def fields_of(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__slots__}


def forget_transactions(made: Line) -> None:
    """What the homeserver does after a day, in its database and in its memory."""
    import sqlite3  # noqa: PLC0415 - the one place that writes to a homeserver's database

    with sqlite3.connect(homeserver().folder / "homeserver.db", timeout=20) as connection:
        connection.execute("DELETE FROM event_txn_id_device_id WHERE user_id = ?", (made.user,))
    connection.close()
    homeserver().ask("GET", "/_matrix/client/versions")


async def test_every_point_of_a_send_can_be_the_last(peers: Peers) -> None:
    """Before the request, before its answer is heard: sent again after a restart it stands there once."""
    ann = await woman(peers)
    async with proxy(homeserver()) as between, line(homeserver=between.url) as made:
        room = await chat(made, ann)
        for what in (DROP, LOSE):
            for path in ("sendToDevice", "/send/m.room.encrypted"):
                made.station.machine.outbound_group_sessions.clear()
                between.breaks(what, path, times=2)  # aiohttp itself tries twice
                text = f"{what} at {path}"
                message = made.message(ann.user, text)
                assert (await made.channel.send(message)).state is DeliveryState.FAILED_FOR_NOW
                await made.restart()
                assert (await made.channel.send(message)).state is DeliveryState.SENT
                await ann.reads(room, text)
                assert shown(await ann.lines(room), text) == 1


async def test_thirty_rooms_at_once_are_served_in_turn(peers: Peers) -> None:
    """One slow room holds up no other."""
    women = [await woman(peers, name=f"w{n}") for n in range(4)]
    async with proxy(homeserver()) as between, line(homeserver=between.url) as made:
        rooms = {}
        for her in women:
            rooms[her.who] = await her.opens(made.user)
            await her.says(rooms[her.who], f"I am {her.who}")
            await made.hears(f"I am {her.who}")
        slow = women[0]
        stuck(between, rooms[slow.who])
        sending = [asyncio.create_task(made.says(her.user, f"{n}")) for n in range(3) for her in women]
        for her in women[1:]:
            await her.reads(rooms[her.who], "2", within=8000)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


def stuck(between: Proxy, room: str) -> None:
    import re  # noqa: PLC0415 - here only

    between.breaks(HANG, f"PUT .*{re.escape(room)}.*/send/", times=99)
