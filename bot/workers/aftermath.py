"""What follows a commit outside the database: pages told to leave, staff alerted.

None of it is a promise the database does not also keep; a crash here loses nothing that matters.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from bot.observability.metrics import Metrics
from channels.message import Address
from channels.port import Channel, Remembering

log = logging.getLogger(__name__)

Overtake = Callable[[str], "asyncio.Future[None] | None"]


class Aftermath:
    """Carries out the `after` lists of services."""

    def __init__(self, channels: Mapping[str, Channel], metrics: Metrics) -> None:
        self._channels = channels
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._overtake: list[Overtake] = []

    def on_hide(self, overtake: Overtake) -> None:
        """Have an outbox loop told of every hidden conversation."""
        self._overtake.append(overtake)

    def off_hide(self, overtake: Overtake) -> None:
        """That loop has ended."""
        self._overtake.remove(overtake)

    def follow(self, after: tuple[tuple[str, str, str], ...]) -> None:
        """Start what must follow; does not wait for it."""
        # Sends of hidden conversations are stopped in the same breath, before anything else can run.
        waits = [
            future
            for kind, conversation, _ in after
            if kind == "hidden"
            for overtake in self._overtake
            if (future := overtake(conversation)) is not None
        ]
        task = asyncio.get_running_loop().create_task(self._carry_out(after, waits))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let what has begun finish, at most a few seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=6)

    async def _carry_out(
        self, after: tuple[tuple[str, str, str], ...], waits: "list[asyncio.Future[None]]"
    ) -> None:
        if waits:
            await asyncio.wait(waits, timeout=5)  # a request in flight is awaited, its message then deleted
        for kind, first, second in after:
            if kind in {"forget", "leave"}:
                await self._forget(first, second, for_good=kind == "forget")
            elif kind == "erased":
                adapter = self._channels.get(first)
                if isinstance(adapter, Remembering):
                    adapter.erased(second)
            elif kind == "alert":
                self._metrics.alerted(first)

    async def _forget(self, channel: str, handle: str, *, for_good: bool) -> None:
        adapter = self._channels.get(channel)
        if adapter is None:
            return
        try:
            await adapter.forget(Address(channel, handle), for_good=for_good)
        except Exception as failure:  # noqa: BLE001  one page that cannot be told must not stop the next
            log.warning("forget failed", extra={"channel": channel, "error": type(failure).__name__})
