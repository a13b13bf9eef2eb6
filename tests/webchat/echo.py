"""A tiny host: asks the safe check on arrival, answers every act, sends again what a page missed."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

from channels.message import (
    Address,
    Batch,
    Choice,
    DeliveryState,
    InboundKind,
    InboundMessage,
    OutboundKind,
    OutboundMessage,
)
from channels.webchat.channel import WebChat
from tests.webchat.page import Host

SAFE_CHECK = "Is it all right to write here just now?"
ANSWERS = (Choice("safe.yes", "Yes"), Choice("safe.no", "No"), Choice("safe.unsure", "Not sure"))
HIDE = Choice("!hide", "Hide", "9")


@dataclass
class Echo(Host):
    """Answers "you wrote …" and "you chose …"; "hide" forgets her."""

    chat: WebChat | None = None
    language: str = "en"
    said: dict[str, list[OutboundMessage]] = field(default_factory=dict[str, list[OutboundMessage]])
    seen: set[str] = field(default_factory=set[str])
    checked: set[str] = field(default_factory=set[str])  # who has answered the safe check
    quiet: bool = False
    _sequence: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    async def sink(self, batch: Batch) -> None:  # pyright: ignore[reportImplicitOverride] - not in 3.11's typing
        known = {message.external_id for message in self.messages}
        await super().sink(batch)
        self.seen |= {seen.entry_id for seen in batch.seen}
        fresh = [m for m in batch.messages if m.external_id not in known]
        self._later(self._turns(fresh, batch))

    async def _turns(self, fresh: list[InboundMessage], batch: Batch) -> None:
        async with self._turn:
            for message in fresh:
                await self._answer_to(message)
            arrived = {m.address.handle for m in fresh if m.kind is InboundKind.ARRIVED}
            for back in batch.reconnections:
                if back.address.handle not in arrived:
                    await self._again(back.address, back.after)
            for left in batch.left:
                await self._channel().forget(left.address, for_good=True)

    async def _answer_to(self, message: InboundMessage) -> None:
        if self.quiet:
            return
        match message.kind:
            case InboundKind.ARRIVED:
                self.said[message.address.handle] = []
                self.checked.discard(message.address.handle)
                await self.says(message.address, SAFE_CHECK, *ANSWERS, HIDE)
            case InboundKind.TEXT if message.text == "hide":
                await self._channel().forget(message.address, for_good=True)
            case InboundKind.TEXT:
                await self.says(message.address, f"you wrote {message.text}", *ANSWERS)
            case _:
                self.checked.add(message.address.handle)
                await self.says(message.address, f"you chose {message.choice}", *ANSWERS, HIDE)

    async def says(
        self,
        address: Address,
        text: str,
        *choices: Choice,
        kind: OutboundKind = OutboundKind.NEW,
        target: str = "",
    ) -> OutboundMessage:
        self._sequence += 1
        message = OutboundMessage(
            entry_id=f"entry{self._sequence}",
            address=address,
            kind=kind,
            sequence=self._sequence,
            text=text,
            choices=choices,
            language=self.language,
            aloud=address.handle in self.checked,
            target=target or None,
        )
        self.said.setdefault(address.handle, []).append(message)
        await self._channel().send(message)
        return message

    async def _again(self, address: Address, after: int) -> None:
        for message in self.said.get(address.handle, []):
            if message.sequence > after and message.entry_id not in self.seen:
                receipt = await self._channel().send(message)
                assert receipt.state in (DeliveryState.SENT, DeliveryState.FAILED_FOR_NOW)

    def _channel(self) -> WebChat:
        assert self.chat is not None
        return self.chat

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def address(self) -> Address:
        """Of whoever acted last."""
        return self.messages[-1].address

    def texts(self) -> list[str]:
        """Her words and taps, in the order stored."""
        return [m.choice or m.text for m in self.messages if m.kind is not InboundKind.ARRIVED]

    def arrivals(self) -> int:
        """How often a page was opened afresh."""
        return sum(m.kind is InboundKind.ARRIVED for m in self.messages)
