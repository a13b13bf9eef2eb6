"""Updates brought to us: 200 only after the commit, and to nobody but who knows the secret (PR1).

What arrives while a commit runs goes together into the next one.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import Forbidden, InvalidToken, TelegramError

from channels.port import Sink
from channels.telegram.cursor import Cursor, read_cursor
from channels.telegram.gathering import Gathered
from channels.telegram.health import Health
from channels.telegram.plain import NotJson, read_json
from channels.telegram.polling import RunErrands, number_of, offered_until_stored
from channels.telegram.translate import WANTED, Read, Translation, Untranslatable
from channels.telegram.wire import Wire

log = logging.getLogger(__name__)

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name
LARGEST: Final = 128 * 1024  # bytes of one update; the longest text with its marks takes a third
MOST_WAITING: Final = 2_000
MOST_AT_ONCE: Final = 200
AT_ONCE_THERE: Final = 100  # connections the network may open
LOOK_EVERY: Final = 60.0
LOOK_SOON: Final = 3.0


@dataclass(slots=True)
class _Arrived:
    one: Translation | None
    stored: "asyncio.Future[bool]"


@dataclass(slots=True)
class Webhook:
    """The webhook of one bot.

    Attributes:
        wire, channel, read, health, clock, run_errands: as `Poller`.
        url: where the network reaches us, whole.
        secret: what the network says in a header.
    """

    wire: Wire
    channel: str
    read: Read
    health: Health
    clock: Callable[[], datetime]
    run_errands: RunErrands
    url: str
    secret: str
    _waiting: list[_Arrived] = field(default_factory=list[_Arrived])
    _taken: list[_Arrived] = field(default_factory=list[_Arrived])  # in the batch that is being stored
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _cursor: Cursor | None = None
    _received: int = 0  # updates brought so far
    _listening: bool = False
    _caught_up: bool = False

    def route(self) -> web.RouteDef:
        """What the host mounts at its public listener."""
        return web.post(urlsplit(self.url).path, self.receive)

    async def run(self, stored: str | None, sink: Sink) -> None:
        """Tell the network where we are, and store what it brings, until cancelled."""
        bot = self.wire.number
        self._cursor = read_cursor(stored, bot) or Cursor.begin(bot, self.clock())
        self._listening, self._caught_up = True, False
        try:
            async with asyncio.TaskGroup() as running:
                running.create_task(self._store(sink))
                running.create_task(self._watch())
        finally:
            self._listening = False
            for arrived in (*self._taken, *self._waiting):
                if not arrived.stored.done():
                    arrived.stored.set_result(False)  # the network brings it again
            self._taken, self._waiting = [], []

    async def receive(self, request: web.Request) -> web.Response:
        """One update. 200 once it is stored; until then the network keeps it and brings it again."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            return web.Response(status=403)
        if not self._listening or len(self._waiting) >= MOST_WAITING:
            return web.Response(status=503)
        found = self._translated(await _body(request))
        arrived = _Arrived(found, asyncio.get_running_loop().create_future())
        self._waiting.append(arrived)
        self._received += 1
        self._bell.set()
        return web.Response(status=200 if await arrived.stored else 503)

    def _translated(self, body: bytes) -> Translation | None:
        update: Any = None
        try:
            update = read_json(body)
            return self.read(update, self._tapped_at())
        except (Untranslatable, NotJson) as fault:
            error = str(fault) if isinstance(fault, Untranslatable) else type(fault).__name__
            log.warning("an update could not be read", extra={
                "channel": self.channel, "count": number_of(update) or 0, "error": error,
            })  # fmt: skip
            return None

    def _tapped_at(self) -> datetime:
        """While the network may still bring what happened in our absence, a tap may be as old as that."""
        return self.clock() if self._caught_up or self._cursor is None else self._cursor.drained_at

    async def _store(self, sink: Sink) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._waiting:
                gathered = self._next()
                assert self._cursor is not None  # noqa: S101  set before this runs
                now = self.clock()
                self._cursor = self._cursor.after(None, now, drained=self._caught_up)
                await offered_until_stored(sink, gathered.batch(self.channel, self._cursor.stored()))
                for one in self._taken:
                    if not one.stored.done():
                        one.stored.set_result(True)
                self._taken = []
                self.run_errands(gathered.errands)

    def _next(self) -> Gathered:
        gathered = Gathered()
        while self._waiting and len(self._taken) < MOST_AT_ONCE:
            one = self._waiting[0].one
            if one is not None and gathered.must_end_before(one):
                break
            if one is None:
                gathered.poison += 1
            else:
                gathered.add(one)
            self._taken.append(self._waiting.pop(0))
        return gathered

    async def _watch(self) -> None:
        """Keep the webhook where it belongs, and know when the network has caught up."""
        first = True
        while True:
            asked, before = self.clock(), self._received - len(self._waiting) - len(self._taken)
            try:
                info: dict[str, Any] = await self.wire.ask("getWebhookInfo")
                now = self.clock()
                self.health.well(now)
                self._note_waiting(info.get("pending_update_count"), self._received - before, asked)
                if info.get("url") != self.url or first:
                    await self._set(now, first=first)
                first = False
            except (InvalidToken, Forbidden):
                self.health.token_refused = self.clock()
                log.error("the network refuses the token", extra={"channel": self.channel})  # noqa: TRY400  no trace needed
            except TelegramError as failure:
                self._caught_up = False
                log.info("the webhook was not looked at", extra={"error": type(failure).__name__})
            await asyncio.sleep(LOOK_EVERY if self._caught_up else LOOK_SOON)

    def _note_waiting(self, waiting: Any, in_hand: int, asked: datetime) -> None:
        """Whether the network keeps anything that is older than its being `asked`.

        What is in our hands counts as waiting there until it is answered: a busy line always has some.
        """
        self._caught_up = isinstance(waiting, int) and waiting <= in_hand
        if self._caught_up and self._cursor is not None:
            self._cursor = self._cursor.after(None, asked, drained=True)

    async def _set(self, now: datetime, *, first: bool) -> None:
        if not first:
            self.health.webhook_changed = now
            log.error("the webhook was changed by somebody else", extra={"channel": self.channel})
        await self.wire.ask(
            "setWebhook",
            url=self.url,
            secret_token=self.secret,
            allowed_updates=WANTED,
            max_connections=AT_ONCE_THERE,
            drop_pending_updates=False,
        )


async def _body(request: web.Request) -> bytes:
    """What was brought; nothing of what is larger than any update: refused, it would come again for ever."""
    if (request.content_length or 0) > LARGEST:
        return b""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        return b""
