"""Which rooms the line goes into and talks in, what it says elsewhere, and how it goes."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from channels.matrix.words import LINES
from channels.message import Address, Aside, DeliveryState, InboundKind, Speaker
from tests.matrix.line import Line, homeserver, line, new_name, woman
from tests.matrix.peers import Peer, Peers
from tests.matrix.proxy import proxy
from tests.matrix.raw import MEGOLM
from tests.webchat.page import until


async def chat(made: Line, ann: Peer, **more: Any) -> str:
    room = await ann.opens(made.user, **more)
    await ann.says(room, "hello")
    await made.hears("hello")
    return room


async def gone(peer: Peer, room: str, user: str) -> None:
    """Once the line is out of her room."""
    await until_async(lambda: peer("membership", room=room, user=user), "leave")


async def many(peer: Peer) -> int:
    return len(await peer("invites"))


async def until_async(ask: Any, value: Any, within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while await ask() != value:
            await asyncio.sleep(0.05)


def sent_by(user: str, kind: str) -> list[str]:
    """Contents of events of this user and type, as they lie on the homeserver."""
    query = "SELECT json FROM event_json JOIN events USING (event_id) WHERE sender = ? AND type = ?"
    return [row[0] for row in homeserver().rows(query, user, kind)]


def plain_lines(user: str) -> list[str]:
    """What this user said in the clear."""
    return [json.loads(event)["content"]["body"] for event in sent_by(user, "m.room.message")]


async def test_a_room_without_a_lock_is_locked_and_then_talked_in(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await ann("room", invite=[made.user], encrypted=False)
        await until_async(lambda: locked(ann, room), True)
        await ann.says(room, "now it is locked")
        await made.hears("now it is locked")
        await made.says(ann.user, "an answer")
        await ann.reads(room, "an answer")
        assert plain_lines(made.user) == []


async def locked(peer: Peer, room: str) -> bool:
    return bool((await peer("facts", room=room))["encryption"])


async def test_where_only_she_can_lock_she_is_told_plainly_in_one_fixed_line(peers: Peers) -> None:
    ann = await woman(peers)
    async with line(languages=("en", "ro")) as made:
        room = await ann("room", invite=[made.user], encrypted=False, preset="private_chat")
        await gone(ann, room, made.user)
        assert plain_lines(made.user) == [f"{LINES['en'].lock}\n{LINES['ro'].lock}"]
        assert (await made.says(ann.user, "secret")).state is DeliveryState.FAILED_FOR_GOOD
        assert made.host.messages == []


async def test_with_more_than_two_it_says_so_and_goes(peers: Peers) -> None:
    ann, bea = await woman(peers), await woman(peers, name="bea")
    async with line() as made:
        room = await ann("room", invite=[bea.user])
        await bea("join", room=room)
        await ann("invite", room=room, user=made.user)
        await gone(ann, room, made.user)
        assert plain_lines(made.user) == [LINES["en"].alone]
        assert made.host.messages == []


async def test_when_a_third_person_comes_in_nothing_more_is_said_there(peers: Peers) -> None:
    ann, bea = await woman(peers), await woman(peers, name="bea")
    async with line() as made:
        room = await chat(made, ann)
        await ann("invite", room=room, user=bea.user)
        await gone(ann, room, made.user)
        assert (await made.says(ann.user, "secret")).state is DeliveryState.FAILED_FOR_GOOD
        assert plain_lines(made.user) == [LINES["en"].alone]


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "Our group", "direct": False},
        {"preset": "public_chat", "direct": False},
        {"denied": True},
        {"not_allowed": True},
    ],
    ids=["a named room", "a public room", "somebody on the list", "somebody not on the list"],
)
async def test_invitations_that_are_declined(odd: dict[str, Any], peers: Peers) -> None:
    ann = await woman(peers)
    settings: dict[str, Any] = {}
    if odd.pop("denied", False):
        settings["denied"] = ("@nobody:elsewhere", ann.user)
    if odd.pop("not_allowed", False):
        settings["allowed"] = ("*.example.org",)
    async with line(**settings) as made:
        room = await ann("room", invite=[made.user], **odd)
        await gone(ann, room, made.user)
        assert sent_by(made.user, "m.room.message") == []
        joined = [event for event in sent_by(made.user, "m.room.member") if '"membership":"join"' in event]
        assert not any(room in event for event in joined)


async def test_a_chat_that_does_not_say_it_is_direct_is_one_if_it_is_private_and_nameless(
    peers: Peers,
) -> None:
    ann = await woman(peers)
    async with line() as made:
        await chat(made, ann, direct=False)


async def test_invitations_of_one_person_are_looked_at_one_after_the_other(peers: Peers) -> None:
    ann = await woman(peers)
    async with line(invitation_every=timedelta(seconds=2)) as made:
        first = await ann.opens(made.user)
        second = await ann("room", invite=[made.user])
        await asyncio.sleep(1)
        assert await ann("membership", room=second, user=made.user) == "invite"
        await ann("joined", room=second, user=made.user, within=15_000)
        assert await ann("membership", room=first, user=made.user) == "join"


async def test_of_one_persons_rooms_the_oldest_gives_way(peers: Peers) -> None:
    ann = await woman(peers)
    async with line(rooms_per_person=2, invitation_every=timedelta(0)) as made:
        rooms = [await chat(made, ann) for _ in range(2)]
        third = await ann.opens(made.user)
        await gone(ann, rooms[0], made.user)
        assert await ann("membership", room=rooms[1], user=made.user) == "join"
        assert await ann("membership", room=third, user=made.user) == "join"


async def test_another_chat_in_the_middle_of_one_begins_as_if_opened_afresh(peers: Peers) -> None:
    ann = await woman(peers)
    async with line(invitation_every=timedelta(0)) as made:
        first = await chat(made, ann)
        second = await ann.opens(made.user)
        await ann.says(second, "over here")
        await made.hears("over here")
        assert [m.kind for m in made.host.messages[-2:]] == [InboundKind.ARRIVED, InboundKind.TEXT]
        await made.says(ann.user, "answered here")
        await ann.reads(second, "answered here")
        assert "answered here" not in await ann.lines(first)


async def test_her_room_stays_hers_and_nothing_is_told_by_reactions_or_names(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        receipt = await made.says(ann.user, "Is it safe?", "Yes", "No")
        question = (await ann.reads(room, "Is it safe?\n\n1 Yes\n2 No"))[0]
        await ann("react", room=room, event=question["id"], key="1")
        await ann.says(room, "2")
        await made.hears("2")
        await made.takes_back(ann.user, receipt.remote_id)
        await made.takes_back(ann.user, made.host.messages[0].remote_id, Speaker.HER)
        query = "SELECT DISTINCT type FROM events WHERE room_id = ? AND sender = ?"
        kinds = {row[0] for row in homeserver().rows(query, room, made.user)}
        assert kinds == {"m.room.member", "m.room.encrypted", "m.room.redaction"}
        assert all('"reason"' not in event for event in sent_by(made.user, "m.room.redaction"))
        facts = await ann("facts", room=room)
        assert (facts["name"], facts["topic"], facts["avatar"], facts["alias"]) == (None, None, None, None)


async def test_pictures_are_acts_without_content_and_are_never_fetched(peers: Peers) -> None:
    ann = await woman(peers)
    async with proxy(homeserver()) as between, line(homeserver=between.url) as made:
        room = await chat(made, ann)
        address = await ann("upload", text="ciphertext of a picture")
        more = {"file": {"url": address, "v": "v2"}, "url": None}
        await ann("say", room=room, text="IMG_secret_name.jpg", kind="m.image", more=more)
        await until(lambda: made.host.messages[-1].kind is InboundKind.MEDIA, 15)
        assert made.host.messages[-1].text == ""
        assert between.asked("media") == 0


async def test_what_is_no_word_of_hers_is_passed_over(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        await ann("say", room=room, text="I am a program", kind="m.notice")
        await ann("say", room=room, text="", kind="m.text")
        await ann("send", room=room, type="org.example.unknown", content={"body": "x"})
        await ann("say", room=room, text="waves", kind="m.emote")
        await made.hears("waves")
        assert made.texts() == ["hello", "waves"]


async def test_an_answer_to_a_line_holds_her_words_only(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        more = {"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}
        await ann("say", room=room, text="> <@line> Is it safe?\n> really\n\nno", more=more)
        await made.hears("no")


async def test_who_goes_out_of_her_room_has_left(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        await ann("leave", room=room)
        await until(lambda: made.host.all("left"), 15)
        assert [left.address.handle for left in made.host.all("left")] == [ann.user]
        await until(lambda: room not in made.station.rooms, 15)


async def test_who_sends_the_line_out_has_left(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann, preset="private_chat")
        await ann("kick", room=room, user=made.user)
        await until(lambda: made.host.all("left"), 15)
        assert room not in made.station.rooms


async def test_in_a_room_that_keeps_her_words_she_is_offered_one_that_does_not(peers: Peers) -> None:
    """Only after her yes is a room made: without name, topic or picture, and closed to other homeservers."""
    ann = await woman(peers)
    async with line(invitation_every=timedelta(0)) as made:
        old = await chat(made, ann, preset="private_chat")
        await until(lambda: Aside.ROOM_OFFER in made.asides(), 15)
        hers = made.host.messages[0].remote_id
        assert (await made.takes_back(ann.user, hers, Speaker.HER)).state is DeliveryState.FAILED_FOR_GOOD
        assert await ann("invites") == []
        await made.says(ann.user, "said in the old room")
        await ann.says(old, "New room, please")
        await made.hears("New room, please")
        assert await ann("invites") == [], "only the very words are a yes"
        await ann.says(old, "New room!")
        await until(lambda: Aside.ROOM_MADE in made.asides(), 15)
        assert "New room!" not in made.texts()
        await until_async(lambda: many(ann), 1)
        (new,) = await ann("invites")
        await ann("join", room=new)
        facts = await ann("facts", room=new)
        assert (facts["name"], facts["topic"], facts["avatar"], facts["alias"]) == (None, None, None, None)
        assert facts["encryption"]["algorithm"] == MEGOLM
        assert facts["create"]["m.federate"] is False
        await ann.says(new, "I am here")
        heard = await made.hears("I am here")
        assert InboundKind.ARRIVED not in {m.kind for m in made.host.messages}
        assert (await made.takes_back(ann.user, heard.remote_id, Speaker.HER)).state is DeliveryState.SENT
        await made.says(ann.user, "so am I")
        await ann.reads(new, "so am I")
        # The old one is emptied of what is ours, and left.
        await gone(ann, old, made.user)
        assert "said in the old room" not in await ann.lines(old)
        assert made.asides().count(Aside.ROOM_OFFER) == 1


async def test_after_hide_nothing_is_left_where_the_room_lets_us(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        await ann.says(room, "more words")
        await made.hears("more words")
        await made.says(ann.user, "an answer")
        await ann.reads(room, "an answer")
        await ann("react", room=room, event=made.host.messages[0].external_id, key="x")
        assert (await made.leaves(ann.user)).state is DeliveryState.SENT
        await gone(ann, room, made.user)
        assert await ann.lines(room) == []
        assert counted("redactions JOIN events USING (event_id) WHERE room_id = ?", room) >= 4
        assert (await made.leaves(ann.user)).state is DeliveryState.SENT, "a second time changes nothing"
        assert [body for _, body in made.station.ledger.of("room")] == []
        assert [body for _, body in made.station.ledger.of("megolm")] == []


def counted(query: str, *values: str) -> int:
    return homeserver().rows(f"SELECT count(*) FROM {query}", *values)[0][0]  # noqa: S608 - our own words


async def test_a_day_after_a_close_nothing_of_it_lies_on_our_homeserver_and_her_room_is_still_hers(
    peers: Peers,
) -> None:
    admin = homeserver().register(new_name("admin"), admin=True)
    ann = await woman(peers)
    async with line(admin_token=admin.token) as made:
        room = await chat(made, ann)
        for number in range(4):
            await made.says(ann.user, f"answer {number}")
        await ann.reads(room, "answer 3")
        locked = ("events WHERE room_id = ? AND type = 'm.room.encrypted'", room)
        await made.channel.forget(Address("matrix", ann.user), for_good=False)
        made.clock.ahead += timedelta(hours=23)
        await tidied(made)
        assert counted(*locked) == 5
        made.clock.ahead += timedelta(hours=2)
        await tidied(made)
        await until(lambda: counted(*locked) <= 1, 15)
        made.clock.ahead = timedelta()
        await ann.says(room, "back again")
        await made.hears("back again")
        await made.says(ann.user, "welcome back")
        await ann.reads(room, "welcome back")
        # A chat that goes on keeps its story, whatever was closed before.
        await made.channel.forget(Address("matrix", ann.user), for_good=False)
        made.clock.ahead += timedelta(hours=1)
        await ann.says(room, "not over after all")
        await made.hears("not over after all")
        made.clock.ahead += timedelta(hours=25)
        before = counted(*locked)
        await tidied(made)
        assert counted(*locked) == before


async def tidied(made: Line) -> None:
    """The errands of an hour are done."""
    errands = made.channel._line._errands
    moment = made.clock()
    errands.bell.set()
    await until(lambda: errands._tidied is not None and errands._tidied >= moment, 15)
    await until(
        lambda: not any(0 < mark.over < moment.timestamp() - 86_400 for mark in made.station.bookmarks.all()),
        15,
    )


async def test_where_the_organisation_runs_the_homeserver_room_and_files_are_removed(peers: Peers) -> None:
    admin = homeserver().register(new_name("admin"), admin=True)
    ann = await woman(peers)
    async with line(admin_token=admin.token) as made:
        room = await chat(made, ann)
        address = await ann("upload", text="ciphertext")
        file = {"file": {"url": address, "v": "v2"}}
        await ann("say", room=room, text="x.jpg", kind="m.image", more=file)
        await until(lambda: made.host.messages[-1].kind is InboundKind.MEDIA, 15)
        stored = ("local_media_repository WHERE media_id = ?", address.split("/")[-1])
        assert counted(*stored) == 1
        await made.takes_back(ann.user, made.host.messages[-1].remote_id, Speaker.HER)
        assert counted(*stored) == 0
        await made.leaves(ann.user)
        await until(lambda: counted("events WHERE room_id = ?", room) == 0, 15)
