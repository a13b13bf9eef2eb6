"""Rooms made for volunteers, one for each chat: which there are, and how each is called. Sealed by the host.

A row is written before the host learns of its room, so that no room of a chat is taken for anything else.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

import orjson

from channels.matrix.ledger import Ledger, Name
from channels.message import Lives

KIND: Final = "chat_room"


@dataclass(frozen=True, slots=True)
class ChatRoom:
    """One room of one chat.

    Attributes:
        room: its id.
        user: the volunteer it was made for.
        alias: its address, "#heron-47-abcd1234:example.org".
        made_at: seconds since 1970.
    """

    room: str
    user: str
    alias: str
    made_at: float


class ChatRooms:
    """All of them; none where women write."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rooms: dict[str, ChatRoom] = {}

    def open(self) -> None:
        """Read all of them."""
        every = (ChatRoom(**orjson.loads(body)) for _, body in self._ledger.of(KIND))
        self._rooms = {one.room: one for one in every}

    def __contains__(self, room: str) -> bool:
        return room in self._rooms

    def of(self, room: str) -> ChatRoom | None:
        """The chat's room of that id, None for a room of any other kind."""
        return self._rooms.get(room)

    def all(self) -> Iterator[ChatRoom]:
        """All of them."""
        return iter(list(self._rooms.values()))

    async def keep(self, one: ChatRoom) -> None:
        """Remember it, at once. Raises what the host raised."""
        self._rooms[one.room] = one
        self._ledger.put(Name(one.user, KIND, one.room), Lives.CONTACT, orjson.dumps(asdict(one)))
        await self._ledger.save()

    def drop(self, room: str) -> None:
        """The chat is over."""
        one = self._rooms.pop(room, None)
        if one is not None:
            self._ledger.drop(Name(one.user, KIND, room))
