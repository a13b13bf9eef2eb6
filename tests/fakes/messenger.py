"""A volunteers' messenger in memory: phones with a main chat, topics, replies and rings.

It keeps what a real one keeps: a message stays until it is deleted, a topic goes with all that is in it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from channels.message import (
    Address,
    Batch,
    Capabilities,
    Choice,
    DeliveryState,
    InboundKind,
    InboundMessage,
    OutboundKind,
    OutboundMessage,
    Receipt,
)
from tests.fakes.channel import MATRIX, TELEGRAM

TABLES = {
    "telegram-staff": replace(TELEGRAM, places=False),
    "telegram-staff+topics": replace(TELEGRAM, places=True),
    "matrix-staff": replace(MATRIX, places=True),
}


@dataclass
class Message:
    """One message on a phone."""

    id: str
    text: str
    place: str | None
    mine: bool = False
    choices: tuple[Choice, ...] = ()
    link: tuple[str, str] | None = None
    protected: bool = False
    asks_reply: bool = False
    reply_to: str | None = None


@dataclass
class Phone:
    """A volunteer's phone."""

    network: "FakeMessenger"
    handle: str
    messages: list[Message] = field(default_factory=list[Message])
    places: dict[str, str] = field(default_factory=dict[str, str])
    rings: list[str] = field(default_factory=list[str])
    blocked: bool = False

    def texts(self, place: str | None = None) -> list[str]:
        """What others wrote, in one place."""
        return [m.text for m in self.messages if m.place == place and not m.mine]

    def everything(self) -> str:
        """All that stands anywhere on this phone, names of places included."""
        return "\n".join([*self.places.values(), *(m.text for m in self.messages)])

    def line(self, part: str) -> Message:
        """The newest message that holds `part`."""
        return next(m for m in reversed(self.messages) if part in m.text)

    def types(self, text: str, *, to: Message | None = None, place: str | None = None) -> str:
        """She writes, in a place or as a reply."""
        remote = self.network.next_id()
        self.messages.append(Message(remote, text, place, mine=True))
        self._brings(InboundKind.TEXT, remote, text=text, place=place, reply_to=to.id if to else None)
        return remote

    def taps(self, label: str) -> None:
        """She taps the newest button with this label."""
        for message in reversed(self.messages):
            choice = next((c for c in message.choices if c.label == label), None)
            if choice is not None:
                self._brings(
                    InboundKind.CHOICE, self.network.next_id(), choice=choice.token, place=message.place
                )
                return
        raise AssertionError(f"no button {label!r} on {self.everything()}")

    def taps_token(self, token: str) -> None:
        """She taps a certain button, on a message that is not the newest."""
        self._brings(InboundKind.CHOICE, self.network.next_id(), choice=token)

    def sends_media(self) -> None:
        """A voice note."""
        self._brings(InboundKind.MEDIA, self.network.next_id())

    def edits(self, remote: str, text: str) -> None:
        """She changes a message of hers."""
        self._brings(InboundKind.EDIT, remote, text=text, refers_to=remote)

    def _brings(self, kind: InboundKind, remote: str, **more: str | None) -> None:
        text = more.pop("text", "") or ""
        self.network.updates.append(
            InboundMessage(
                external_id=f"u{self.network.next_id()}",
                address=Address(self.network.name, self.handle),
                kind=kind,
                text=text,
                remote_id=remote,
                **more,
            )
        )


class FakeMessenger:
    """The port as a staff channel uses it."""

    def __init__(self, table: str) -> None:
        self.name = table.split("+", maxsplit=1)[0]
        self.capabilities: Capabilities = TABLES[table]
        self.updates: list[InboundMessage] = []
        self.phones: dict[str, Phone] = {}
        self.refuses: Callable[[OutboundMessage], Receipt | None] = lambda _: None
        self._ids = 0

    def next_id(self) -> str:
        self._ids += 1
        return str(self._ids)

    def phone(self, handle: str) -> Phone:
        """The phone behind `handle`, the same one each time."""
        return self.phones.setdefault(handle, Phone(self, handle))

    def batch(self, updates: list[InboundMessage]) -> Batch:
        return Batch(self.name, tuple(updates), cursor=str(len(self.updates)))

    async def send(self, message: OutboundMessage) -> Receipt:
        await asyncio.sleep(0)
        refused = self.refuses(message)
        if refused is not None:
            return refused
        phone = self.phone(message.address.handle)
        if phone.blocked:
            return Receipt(DeliveryState.FAILED_FOR_GOOD, "blocked")
        match message.kind:
            case OutboundKind.NEW:
                return self._new(phone, message)
            case OutboundKind.EDIT | OutboundKind.DELETE:
                return self._change(phone, message)
            case OutboundKind.OPEN:
                place = f"t{self.next_id()}"
                phone.places[place] = message.text
                return Receipt(DeliveryState.SENT, remote_id=place)
            case OutboundKind.CLOSE:
                assert message.place is not None
                del phone.places[message.place]
                phone.messages[:] = [m for m in phone.messages if m.place != message.place]
                return Receipt(DeliveryState.SENT)

    def _new(self, phone: Phone, message: OutboundMessage) -> Receipt:
        if message.place is not None and message.place not in phone.places:
            return Receipt(DeliveryState.FAILED_FOR_GOOD, "gone")
        new = Message(
            self.next_id(),
            message.text,
            message.place,
            choices=message.choices,
            link=message.link,
            protected=message.protect,
            asks_reply=message.asks_reply,
            reply_to=message.reply_to,
        )
        phone.messages.append(new)
        if not message.silent:
            phone.rings.append(message.text)
        return Receipt(DeliveryState.SENT, remote_id=new.id)

    def _change(self, phone: Phone, message: OutboundMessage) -> Receipt:
        for one in phone.messages:
            if one.id == message.target_remote_id:
                if message.kind is OutboundKind.DELETE:
                    phone.messages.remove(one)
                else:
                    one.text = message.text
                return Receipt(DeliveryState.SENT)
        return Receipt(DeliveryState.FAILED_FOR_GOOD, "gone")
