"""The long poll: fetch, translate one by one, hand over, and only then ask for what comes next (PR1).

Asking with an offset is what confirms. It is asked once, right after the sink returned; all other polls name
none and get whatever is unconfirmed, so numbers that begin anew lose nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from telegram.error import Conflict, Forbidden, InvalidToken, TelegramError

from channels.message import Batch
from channels.port import Sink
from channels.telegram.cursor import Cursor, read_cursor
from channels.telegram.failures import Flooded
from channels.telegram.gathering import gather
from channels.telegram.health import Health
from channels.telegram.translate import WANTED, Errand, Read, Translation, Untranslatable
from channels.telegram.wire import Wire

log = logging.getLogger(__name__)

LIMIT: Final = 100  # updates in one answer
HELD_OPEN: Final = 25  # seconds a poll waits at the network
ANSWERED_WITHIN: Final = HELD_OPEN + 10.0
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 10.0
CONFLICT_PAUSE: Final = 3.0
AT_ONCE: Final = 0.2  # seconds; the network holds a poll open for longer when there is nothing
BUSY: Final = 4  # updates in one answer, from which on it is worth while to gather
GATHERS: Final = 0.004  # seconds until the next poll then: more comes together into one commit
STEADY: Final = timedelta(seconds=5)  # between an answer and the next poll, when all is well

RunErrands = Callable[[Iterable[Errand]], None]


@dataclass(slots=True)
class Poller:
    """Polls for one bot.

    Attributes:
        wire, channel, read, health: of the adapter.
        clock: the moment now, aware.
        run_errands: what follows a commit; does not wait.
    """

    wire: Wire
    channel: str
    read: Read
    health: Health
    clock: Callable[[], datetime]
    run_errands: RunErrands

    async def run(self, stored: str | None, sink: Sink) -> None:
        """Until cancelled; `stored` is the cursor the sink kept last."""
        cursor = read_cursor(stored, self.wire.number) or Cursor.begin(self.wire.number, self.clock())
        pause, confirm, loop = FIRST_PAUSE, True, asyncio.get_running_loop()
        while True:
            asked, begun = self.clock(), loop.time()
            try:
                updates = await self._fetch(cursor.offset(asked) if confirm else None)
            except TelegramError as failure:
                await asyncio.sleep(max(pause, await self._note(failure)))
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if not updates and loop.time() - begun < AT_ONCE:
                await asyncio.sleep(FIRST_PAUSE)  # a poll that is not held open must not become a storm
            pause, confirm, now = FIRST_PAUSE, bool(updates), self.clock()
            self.health.well(now)
            # Telegram does not tell when a button was tapped. After a break it may have been at any moment
            # since the queue was last empty: the earliest counts, so that no window lasts too long (PR4).
            steady = asked - cursor.drained_at <= STEADY
            tapped_at = now if steady else cursor.drained_at
            last = next((n for one in reversed(updates) if (n := number_of(one)) is not None), None)
            cursor = cursor.after(last, now, drained=len(updates) < LIMIT)
            await self._hand_over(updates, cursor, tapped_at, sink)
            if BUSY <= len(updates) < LIMIT:
                await asyncio.sleep(GATHERS)

    async def _fetch(self, offset: int | None) -> list[Any]:
        told = await self.wire.ask(
            "getUpdates",
            ANSWERED_WITHIN,
            offset=offset,
            limit=LIMIT,
            timeout=HELD_OPEN,
            allowed_updates=WANTED,
        )
        return cast("list[Any]", told) if isinstance(told, list) else []

    async def _hand_over(self, updates: list[Any], cursor: Cursor, tapped_at: datetime, sink: Sink) -> None:
        batches = gather(self._translated(updates, tapped_at))
        for one in batches:
            # Only the last carries the cursor: what comes after a crash between two is offered again.
            stored = cursor.stored() if one is batches[-1] else None
            await offered_until_stored(sink, one.batch(self.channel, stored))
            self.run_errands(one.errands)

    def _translated(self, updates: list[Any], tapped_at: datetime) -> Iterator[Translation | None]:
        for update in updates:
            try:
                one = self.read(update, tapped_at)
            except Untranslatable as fault:
                # The number of an update says nothing of anybody; it finds the case at the network.
                log.warning("an update could not be read", extra={
                    "channel": self.channel, "count": number_of(update) or 0, "error": str(fault),
                })  # fmt: skip
                yield None
                continue
            for message in one.messages:
                if message.sent_at is not None and message.sent_at > tapped_at:
                    tapped_at = message.sent_at  # what comes later in the queue was done later
            yield one

    async def _note(self, failure: TelegramError) -> float:
        """Remember what kept us from polling; returns the seconds to wait at least."""
        now = self.clock()
        if isinstance(failure, Flooded):
            return failure.seconds
        if isinstance(failure, InvalidToken | Forbidden):
            self.health.token_refused = now
            log.error("the network refuses the token", extra={"channel": self.channel})
            return LONGEST_PAUSE
        if isinstance(failure, Conflict):
            if "webhook" in failure.message.casefold():
                await self._take_webhook_away(now)
                return FIRST_PAUSE
            self.health.foreign_poller = now
            log.error("another program polls with our token", extra={"channel": self.channel})
            return CONFLICT_PAUSE
        log.info("polling failed", extra={"channel": self.channel, "error": type(failure).__name__})
        return 0.0

    async def _take_webhook_away(self, now: datetime) -> None:
        """While a webhook is set nobody is offered anything. At the start it may be our own of before."""
        if self.health.answered is not None:
            self.health.webhook_changed = now
            log.error("a webhook was set by somebody else", extra={"channel": self.channel})
        try:
            await self.wire.ask("deleteWebhook")  # what waits is never dropped
        except TelegramError as failure:
            log.warning("the webhook stays", extra={"error": type(failure).__name__})


async def offered_until_stored(sink: Sink, batch: Batch) -> None:
    """Offer a batch again and again until the sink takes it; nothing overtakes it meanwhile."""
    pause = 0.1
    while True:
        try:
            await sink(batch)
        except Exception as fault:  # noqa: BLE001  whatever the trouble, nothing was stored: offer it again
            log.warning("a batch could not be stored", extra={"error": type(fault).__name__})
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
        else:
            return


def number_of(update: Any) -> int | None:
    """The update's own number, None where it has none."""
    number = cast("dict[str, Any]", update).get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
