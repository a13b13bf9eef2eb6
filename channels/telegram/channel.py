"""Telegram as a channel: what the host constructs, mounts and calls."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiohttp import web
from telegram.error import TelegramError

from channels.message import Address, Capabilities, OutboundMessage, Receipt
from channels.port import Sink
from channels.telegram.capabilities import CAPABILITIES
from channels.telegram.health import SENTENCES, Health
from channels.telegram.limiter import Limiter, Priority, Rates
from channels.telegram.marks import Marks
from channels.telegram.polling import Poller
from channels.telegram.sending import Sending, chat_number
from channels.telegram.settings import TelegramSettings
from channels.telegram.staff import for_staff
from channels.telegram.translate import Errand, ErrandKind, Translation, translate
from channels.telegram.webhook import Webhook
from channels.telegram.wire import Wire

__all__ = ["Telegram", "TelegramSettings"]

log = logging.getLogger(__name__)
MOST_ERRANDS = 1_000  # waiting or under way; a button that goes on turning harms nobody
ERRANDS_AT_ONCE = 16  # so that they do not take the connections from answers


class Telegram:
    """Private chats with one bot.

    Args:
        settings: see `TelegramSettings`.
        clock: the moment now, aware.
        monotonic: seconds of a clock that only goes forward.
        mark_key: marks what buttons bring back; the same after a restart, or old buttons do nothing.
        topics: the bot may make topics in private chats; only asked of the volunteers'.
    """

    def __init__(
        self,
        settings: TelegramSettings,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        mark_key: bytes,
        *,
        topics: bool = False,
    ) -> None:
        self._name = settings.name
        self._staff = settings.staff
        self._capabilities = replace(CAPABILITIES, places=topics)
        self.health = Health(clock())
        self.wire = Wire(settings.token, settings.api_url)
        self._clock = clock
        self._marks = Marks(mark_key)
        self._limiter = Limiter(Rates() if settings.limited else None, monotonic)
        priority = Priority.VOLUNTEERS if settings.staff else Priority.HERS
        self._sending = Sending(self.wire, self._limiter, self._marks, self._capabilities, clock, priority)
        self._errands: set[asyncio.Task[None]] = set()
        self._errand_gate = asyncio.Semaphore(ERRANDS_AT_ONCE)
        self._poller: Poller | None = None
        self._webhook: Webhook | None = None
        common = (self.wire, self._name, self._read, self.health, clock, self._run_errands)
        if settings.webhook_url is None:
            self._poller = Poller(*common)
        else:
            self._webhook = Webhook(*common, settings.webhook_url, settings.webhook_secret)

    @property
    def name(self) -> str:
        """The channel's name: "telegram" for the bot women write to."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Fixed for the life of the adapter."""
        return self._capabilities

    def routes(self) -> list[web.RouteDef]:
        """What the host mounts at its public listener: the webhook, if there is one."""
        return [] if self._webhook is None else [self._webhook.route()]

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        """Hand over what comes, until cancelled. The network is never told to drop what waits there.

        May be called again: where several processes share the bot, each time this one may go on with it.
        """
        self.health.begin(self._clock())
        receiver = self._poller or self._webhook
        assert receiver is not None  # noqa: S101  one of them was made
        await receiver.run(cursor, sink)

    async def send(self, message: OutboundMessage) -> Receipt:
        """Send, edit or delete; whatever the network says is a receipt."""
        return await self._sending.send(message)

    async def delete_together(self, messages: Sequence[OutboundMessage]) -> list[Receipt]:
        """Delete lines of one chat in as few calls as can be; a receipt for each, in order."""
        return await self._sending.delete_together(messages)

    async def forget(self, address: Address, *, for_good: bool) -> None:
        """Nothing about a chat is kept here but how fast it was written to."""
        del for_good
        chat = chat_number(address.handle)
        if chat is not None:
            self._limiter.forget(chat)
        await asyncio.sleep(0)

    def reasons(self) -> list[str]:
        """What is wrong with this channel now, each with its cure."""
        return [SENTENCES[one] for one in self.health.troubles(self._clock())]

    async def close(self) -> None:
        """Let errands end, close every connection."""
        if self._errands:
            await asyncio.wait(self._errands, timeout=1)
        await self.wire.hang_up()

    def _read(self, update: Any, tapped_at: datetime) -> Translation:
        found = translate(update, self._name, self._marks, tapped_at)
        return for_staff(update, found) if self._staff else found

    def _run_errands(self, errands: Iterable[Errand]) -> None:
        for errand in errands:
            if len(self._errands) < MOST_ERRANDS:
                task = asyncio.get_running_loop().create_task(self._run_errand(errand))
                self._errands.add(task)
                task.add_done_callback(self._errands.discard)

    async def _run_errand(self, errand: Errand) -> None:
        try:
            async with self._errand_gate:
                match errand.kind:
                    case ErrandKind.ANSWER:
                        await self.wire.ask("answerCallbackQuery", callback_query_id=errand.what)
                    case ErrandKind.LEAVE:
                        await self.wire.ask("leaveChat", chat_id=errand.what)
        except TelegramError as failure:
            log.debug("an errand was refused", extra={"error": type(failure).__name__})
