"""An adapter against the double: what the tests of this folder share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from channels.message import Address, Batch, Choice, OutboundKind, OutboundMessage
from channels.telegram.channel import Telegram, TelegramSettings
from tests.botapi.limits import Limits
from tests.botapi.phone import Phone
from tests.botapi.server import Double
from tests.botapi.world import World
from tests.webchat.page import Host

KEY = b"k" * 32


@dataclass
class Rig:
    """The double, one adapter, one phone; the adapter listens once told to."""

    double: Double
    phone: Phone
    chat: Telegram
    host: Host
    sent: int = 0
    tasks: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    @property
    def address(self) -> Address:
        return Address(self.chat.name, str(self.phone.user.id))

    def listens(self) -> None:
        self.tasks.append(asyncio.create_task(self.chat.listen(self.host.cursor, self.host.sink)))

    async def stops_listening(self) -> None:
        task = self.tasks.pop()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def message(self, text: str = "", *labels: str, **more: Any) -> OutboundMessage:
        self.sent += 1
        plain: dict[str, Any] = {
            "entry_id": f"e{self.sent}",
            "address": self.address,
            "kind": OutboundKind.NEW,
            "sequence": self.sent,
            "text": text,
            "choices": tuple(Choice(f"step.{label}", label) for label in labels),
        }
        return OutboundMessage(**plain | more)

    def texts(self, batches: list[Batch] | None = None) -> list[str]:
        """What the host was handed, word by word."""
        return [m.text for batch in batches or self.host.batches for m in batch.messages]


@contextlib.asynccontextmanager
async def rig(
    *, limited: bool = False, limits: Limits | None = None, topics: bool = False, **more: Any
) -> AsyncIterator[Rig]:
    """Everything open, nobody listening."""
    double = Double(World(limits=limits or Limits.off()))
    await double.start()
    bot = double.world.add_bot(topics=topics)
    settings = TelegramSettings(bot.token, double.url, limited=limited, **more)
    chat = Telegram(settings, lambda: datetime.now(UTC), monotonic, KEY, topics=topics)
    opened = Rig(double, double.phone(bot, "Ann Hername", username="annhername", language="ro"), chat, Host())
    try:
        yield opened
        assert double.world.strange == set()
    finally:
        while opened.tasks:
            await opened.stops_listening()
        await chat.close()
        await double.stop()
