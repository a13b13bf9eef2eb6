"""A small honest channel in memory: a person, her screen, and a network that can fail.

It keeps the port's promises as the real adapters do and passes the same contract tests. Service
tests use it as any of the three channels by name and capabilities.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from channels.message import (
    Address,
    Batch,
    Capabilities,
    Choice,
    DeliveryState,
    InboundKind,
    InboundMessage,
    Left,
    OutboundKind,
    OutboundMessage,
    Presence,
    Receipt,
    Reconnected,
    Seen,
    Speaker,
)
from channels.port import Sink
from channels.rendering import render

Update = InboundMessage | Presence | Reconnected | Seen | Left

WEB = Capabilities(
    buttons=True,
    edits=True,
    deletes_ours=True,
    deletes_hers=True,
    delete_within=None,
    confirms_delivery=True,
    replays=True,
    tells_presence=True,
    silent=True,
    protects=False,
    encryption="transport",
    max_text=16_000,
    max_label=200,
    max_choices=10,
    wipes=True,
)
TELEGRAM = replace(
    WEB,
    delete_within=timedelta(hours=48),
    confirms_delivery=False,
    replays=False,
    tells_presence=False,
    wipes=False,
    protects=True,
    max_text=4_096,
    max_label=64,
    max_inbound=4_096,
)
MATRIX = replace(
    WEB,
    buttons=False,
    confirms_delivery=False,
    tells_presence=False,
    wipes=False,
    encryption="end-to-end",
    max_text=8_000,
)
TABLES = {"web": WEB, "telegram": TELEGRAM, "matrix": MATRIX}


@dataclass
class Line:
    """One line on her screen."""

    id: str
    text: str
    speaker: Speaker
    sequence: int = 0
    choices: tuple[Choice, ...] = ()
    name: str = ""
    silent: bool = False


@dataclass
class Person:
    """Her side of one chat. Every act is an update of the network and can be offered again."""

    channel: "FakeChannel"
    address: Address
    screen: list[Line] = field(default_factory=list[Line])
    connected: bool = True
    left: bool = False
    told_to_leave: bool = False
    pushes: int = 0  # sounds and banners a bystander could notice
    language: str | None = None
    _acts: int = 0
    _entries: set[str] = field(default_factory=set[str])

    def types(self, text: str) -> str:
        """She writes; returns the external id."""
        return self._acts_as(InboundKind.TEXT, text=text, shown=text)

    def taps(self, choice: str | int) -> str:
        """She taps a choice of the newest line that has some, by label, token, or place (from 1)."""
        offered = next(line.choices for line in reversed(self.screen) if line.choices)
        if isinstance(choice, int):
            tapped = offered[choice - 1]
        else:
            tapped = next(c for c in offered if choice in (c.token, c.label))
        return self._acts_as(InboundKind.CHOICE, choice=tapped.token, shown=tapped.label)

    def edits(self, external_id: str, text: str) -> str:
        """She edits an earlier message of hers."""
        self._line(external_id).text = text
        return self._acts_as(InboundKind.EDIT, text=text, refers_to=external_id)

    def deletes(self, external_id: str) -> str:
        """She deletes an earlier message of hers."""
        self.screen.remove(self._line(external_id))
        return self._acts_as(InboundKind.DELETE, refers_to=external_id)

    def sends_media(self) -> str:
        """She sends a picture or a voice note."""
        return self._acts_as(InboundKind.MEDIA)

    def arrives(self) -> str:
        """She opens the page or chat afresh: her screen is empty."""
        self.screen.clear()
        self._entries.clear()
        self.connected, self.left, self.told_to_leave = True, False, False
        return self._acts_as(InboundKind.ARRIVED)

    def is_present(self) -> None:
        """The page is open before her eyes."""
        self.channel.bring(Presence(self.address))

    def disconnects(self) -> None:
        """The network drops; nothing reaches her."""
        self.connected = False

    def reconnects(self) -> None:
        """The same page comes back and says what it holds."""
        self.connected = True
        self.channel.bring(Reconnected(self.address, max((line.sequence for line in self.screen), default=0)))

    def leaves(self) -> str:
        """Exit button."""
        self.screen.clear()
        self.connected, self.left = False, True
        external_id = f"{self.address.handle}.{self._next()}"
        self.channel.bring(Left(self.address, external_id))
        return external_id

    def texts(self) -> list[str]:
        """What she reads, oldest first."""
        return [line.text for line in self.screen]

    def reads(self, message: OutboundMessage) -> None:
        """The network brought one message to her screen; a repeat changes nothing where it dedupes."""
        if self.channel.capabilities.replays and message.entry_id in self._entries:
            return
        self._entries.add(message.entry_id)
        if message.kind is OutboundKind.DELETE:
            self.screen[:] = [line for line in self.screen if line.id != message.target]
            return
        shown = render(message.text, message.choices, self.channel.capabilities)
        kept = message.choices if shown.buttons else ()
        text = "\n".join(shown.parts)
        if message.kind is OutboundKind.EDIT:
            for line in self.screen:
                if line.id == message.target:
                    line.text, line.choices = text, kept
            return
        self.pushes += 0 if message.silent and self.channel.capabilities.silent else 1
        self.screen.append(
            Line(
                message.entry_id,
                text,
                message.speaker,
                message.sequence,
                kept,
                message.speaker_name,
                message.silent,
            )
        )
        if self.channel.capabilities.replays:
            newest = [line for line in self.screen if line.sequence and line.sequence > message.sequence]
            for line in newest:  # an entry that was held back takes its place in the order
                self.screen.remove(line)
            self.screen.extend(newest)

    def _acts_as(
        self,
        kind: InboundKind,
        *,
        text: str = "",
        choice: str | None = None,
        refers_to: str | None = None,
        shown: str | None = None,
    ) -> str:
        external_id = f"{self.address.handle}.{self._next()}"
        if shown is not None:
            self.screen.append(Line(external_id, shown, Speaker.HER))
        self.channel.bring(
            InboundMessage(
                external_id=external_id,
                address=self.address,
                kind=kind,
                text=text,
                choice=choice,
                refers_to=refers_to,
                remote_id=external_id,
                language=self.language,
            )
        )
        return external_id

    def _next(self) -> int:
        self._acts += 1
        return self._acts

    def _line(self, line_id: str) -> Line:
        return next(line for line in self.screen if line.id == line_id)


class FakeChannel:
    """The port in memory. Updates have numbers; the cursor is the number of the last one stored."""

    def __init__(self, name: str = "web", capabilities: Capabilities | None = None) -> None:
        self._name = name
        self._capabilities = capabilities or TABLES[name]
        self._updates: list[Update] = []
        self._stored = 0
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self.people: dict[str, Person] = {}
        self.sent: list[OutboundMessage] = []
        self.forgotten: list[tuple[Address, bool]] = []
        self.closed = False
        self.batches = 0
        self.answer: Callable[[OutboundMessage], Receipt | None] = lambda _: None

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def person(self, handle: str) -> Person:
        """The person behind `handle`; the same one each time."""
        if handle not in self.people:
            self.people[handle] = Person(self, Address(self._name, handle))
        return self.people[handle]

    def bring(self, update: Update) -> None:
        """The network has something for us."""
        self._updates.append(update)
        self._settled.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Returns once everything brought so far is stored."""
        await self._settled.wait()

    def forget_acknowledgements(self, stored: int = 0) -> None:
        """The network offers again what came after update number `stored`."""
        self._stored = stored
        self._settled.clear()
        self._wake.set()

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        self._stored = max(self._stored, int(cursor or 0))
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting = self._updates[self._stored :]
            if not waiting:
                self._settled.set()
                continue
            try:
                await sink(self._batch(waiting))
            except Exception:  # noqa: BLE001 - whatever the sink's trouble, the updates are offered again
                await asyncio.sleep(0.01)
                self._wake.set()
                continue
            self._stored += len(waiting)
            self.batches += 1
            self._wake.set()

    def _batch(self, waiting: list[Update]) -> Batch:
        return Batch(
            channel=self._name,
            messages=tuple(u for u in waiting if isinstance(u, InboundMessage)),
            presences=tuple(u for u in waiting if isinstance(u, Presence)),
            reconnections=tuple(u for u in waiting if isinstance(u, Reconnected)),
            seen=tuple(u for u in waiting if isinstance(u, Seen)),
            left=tuple(u for u in waiting if isinstance(u, Left)),
            cursor=str(self._stored + len(waiting)),
        )

    async def send(self, message: OutboundMessage) -> Receipt:
        await asyncio.sleep(0)
        refused = self.answer(message)
        if refused is not None:
            return refused
        woman = self.people.get(message.address.handle)
        if woman is None or not woman.connected:
            if self._capabilities.confirms_delivery:
                return Receipt(DeliveryState.FAILED_FOR_NOW, "not_connected")
            return Receipt(DeliveryState.FAILED_FOR_GOOD, "gone")
        self.sent.append(message)
        woman.reads(message)
        if self._capabilities.confirms_delivery:
            self.bring(Seen(message.address, message.entry_id))
        return Receipt(DeliveryState.SENT, remote_id=message.entry_id)

    async def forget(self, address: Address, *, for_good: bool) -> None:
        await asyncio.sleep(0)
        self.forgotten.append((address, for_good))
        woman = self.people.get(address.handle)
        if woman is not None and self._capabilities.wipes:
            woman.screen.clear()
            woman.connected, woman.told_to_leave = False, True

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed = True
