"""Whose devices may read, whose words are believed, and what becomes of words whose key is missing."""

import asyncio
from typing import Any

import pytest

from channels.message import Aside, DeliveryState, InboundKind
from tests.matrix.bare import bare
from tests.matrix.line import Line, homeserver, is_shut_out, line, new_name, woman
from tests.matrix.peers import Peer, PeerFault, Peers
from tests.matrix.proxy import Proxy, proxy
from tests.webchat.page import until


async def chat(made: Line, ann: Peer) -> str:
    """A chat under way: she has written and was answered."""
    room = await ann.opens(made.user)
    await ann.says(room, "hello")
    await made.hears("hello")
    await made.says(ann.user, "welcome")
    await ann.reads(room, "welcome")
    return room


async def another_device(peers: Peers, ann: Peer, **more: Any) -> Peer:
    """She, or somebody with her password, logs in once more."""
    local = ann.user.partition(":")[0][1:]
    return await peers.enter(homeserver(), local, who=f"{ann.who} again", **more)


async def in_question(made: Line, times: int = 1) -> None:
    await until(lambda: made.asides().count(Aside.NEW_DEVICE) >= times, 15)


async def unreadable(peer: Peer, room: str) -> int:
    """Lines on her screen that she cannot read."""
    return sum(line["unreadable"] is not None for line in await peer.screen(room))


async def can_read(peer: Peer, room: str, text: str, within: int = 6000) -> bool:
    try:
        await peer.reads(room, text, within=within)
    except PeerFault:
        return False
    return True


async def test_a_client_that_trusts_signed_devices_only_reads_us_and_writes_to_us(peers: Peers) -> None:
    ann = await woman(peers, sign=True, strict=True)
    async with bare(homeserver().register(new_name("bare"))) as bot:
        room = await ann("room", invite=[bot.user])
        await bot.turns(3)
        await ann("joined", room=room, user=bot.user)
        await ann.says(room, "hello")
        await bot.turns(3)
        assert (ann.user, "hello") not in bot.heard, "a bare line is deaf to her"
        await bot.says(room, "answer")
        assert not await can_read(ann, room, "answer", within=1500), "and she cannot read it"
    async with line() as made:
        room = await chat(made, ann)
        trusted = await ann("trust", user=made.user, device=made.station.machine.device_id)
        assert trusted["signed"]
        assert {s["colour"] for s in await ann("shields", room=room)} == {0}


async def test_a_new_device_in_the_middle_pauses_and_is_asked_about_where_she_was(peers: Peers) -> None:
    ann = await woman(peers, sign=True)
    async with line() as made:
        room = await chat(made, ann)
        new = await another_device(peers, ann)
        await in_question(made)
        assert (await made.says(ann.user, "not for everybody")).state is DeliveryState.FAILED_FOR_NOW
        asked = await made.says(ann.user, "Is it yours?", aside=True)
        assert asked.state is DeliveryState.SENT
        assert await can_read(ann, room, "Is it yours?")
        assert await is_shut_out(new, room, asked)

        await ann.says(room, "Mine!")
        await until(lambda: Aside.GOING_ON in made.asides(), 15)
        assert "Mine!" not in made.texts(), "it was for the channel, not for the guide"
        assert (await made.says(ann.user, "on we go")).state is DeliveryState.SENT
        assert await can_read(ann, room, "on we go")
        assert await can_read(new, room, "on we go")


async def test_who_goes_on_without_a_word_about_it_goes_on_alone(peers: Peers) -> None:
    """The new device stays shut out; she is not held up."""
    ann = await woman(peers, sign=True)
    async with line() as made:
        room = await chat(made, ann)
        new = await another_device(peers, ann)
        await in_question(made)
        await ann.says(room, "are you there?")
        await made.hears("are you there?")
        said = await made.says(ann.user, "yes, here")
        assert said.state is DeliveryState.SENT
        assert await can_read(ann, room, "yes, here")
        assert await is_shut_out(new, room, said)


async def test_a_stranger_on_a_new_device_is_heard_and_told_nothing(peers: Peers) -> None:
    """Whoever has her password but not her keys: what is written there is kept, and not answered there."""
    ann = await woman(peers, sign=True)
    async with line() as made:
        room = await chat(made, ann)
        new = await another_device(peers, ann)
        await in_question(made)
        await new.says(room, "it is me, what did you say?")
        await made.hears("it is me, what did you say?")
        await in_question(made, times=2)
        assert (await made.says(ann.user, "an answer")).state is DeliveryState.FAILED_FOR_NOW
        # The question reaches that device too: else somebody who changed phones would wait for ever.
        await made.says(ann.user, "Is it yours?", aside=True)
        assert await can_read(new, room, "Is it yours?")
        await new.says(room, "mine")
        await in_question(made, times=3)
        assert (await made.says(ann.user, "an answer")).state is DeliveryState.FAILED_FOR_NOW
        assert Aside.GOING_ON not in made.asides()


async def test_a_device_she_signed_herself_may_say_so_itself(peers: Peers) -> None:
    ann = await woman(peers, sign=True)
    async with line() as made:
        room = await chat(made, ann)
        new = await another_device(peers, ann)
        await in_question(made)
        await ann("confirm", device=new.device)
        await until(lambda: made.station.people.of(ann.user).devices[new.device].signed, 15)
        await new.says(room, "mine")
        await until(lambda: Aside.GOING_ON in made.asides(), 15)
        await made.says(ann.user, "welcome there")
        assert await can_read(new, room, "welcome there")


async def test_when_all_devices_of_before_are_gone_the_chat_begins_anew(peers: Peers) -> None:
    """She lost her phone, or somebody took the account: the safe question comes first again."""
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        new = await another_device(peers, ann)
        await in_question(made)
        await ann("out")
        await until(lambda: set(made.station.people.of(ann.user).devices) == {new.device}, 15)
        await new.says(room, "mine")
        await until(lambda: made.host.messages[-1].kind is InboundKind.ARRIVED, 15)
        assert (await made.says(ann.user, "Is now a good time?")).state is DeliveryState.SENT
        assert await can_read(new, room, "Is now a good time?")


async def test_a_new_device_between_two_chats_is_nothing_to_ask_about(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        made.clock.ahead += made.clock.ahead.__class__(hours=2)
        new = await another_device(peers, ann)
        await until(lambda: new.device in made.station.people.of(ann.user).devices, 15)
        made.clock.ahead -= made.clock.ahead
        assert made.asides() == []
        await new.says(room, "here now")
        await made.hears("here now")
        await made.says(ann.user, "hello there")
        assert await can_read(new, room, "hello there")


async def test_a_new_identity_in_the_middle_is_not_hers_until_an_old_device_says_so(peers: Peers) -> None:
    ann = await woman(peers, sign=True)
    async with line() as made:
        room = await chat(made, ann)
        pinned = made.station.people.of(ann.user).master
        new = await another_device(peers, ann)
        await in_question(made)
        await new("sign")  # whoever it is makes herself a new identity, with the password
        await until(lambda: made.station.people.of(ann.user).shown != pinned, 15)
        await new.says(room, "mine")
        await in_question(made, times=2)
        assert made.station.people.of(ann.user).master == pinned
        assert (await made.says(ann.user, "secret")).state is DeliveryState.FAILED_FOR_NOW


# --- words whose key is missing ------------------------------------------------------------------------


class LateKeys:
    """A homeserver that holds messages to our device back until told otherwise."""

    def __init__(self, between: Proxy) -> None:
        self.holds = False
        self.held: list[Any] = []
        between.alter[r"GET .*/sync"] = self.alter

    def alter(self, sync: Any) -> Any:
        events = sync.get("to_device", {}).get("events", [])
        if self.holds:
            self.held += events
            sync.get("to_device", {}).pop("events", None)
        elif self.held:
            sync.setdefault("to_device", {})["events"] = self.held + events
            self.held = []
        return sync


async def test_a_late_key_opens_what_waited_once(peers: Peers) -> None:
    """She is told one neutral line; when the key comes, the message is taken in, also after a restart."""
    ann = await woman(peers)
    async with proxy(homeserver()) as between:
        late = LateKeys(between)
        async with line(homeserver=between.url) as made:
            room = await chat(made, ann)
            late.holds = True
            await ann("sessions", room=room)  # her client takes a new key for the room
            await ann.says(room, "under a late key")
            await ann.says(room, "and one more")
            await until(lambda: made.channel.vitals()["unreadable"] == 2, 15)
            assert "under a late key" not in made.texts()
            made.clock.ahead += made.clock.ahead.__class__(seconds=15)
            made.station.bell.set()
            await until(lambda: Aside.UNREADABLE in made.asides(), 15)
            await made.restart()
            assert made.channel.vitals()["unreadable"] == 2
            late.holds = False
            await made.hears("and one more")
            assert made.texts()[-2:] == ["under a late key", "and one more"]
            assert made.asides().count(Aside.UNREADABLE) == 1
            assert made.channel.vitals()["unreadable"] == 0
            await made.restart()
            await ann.says(room, "after")
            await made.hears("after")
            assert made.texts().count("under a late key") == 1


async def test_a_key_that_never_comes_is_given_up_after_a_day(peers: Peers) -> None:
    ann = await woman(peers)
    async with proxy(homeserver()) as between:
        late = LateKeys(between)
        async with line(homeserver=between.url) as made:
            room = await chat(made, ann)
            late.holds = True
            await ann("sessions", room=room)
            await ann.says(room, "lost")
            await until(lambda: made.channel.vitals()["unreadable"] == 1, 15)
            made.clock.ahead += made.clock.ahead.__class__(hours=25)
            made.station.bell.set()
            await until(lambda: made.channel.vitals()["unreadable"] == 0, 15)
            assert made.channel.vitals()["lost"] == 1


@pytest.mark.parametrize("forgotten", ["sessions", "everything"])
async def test_a_broken_session_heals(forgotten: str, peers: Peers) -> None:
    """We lost what we had with her device: she is asked to write again, and from then on all is well."""
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        if forgotten == "sessions":
            for name, _ in [*made.station.ledger.of("olm"), *made.station.ledger.of("megolm")]:
                made.station.ledger.drop(name)
        else:
            made.channel.erased(ann.user)  # the host erased her; she writes on in the same room
        await made.station.ledger.save()
        await made.restart()
        await ann("sessions", room=room)
        await ann.says(room, "who reads this?")
        await until(lambda: made.channel.vitals()["unreadable"] >= 1 or "who reads this?" in made.texts(), 15)
        made.clock.ahead += made.clock.ahead.__class__(seconds=15)
        made.station.bell.set()
        for attempt in range(10):
            await asyncio.sleep(0.5)
            await ann.says(room, f"again {attempt}")
            if any(text.startswith("again") for text in made.texts()):
                break
        assert any(text.startswith("again") for text in made.texts())
        await made.says(ann.user, "now I can read you")
        assert await can_read(ann, room, "now I can read you")
