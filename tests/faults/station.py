"""`python -m tests.faults.station`: the real service with one channel more, on the campaign's own network."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.app import open_hotline, run_loops
from bot.observability.log import configure
from bot.settings import load_settings
from channels.message import (
    Address,
    Batch,
    Capabilities,
    DeliveryState,
    InboundKind,
    InboundMessage,
    OutboundMessage,
    Receipt,
)
from channels.port import Sink
from tests.fakes.channel import TELEGRAM

AWAY = Receipt(DeliveryState.FAILED_FOR_NOW, "network", retry_after=timedelta(seconds=0.2))


class Messenger:
    """An adapter of the campaign's network: acknowledges after the commit, never retries."""

    def __init__(self, origin: str, who: str) -> None:
        self._origin = origin
        self._who = who
        self._client: aiohttp.ClientSession | None = None

    @property
    def name(self) -> str:
        return "telegram"

    @property
    def capabilities(self) -> Capabilities:
        return replace(TELEGRAM, deletes_hers=False)

    @property
    def client(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(self._origin, timeout=aiohttp.ClientTimeout(total=10))
        return self._client

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        offset = int(cursor or 0)
        while True:
            try:
                async with self.client.post("/read", json={"who": self._who, "offset": offset}) as answer:
                    updates = await answer.json()
                if updates:
                    reached = updates[-1]["number"] + 1
                    await sink(
                        Batch("telegram", tuple(_inbound(one) for one in updates), cursor=str(reached))
                    )
                    offset = reached
            except Exception:  # noqa: BLE001 - whatever it was, nothing was acknowledged
                await asyncio.sleep(0.2)

    async def send(self, message: OutboundMessage) -> Receipt:
        frame = {
            "t": message.kind.value,
            "id": message.entry_id,
            "handle": message.address.handle,
            "seq": message.sequence,
            "who": message.speaker.value,
            "text": message.text,
            "tokens": [choice.token for choice in message.choices],
        }
        try:
            async with self.client.post("/send", json=frame) as answer:
                return Receipt(DeliveryState.SENT, remote_id=(await answer.json())["remote"])
        except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError):
            return AWAY
        except (aiohttp.ClientError, TimeoutError):
            return Receipt(DeliveryState.UNKNOWN, "network")

    async def forget(self, address: Address, *, for_good: bool) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def _inbound(update: dict[str, str]) -> InboundMessage:
    kind = InboundKind(update["kind"])
    return InboundMessage(
        external_id=f"u{update['number']}",
        address=Address("telegram", update["handle"]),
        kind=kind,
        text=update.get("text", ""),
        choice=update.get("choice"),
        remote_id=f"r{update['number']}",
        language="en",
    )


async def main() -> None:
    settings = load_settings(os.environ, Path.cwd())
    async with open_hotline(settings) as hotline:
        messenger = Messenger(os.environ["STATION_NETWORK"], os.environ["STATION_NAME"])
        hotline.channels[messenger.name] = messenger
        hotline.house.channels = {**hotline.house.channels, messenger.name: messenger.capabilities}
        try:
            await run_loops(hotline, lambda _: print("listening", flush=True))
        finally:
            await messenger.close()


def ended_by_signal(serving: "asyncio.Task[None]") -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)


async def until_told() -> None:
    serving = asyncio.ensure_future(main())
    ended_by_signal(serving)
    with suppress(asyncio.CancelledError):
        await serving


if __name__ == "__main__":
    configure(sys.stderr)
    asyncio.run(until_told())
