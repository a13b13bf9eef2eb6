"""The volunteers' account: whose words count, a room for each chat, and what is left of it afterwards."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from channels.matrix import making
from channels.matrix.staff_sending import alias_of
from channels.message import Aside, DeliveryState, InboundMessage, OutboundKind, Receipt
from tests.matrix.line import Line, homeserver, is_shut_out, line, new_name, woman
from tests.matrix.peers import Peer, PeerFault, Peers
from tests.matrix.raw import MEGOLM
from tests.matrix.synapse import Refused
from tests.webchat.page import until

STAFF: dict[str, Any] = {"name": "matrix-staff", "staff": True, "allowed": ("localhost",)}
STAFF_AT_ONCE = timedelta(0)


@asynccontextmanager
async def staff_line(**more: Any) -> AsyncGenerator[Line, None]:
    """The volunteers' account, listening."""
    async with line(**STAFF, **more) as made:
        yield made


async def writes(made: Line, peer: Peer, room: str, text: str) -> InboundMessage:
    await peer.says(room, text)
    return await made.hears(text)


async def linked(made: Line, peers: Peers, **more: Any) -> tuple[Peer, str, str]:
    """A volunteer, the room she writes commands in, and her address as the host learns it."""
    peer = await woman(peers, name="maple", **more)
    lobby = await peer.opens(made.user)
    heard = await writes(made, peer, lobby, "!link")
    assert (heard.address.channel, heard.place) == ("matrix-staff", lobby)
    return peer, lobby, heard.address.handle


def opening(made: Line, handle: str) -> Any:
    return made.message(handle, "Heron 47", kind=OutboundKind.OPEN)


async def opened(made: Line, handle: str) -> str:
    receipt = await made.channel.send(opening(made, handle))
    assert receipt.state is DeliveryState.SENT and receipt.remote_id is not None
    return receipt.remote_id


async def closed(made: Line, handle: str, room: str) -> Receipt:
    return await made.says(handle, "", kind=OutboundKind.CLOSE, place=room)


async def enters(peer: Peer, room: str) -> None:
    """She takes the invitation."""
    await until_true(peer, room, "invite")
    await peer("join", room=room)


async def until_true(peer: Peer, room: str, membership: str, user: str = "") -> None:
    for _ in range(400):
        if await peer("membership", room=room, user=user or peer.user) == membership:
            return
        await peer("wait", milliseconds=25)
    raise AssertionError(f"not {membership}")


async def can_read(peer: Peer, room: str, text: str, within: int = 8000) -> bool:
    try:
        await peer.reads(room, text, within=within)
    except PeerFault:
        return False
    return True


async def again(peers: Peers, peer: Peer) -> Peer:
    """She, or somebody with her password, logs in once more."""
    local = peer.user.partition(":")[0][1:]
    return await peers.enter(homeserver(), local, who=f"{peer.who} again")


def left_of(room: str) -> int:
    """Events of a room that still hold something."""
    query = (
        "SELECT count(*) FROM events LEFT JOIN redactions ON redactions.redacts = events.event_id"
        " WHERE events.room_id = ? AND events.type = 'm.room.encrypted' AND redactions.redacts IS NULL"
    )
    return homeserver().rows(query, room)[0][0]


def events_of(room: str) -> int:
    return homeserver().rows("SELECT count(*) FROM events WHERE room_id = ?", room)[0][0]


def leads_somewhere(alias: str) -> bool:
    try:
        homeserver().ask("GET", f"/_matrix/client/v3/directory/room/{alias.replace('#', '%23')}")
    except Refused as refused:
        if refused.status != 404:
            raise
        return False
    return True


async def test_a_chat_has_a_room_of_its_own_that_is_emptied_and_left(peers: Peers) -> None:
    async with staff_line() as made:
        maple, lobby, handle = await linked(made, peers, sign=True, strict=True)
        room = await opened(made, handle)
        # What stands there before she comes in can be read by her as well.
        first = await made.says(handle, "She: before you came", place=room, silent=False)
        await enters(maple, room)
        assert await can_read(maple, room, "She: before you came")
        facts = await maple("facts", room=room)
        assert (facts["name"], facts["topic"], facts["avatar"]) == (None, None, None)
        assert facts["encryption"]["algorithm"] == MEGOLM
        assert facts["create"]["m.federate"] is False
        assert facts["join_rules"]["join_rule"] == "invite"
        alias = facts["alias"]["alias"]
        assert alias.startswith("#heron-47-") and leads_somewhere(alias)
        assert {shield["colour"] for shield in await maple("shields", room=room)} == {0}

        heard = await writes(made, maple, room, "I am here")
        assert (heard.address.handle, heard.place) == (handle, room)
        await made.says(handle, "There is something for you.", silent=False)
        assert await can_read(maple, lobby, "There is something for you.")
        edit = {"kind": OutboundKind.EDIT, "target_remote_id": first.remote_id, "place": room}
        assert (await made.says(handle, "She deleted this line.", **edit)).state is DeliveryState.SENT
        assert await can_read(maple, room, "She deleted this line.")

        assert (await closed(made, handle, room)).state is DeliveryState.SENT
        await until_true(maple, room, "leave")
        assert left_of(room) == 0
        assert not leads_somewhere(alias)
        assert room not in made.station.rooms and room not in made.station.chat_rooms
        assert [body for _, body in made.station.ledger.of("chat_room")] == []
        assert (await closed(made, handle, room)).state is DeliveryState.SENT, "again changes nothing"
        assert await can_read(maple, lobby, "There is something for you.")


@pytest.mark.long
async def test_where_the_organisation_runs_the_homeserver_nothing_of_the_room_is_left(peers: Peers) -> None:
    admin = homeserver().register(new_name("admin"), admin=True)
    async with staff_line(admin_token=admin.token) as made:
        maple, _, handle = await linked(made, peers, sign=True)
        room = await opened(made, handle)
        await enters(maple, room)
        await writes(made, maple, room, "I am here")
        assert events_of(room) > 5
        await closed(made, handle, room)
        await until(lambda: events_of(room) == 0, 15)
        await until_true(maple, room, "leave")


async def test_a_room_that_is_asked_for_twice_is_made_once(peers: Peers) -> None:
    """The process died before the host learnt of the room: it is found again by its address."""
    async with staff_line() as made:
        maple, lobby, handle = await linked(made, peers, sign=True)
        asked = opening(made, handle)
        first = await made.channel.send(asked)
        assert (await made.channel.send(asked)).remote_id == first.remote_id
        await made.restart()
        assert (await made.channel.send(asked)).remote_id == first.remote_id
        assert await maple("invites") == [first.remote_id]
        room = first.remote_id or ""
        await made.says(handle, "She: after the restart", place=room)
        await enters(maple, room)
        assert await can_read(maple, room, "She: after the restart")
        await made.says(handle, "in the lobby")
        assert await can_read(maple, lobby, "in the lobby")
        await closed(made, handle, room)
        await until_true(maple, room, "leave")


async def test_a_device_she_did_not_sign_reads_nothing_and_speaks_for_nobody(peers: Peers) -> None:
    """Her password is not enough: whoever has it is a stranger until a code of the console says otherwise."""
    async with staff_line() as made:
        maple, lobby, handle = await linked(made, peers, sign=True)
        room = await opened(made, handle)
        await enters(maple, room)
        other = await again(peers, maple)
        await until(lambda: len(made.station.people.of(maple.user).devices) == 2, 15)
        said = await made.says(handle, "She: for Maple alone", place=room)
        assert await can_read(maple, room, "She: for Maple alone")
        assert await is_shut_out(other, room, said)
        stranger = await writes(made, other, room, "!close")
        assert stranger.address.handle not in {handle, maple.user}
        # An answer to that address reaches that device only, and stands where commands are written.
        said = await made.says(stranger.address.handle, "You are not linked.")
        assert await can_read(other, lobby, "You are not linked.")
        assert await is_shut_out(maple, lobby, said)

        await other("sign")  # a new identity, made with the password
        await until(lambda: made.station.people.of(maple.user).shown not in handle, 15)
        said = await made.says(handle, "She: still for Maple", place=room)
        assert (said.state, said.reason) == (DeliveryState.FAILED_FOR_NOW, "no_keys"), "nobody reads it"
        taken = await writes(made, other, lobby, "!ready")
        assert taken.address.handle not in {handle, stranger.address.handle}


async def test_a_device_she_signed_is_hers_at_once(peers: Peers) -> None:
    async with staff_line() as made:
        maple, lobby, handle = await linked(made, peers, sign=True)
        new = await again(peers, maple)
        await maple("confirm", device=new.device)
        await until(
            lambda: any(
                d.signed for d in made.station.people.of(maple.user).devices.values() if d.id == new.device
            ),
            15,
        )
        assert (await writes(made, new, lobby, "!menu")).address.handle == handle
        await made.says(handle, "on both")
        assert await can_read(new, lobby, "on both") and await can_read(maple, lobby, "on both")


async def test_an_account_without_an_identity_is_the_device_it_was_linked_from(peers: Peers) -> None:
    async with staff_line() as made:
        maple, lobby, handle = await linked(made, peers)
        other = await again(peers, maple)
        await until(lambda: len(made.station.people.of(maple.user).devices) == 2, 15)
        said = await made.says(handle, "on one")
        assert await can_read(maple, lobby, "on one")
        assert await is_shut_out(other, lobby, said)


async def test_who_goes_out_of_a_room_is_asked_in_again(peers: Peers) -> None:
    """By mistake or not: nothing of a chat that goes on stands where nobody sees it."""
    async with staff_line(invitation_every=STAFF_AT_ONCE) as made:
        maple, lobby, handle = await linked(made, peers, sign=True)
        room = await opened(made, handle)
        await enters(maple, room)
        await maple("leave", room=room)
        await until(lambda: maple.user not in made.station.rooms[room].members, 15)
        await made.says(handle, "She: are you there?", place=room)
        await enters(maple, room)
        assert await can_read(maple, room, "She: are you there?")
        # The room of commands is made anew.
        await maple("leave", room=lobby)
        await until(lambda: lobby not in made.station.rooms, 15)
        assert (await made.says(handle, "There is something for you.")).state is DeliveryState.SENT
        assert (await made.says(handle, "And one more.")).state is DeliveryState.SENT
        await until_invited(maple, 1)
        (new,) = await maple("invites")
        await maple("join", room=new)
        assert await can_read(maple, new, "There is something for you.")
        assert await can_read(maple, new, "And one more.")
        assert (await writes(made, maple, new, "!ready")).address.handle == handle
        assert room in made.station.chat_rooms, "the chat's room did not give way"


async def test_nobody_else_comes_into_a_chats_room_and_if_so_nothing_is_said_there(peers: Peers) -> None:
    async with staff_line() as made:
        maple, _, handle = await linked(made, peers, sign=True)
        other = await woman(peers, name="other")
        room = await opened(made, handle)
        await enters(maple, room)
        with pytest.raises(PeerFault, match="invite"):
            await maple("invite", room=room, user=other.user)
        # Not even if somebody got in all the same: here the account itself lets her.
        await making.invite(made.station.client, room, other.user)
        await enters(other, room)
        await until(lambda: other.user in made.station.rooms[room].members, 15)
        said = await made.says(handle, "She: for two", place=room)
        assert (said.state, said.reason) == (DeliveryState.FAILED_FOR_GOOD, "gone")
        await closed(made, handle, room)
        await until_true(other, room, "leave")


async def test_a_room_the_host_forgot_is_removed_after_two_days(peers: Peers) -> None:
    """As when an older copy of the database was put back: the chat is over, and nobody closes its room."""
    async with staff_line() as made:
        maple, lobby, handle = await linked(made, peers, sign=True)
        room = await opened(made, handle)
        await enters(maple, room)
        made.clock.ahead += timedelta(hours=49)
        made.channel._line._errands.bell.set()
        await until_true(maple, room, "leave")
        assert await maple("membership", room=lobby, user=made.user) == "join"


async def until_invited(peer: Peer, count: int) -> None:
    for _ in range(400):
        if len(await peer("invites")) == count:
            return
        await peer("wait", milliseconds=25)
    raise AssertionError("not invited")


async def test_words_of_hers_that_cannot_be_read_are_told_to_the_host_as_that(peers: Peers) -> None:
    """She must know that they went to nobody."""
    async with staff_line() as made:
        maple, lobby, handle = await linked(made, peers, sign=True)
        # In the clear, into a room with a lock: it may be anybody's.
        path = f"/_matrix/client/v3/rooms/{lobby}/send/m.room.message/x1"
        body = {"msgtype": "m.text", "body": "in the clear"}
        homeserver().ask("PUT", path, body, maple.token)
        await until(lambda: Aside.UNREADABLE in made.asides(), 15)
        assert made.host.messages[-1].address.handle == handle
        assert "in the clear" not in made.texts()


@pytest.mark.parametrize(
    ("name", "alias"),
    [("Heron 47", "heron-47-abcdefghij"), ("Red Kite 7", "red-kite-7-abcdefghij"), ("", "abcdefghij")],
)
def test_an_address_is_made_of_the_neutral_name_and_of_what_nobody_can_guess(name: str, alias: str) -> None:
    assert alias_of(name, "abcdefghijklmnop") == alias
