"""What waits for one bot: kept until confirmed, a day at most, offered to one who asks."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.clock import VirtualClock

KEPT_FOR = 24 * 3600.0
KINDS = frozenset(
    {
        "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
        "business_message", "edited_business_message", "deleted_business_messages", "message_reaction",
        "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
        "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
        "chat_join_request", "chat_boost", "removed_chat_boost",
    }
)  # fmt: skip
NOT_UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
BY_DEFAULT = KINDS - NOT_UNASKED


@dataclass(slots=True)
class Waiting:
    """One update that is not confirmed."""

    id: int
    at: float
    plain: dict[str, Any]


@dataclass
class Updates:
    """The updates of one bot."""

    clock: VirtualClock
    next_id: int = 100_000_001
    allowed: frozenset[str] = BY_DEFAULT
    waiting: deque[Waiting] = field(default_factory=deque[Waiting])
    offered: int = 0  # how often an update was offered that had been offered before
    _seen: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def allow(self, kinds: list[str] | None) -> None:
        """As asked; an empty list is the default; None leaves it as it was."""
        if kinds is not None:
            self.allowed = frozenset(kinds) & KINDS if kinds else BY_DEFAULT

    def add(self, kind: str, value: Any) -> int | None:
        """Something happened; None if the bot does not want to know."""
        if kind in KINDS and kind not in self.allowed:
            return None
        return self.add_raw({kind: value})

    def add_raw(self, plain: dict[str, Any]) -> int:
        """An update as it is, whatever it holds."""
        number = self.next_id
        self.next_id += 1
        self.waiting.append(Waiting(number, self.clock.now(), {"update_id": number, **plain}))
        self._wake.set()
        return number

    def restart_ids(self, at: int) -> None:
        """After a week without updates the network may choose the next id at random."""
        self.next_id = at
        self._seen = 0

    def confirm(self, offset: int) -> None:
        """Everything below `offset` has arrived; a negative one keeps that many from the end."""
        self._forget_old()
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
        while offset > 0 and self.waiting and self.waiting[0].id < offset:
            self.waiting.popleft()

    def take(self, limit: int) -> list[dict[str, Any]]:
        """The oldest ones; they stay until they are confirmed."""
        self._forget_old()
        taken = [self.waiting[n] for n in range(min(limit, len(self.waiting)))]
        self.offered += sum(one.id <= self._seen for one in taken)
        self._seen = max([self._seen, *(one.id for one in taken)])
        return [one.plain for one in taken]

    async def come(self, seconds: float) -> None:
        """Wait until there is one."""
        if self.waiting:
            return
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _forget_old(self) -> None:
        oldest = self.clock.now() - KEPT_FOR
        while self.waiting and self.waiting[0].at < oldest:
            self.waiting.popleft()
