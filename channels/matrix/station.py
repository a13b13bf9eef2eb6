"""What is open while the line is on Matrix: the connection, the keys, and what is known of whom."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from nio.crypto import OlmDevice

from channels.matrix.bookmarks import Bookmark, Bookmarks
from channels.matrix.chat_rooms import ChatRooms
from channels.matrix.keys import Stock
from channels.matrix.keystore import KeyStore
from channels.matrix.ledger import Ledger
from channels.matrix.machine import Machine
from channels.matrix.people import Device, People
from channels.matrix.rooms import RoomView
from channels.matrix.settings import MatrixSettings
from channels.matrix.wire import Client

RECORD_LIVES: Final = timedelta(days=8)  # the host erases what is hers before that, and says so
VOLUNTEER_LIVES: Final = timedelta(days=400)  # she may have left every room and is rung all the same


@dataclass(slots=True)
class Station:
    """See the module.

    Attributes:
        settings: of the operator.
        client: the connection.
        machine: the cryptography.
        ledger: what is stored.
        people, bookmarks: who writes, and how far each room was read.
        chat_rooms: rooms made for volunteers, one for each chat.
        now: the moment, aware.
        token: a fresh random string.
        rooms: every room we are in, by id.
        stock: keys the homeserver has of us.
        bell: rings when something must go to the host without waiting for the homeserver.
        ready: rooms are known: sending can begin.
        heard_at: when the homeserver last answered a sync, on the loop's clock.
        lost: words that could not be read and will not be, counted for the operator.
    """

    settings: MatrixSettings
    client: Client
    machine: Machine
    ledger: Ledger
    people: People
    bookmarks: Bookmarks
    chat_rooms: ChatRooms
    now: Callable[[], datetime]
    token: Callable[[], str]
    rooms: dict[str, RoomView] = field(default_factory=dict[str, RoomView])
    stock: Stock = field(default_factory=Stock)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    heard_at: float = 0.0
    lost: int = 0

    @property
    def me(self) -> str:
        """Our own user id."""
        return self.machine.user_id

    def device(self, user: str, device: Device) -> OlmDevice | None:
        """A device that was met, in the form of nio; None if it is gone, or another one now."""
        known = self.machine.device_store[user].get(device.id)
        same = known is not None and (known.ed25519, known.curve25519) == (device.ed25519, device.curve25519)
        return known if same else None

    def rooms_with(self, user: str) -> list[str]:
        """Rooms we are in with this person, as the homeserver tells."""
        return [room for room, view in self.rooms.items() if user in view.members]

    def remember(self, mark: Bookmark) -> None:
        """How far a room was read; written only while we know the person it is with."""
        self.bookmarks.keep(mark, written=self.people.of(mark.user) is not None)

    def chat_is_over(self, user: str) -> None:
        """The chat with a person was closed, and everything in it is taken back. Her room stays hers."""
        for mark in self.bookmarks.of_user(user):
            mark.over = self.now().timestamp()
            self.remember(mark)

    def strangers(self) -> set[str]:
        """People we keep something about, with whom there is no room, and whose last act is long ago."""
        known = {user for view in self.rooms.values() for user in view.members | view.invited}
        known |= {mark.user for mark in self.bookmarks.all() if mark.room in self.rooms}
        lives = VOLUNTEER_LIVES if self.settings.staff else RECORD_LIVES
        before = (self.now() - lives).timestamp()
        known |= {person.user for person in self.people.all() if person.last_act > before}
        return (self.ledger.owners() | self.machine.store.holders()) - known

    def forget(self, user: str) -> None:
        """Know nothing of a person; the rooms themselves are left by `Leaving`."""
        self.machine.forget(user)
        self.people.forget(user)
        self.ledger.drop_owner(user)

    def forget_room(self, room: str) -> None:
        """A room is over: its keys and its bookmark go."""
        self.rooms.pop(room, None)
        self.machine.forget_room(room)
        self.bookmarks.drop(room)
        self.chat_rooms.drop(room)
        for person in self.people.all():
            if person.room == room:
                person.room = ""
                self.people.keep(person)


def open_station(
    settings: MatrixSettings,
    client: Client,
    ledger: Ledger,
    device_id: str,
    now: Callable[[], datetime],
    token: Callable[[], str],
) -> Station:
    """A station on rows that were read."""
    machine = Machine(settings.user, device_id, KeyStore(ledger))
    people, bookmarks, chat_rooms = People(ledger), Bookmarks(ledger), ChatRooms(ledger)
    people.open()
    bookmarks.open()
    chat_rooms.open()
    for person in people.all():
        for device in person.devices.values():
            keys = {"ed25519": device.ed25519, "curve25519": device.curve25519}
            machine.know(OlmDevice(person.user, device.id, keys))
    return Station(settings, client, machine, ledger, people, bookmarks, chat_rooms, now, token)
