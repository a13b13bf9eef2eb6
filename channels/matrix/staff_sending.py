"""To a volunteer: into the room of the chat that is named, or into the one she writes commands in.

Each chat has a room of its own on the organisation's homeserver: locked, closed to other homeservers, without
name or topic; by its address alone she tells one from another. Only devices her proven key vouches for can
read there (`volunteers`). When the chat is over it is emptied, she is taken out, and it is removed.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from nio.crypto import OlmDevice

from channels.matrix import making, places, volunteers
from channels.matrix.bookmarks import Bookmark
from channels.matrix.capabilities import CAPABILITIES
from channels.matrix.chat_rooms import ChatRoom
from channels.matrix.failures import Refusal
from channels.matrix.people import Person
from channels.matrix.rooms import RoomView
from channels.matrix.sending import GONE, Sending
from channels.message import DeliveryState, OutboundKind, OutboundMessage, Receipt

STAFF_CAPABILITIES: Final = replace(CAPABILITIES, places=True, leaves=False)
NO_PLACE: Final = Receipt(DeliveryState.FAILED_FOR_GOOD, "no_places")
NOT_YET: Final = Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected")
SENT: Final = Receipt(DeliveryState.SENT)
TAKEN: Final = "M_ROOM_IN_USE"
_NOT_IN_ALIAS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(slots=True)
class StaffSending(Sending):
    """Puts messages on the wire for volunteers."""

    async def _put(self, message: OutboundMessage) -> Receipt:  # pyright: ignore[reportImplicitOverride]
        user, _ = volunteers.parted(message.address.handle)
        match message.kind:
            case OutboundKind.DELETE:
                return await self._redact(message)
            case OutboundKind.OPEN:
                return await self._open(user, message)
            case OutboundKind.CLOSE:
                return await self._close(message)
            case OutboundKind.LEAVE:
                return NO_PLACE
            case OutboundKind.NEW | OutboundKind.EDIT:
                return await self._tell(user, message)

    async def _tell(self, user: str, message: OutboundMessage) -> Receipt:
        person = self.station.people.of(user)
        if person is None:
            return GONE  # she has never written to us, or long ago
        room = await self._room(person, message)
        if room is None:
            return GONE
        async with self._locks[room]:
            return await self._speak(person, room, _linked(message))

    async def _room(self, person: Person, message: OutboundMessage) -> str | None:
        """Where it goes: a chat's own room, else the one she writes commands in. None for none any more."""
        if message.kind is OutboundKind.EDIT:
            room, _ = places.parted(message.target_remote_id or "")
            return room if room in self.station.rooms else None
        if message.place is None:
            return await self._lobby(person)
        if message.place not in self.station.rooms:
            return None
        await self._ask_back(person.user, message.place)
        return message.place

    async def _ask_back(self, user: str, room: str) -> None:
        """Who went out of a chat's room is asked in again: words to her must not stand there unseen."""
        view = self.station.rooms[room]
        if user not in view.members | view.invited and not view.expected:
            await making.invite(self.station.client, room, user)
            view.invited.add(user)

    async def _lobby(self, person: Person) -> str:
        """The room she writes commands in; where she left it, a new one she is asked into."""
        station = self.station
        fit = [room for room in station.rooms_with(person.user) if room not in station.chat_rooms]
        asked = [
            room
            for room, view in station.rooms.items()
            if person.user in view.invited and room not in station.chat_rooms
        ]
        if person.room in fit or person.room in asked:
            return person.room
        room = next(iter([*fit, *asked]), None)
        if room is None:
            room = await making.make_room(
                station.client, [person.user], federated=False, direct=True, closed=False
            )
            seen = station.now().timestamp()
            station.remember(Bookmark(room, person.user, seen=seen, locked=True, ours=True))
            self._enter(room, person.user)
        person.room = room
        station.people.keep(person, with_batch=True)
        return room

    async def _unfit(self, room: str) -> Receipt | None:  # pyright: ignore[reportImplicitOverride]
        """Nothing is said in a room that is not locked, or where anybody beside the one volunteer is."""
        view = self.station.rooms[room]
        if not view.whole:
            view.take_members(await making.members(self.station.client, room))
        if view.crowded or view.others > 1 or view.join_rule not in {"invite", "private"}:
            return GONE
        return None if view.locked else NOT_YET

    def _readers(self, person: Person, message: OutboundMessage) -> list[OlmDevice]:  # pyright: ignore[reportImplicitOverride]
        _, key = volunteers.parted(message.address.handle)
        found = [self.station.device(person.user, device) for device in volunteers.readers(person, key)]
        return [device for device in found if device is not None]

    # --- rooms of chats -----------------------------------------------------------------------------------
    async def _open(self, user: str, message: OutboundMessage) -> Receipt:
        """Make a room for a chat; asked again it gives the same one, which its address names."""
        station = self.station
        local = alias_of(message.text, message.entry_id)
        alias = f"#{local}:{station.settings.server}"
        try:
            room = await making.make_room(
                station.client, [user], federated=False, direct=False, alias=local, closed=True
            )
        except Refusal as refused:
            if refused.may_pass:
                raise
            if refused.code != TAKEN:
                return NO_PLACE
            room = await making.room_of_alias(station.client, alias)
        station.people.keep(station.people.meet(user))
        await station.chat_rooms.keep(ChatRoom(room, user, alias, station.now().timestamp()))
        if room not in station.rooms:
            self._enter(room, user)
        return Receipt(DeliveryState.SENT, remote_id=room)

    def _enter(self, room: str, user: str) -> None:
        """A room of our own is known at once, and not only when the homeserver tells of it."""
        view = RoomView(room, self.station.me, locked=True, creator=self.station.me)
        view.members, view.invited, view.whole = {self.station.me}, {user}, True
        self.station.rooms[room] = view

    async def _close(self, message: OutboundMessage) -> Receipt:
        """Take back every word, take her out, remove the room; one that is gone already is removed."""
        room = message.place
        if room is None:
            return NO_PLACE
        async with self._locks[room]:
            await self.leaving.close(room)
            await self.station.ledger.save()
        self._locks.pop(room, None)
        return SENT


def alias_of(name: str, entry: str) -> str:
    """The local part of a room's address: the chat's neutral name, and what nobody can guess."""
    return f"{_NOT_IN_ALIAS.sub('-', name.casefold()).strip('-')}-{entry[:10]}".strip("-")


def _linked(message: OutboundMessage) -> OutboundMessage:
    """A button that opens a page is a line of its own here."""
    if message.link is None:
        return message
    label, address = message.link
    return replace(message, text=f"{message.text}\n{label}: {address}")
