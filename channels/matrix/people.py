"""What is known of a person who writes: her devices, her identity, where she writes. Sealed by the host.

One row per person, so that all of it goes with her contact record.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from channels.matrix.ledger import Ledger, Name
from channels.message import Lives

KIND: Final = "person"
MID_CHAT: Final = timedelta(minutes=30)
"""As long as a talk on a messenger lives without an act of hers."""


@dataclass(slots=True)
class Device:
    """One device of hers.

    Attributes:
        id: as the homeserver names it.
        ed25519, curve25519: its keys, unpadded base64.
        signed: her own identity vouches for it.
        may_read: what we write is encrypted for it.
        asked: it turned up in the middle of a chat, and nobody has said that it is hers.
        spoke: something was written on it since.
    """

    id: str
    ed25519: str
    curve25519: str
    signed: bool = False
    may_read: bool = False
    asked: bool = False
    spoke: bool = False


@dataclass(slots=True)
class Person:
    """One person.

    Attributes:
        user: her id.
        room: where she wrote last; there she is answered.
        last_act: when she last acted, seconds since 1970.
        language: of what she was last told.
        master: her identity as first seen in this chat, "" if she has none.
        shown: her identity as the homeserver shows it now.
        devices: by id.
        paused: a device turned up in the middle of a chat: nothing is sent until she acts.
        told_unreadable: since when she knows that something could not be read; 0 after a readable act.
        queried: her devices were asked for at least once.
    """

    user: str
    room: str = ""
    last_act: float = 0.0
    language: str = ""
    master: str = ""
    shown: str = ""
    devices: dict[str, Device] = field(default_factory=dict[str, Device])
    paused: bool = False
    told_unreadable: float = 0.0
    queried: bool = False

    def mid_chat(self, now: datetime) -> bool:
        """Whether a chat with her is under way."""
        return now.timestamp() - self.last_act < MID_CHAT.total_seconds()

    def device_of(self, curve25519: str, ed25519: str) -> Device | None:
        """The device that owns both keys."""
        for device in self.devices.values():
            if device.curve25519 == curve25519 and device.ed25519 == ed25519:
                return device
        return None

    def to_bytes(self) -> bytes:
        """For sealing; `from_bytes` is its inverse."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, plain: bytes) -> "Person":
        """Rebuild; what a newer program wrote raises TypeError."""
        values: dict[str, Any] = orjson.loads(plain)
        values["devices"] = {name: Device(**device) for name, device in values["devices"].items()}
        return cls(**values)


class People:
    """Everyone the line knows now."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._people: dict[str, Person] = {}

    def open(self) -> None:
        """Read everybody from the ledger."""
        self._people = {name.owner: Person.from_bytes(body) for name, body in self._ledger.of(KIND)}

    def of(self, user: str) -> Person | None:
        """A person, None for nobody we know."""
        return self._people.get(user)

    def meet(self, user: str) -> Person:
        """A person, known from now on."""
        person = self._people.get(user)
        if person is None:
            person = self._people[user] = Person(user)
        return person

    def all(self) -> Iterator[Person]:
        """Everybody."""
        return iter(list(self._people.values()))

    def keep(self, person: Person, *, with_batch: bool = False) -> None:
        """Have a person's row written; not if she was forgotten meanwhile."""
        if self._people.get(person.user) is person:
            name = Name(person.user, KIND)
            self._ledger.put(name, Lives.CONTACT, person.to_bytes(), with_batch=with_batch)

    def forget(self, user: str) -> None:
        """Know nothing of her any more."""
        self._people.pop(user, None)
