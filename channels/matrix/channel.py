"""Matrix as a channel: what the host constructs and calls."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from nio import AsyncClientConfig

from channels.matrix import entrance
from channels.matrix.capabilities import CAPABILITIES
from channels.matrix.entrance import CannotEnter
from channels.matrix.errands import Errands
from channels.matrix.failures import Refusal, Trouble
from channels.matrix.hearing import Gathered, Hearing
from channels.matrix.leaving import Leaving
from channels.matrix.ledger import Ledger
from channels.matrix.policy import Doorkeeper
from channels.matrix.reading import Table, text
from channels.matrix.sending import NOT_CONNECTED, Sending
from channels.matrix.settings import MatrixSettings
from channels.matrix.sharing import Sharing
from channels.matrix.staff_sending import STAFF_CAPABILITIES, StaffSending
from channels.matrix.station import Station
from channels.matrix.syncing import Findings, Syncing
from channels.matrix.unreadable import Unreadable
from channels.matrix.upkeep import Upkeep
from channels.matrix.wire import Client
from channels.message import Address, Batch, Capabilities, OutboundMessage, Receipt
from channels.port import OwnRows, Sink

__all__ = ["CannotEnter", "MatrixChannel", "MatrixSettings"]

_log = logging.getLogger(__name__)
LONGEST_PAUSE: Final = 30.0
OFF_PAUSE: Final = 60.0  # when only a person can help
TRIES_AT_ONE_TOKEN: Final = 3
SILENT: Final = (
    "nothing was heard from the homeserver for more than two minutes: see whether it runs and can be "
    "reached; what women write is kept there"
)
REFUSED_TOKEN: Final = (
    "the homeserver refuses the access token: "  # noqa: S105  a sentence, no secret
    "give a new one, or the password, and restart the service"
)


class MatrixChannel:
    """The line on Matrix.

    Args:
        settings: see `MatrixSettings`.
        clock: the moment now, aware.
        token: a fresh random string; ids of rows and transactions are made of it.
        own_rows: where keys and bookmarks are kept.
        trust: certificates believed beside the system's, for tests.
    """

    def __init__(
        self,
        settings: MatrixSettings,
        clock: Callable[[], datetime],
        token: Callable[[], str],
        own_rows: OwnRows,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._token = token
        self._trust: Any = trust
        self._ledger = Ledger(own_rows, token)
        self._line: _Line | None = None
        self._client: Client | None = None
        self._trouble = ""
        self._began: float | None = None
        self._since: str | None = None
        self._under_way = 0
        self._still = asyncio.Event()  # nothing is being sent
        self._still.set()

    @property
    def name(self) -> str:
        """The channel's name: "matrix" where women write."""
        return self._settings.name

    @property
    def capabilities(self) -> Capabilities:
        """Fixed for the life of the adapter."""
        return STAFF_CAPABILITIES if self._settings.staff else CAPABILITIES

    async def prepare(self) -> None:
        """Read what is kept. Raises `CannotEnter` when the device's keys are lost."""
        await self._ledger.open()
        entrance.check_rows(self._settings, self._ledger)

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        """Sync until cancelled; the token is the cursor, and moves with the batch only (PR1).

        May be called again: where several processes share the line, each time this one may go on with it.
        """
        self._line = None
        await self._still.wait()  # two lines with one key would use one number of it twice
        self._since = cursor
        self._began = asyncio.get_running_loop().time()
        try:
            await self._listen(sink)
        finally:
            self._began = None
            with suppress(Exception):  # another process may have the device by now
                await self._ledger.save()

    async def _listen(self, sink: Sink) -> None:
        shortest = self._settings.pause.total_seconds()
        pause, is_read = shortest, False
        while True:
            try:
                if not is_read:
                    await self._ledger.open()
                    is_read = True
                line = await self._connected()
                pause, self._trouble = shortest, ""
                await line.serve(sink)
            except CannotEnter as refused:
                if self._trouble != str(refused):
                    _log.error("off Matrix: see `hotline doctor`")
                self._trouble, wait = str(refused), OFF_PAUSE
            except Trouble as trouble:
                _log.warning("no connection to the homeserver", extra={"error": type(trouble).__name__})
                refused_token = isinstance(trouble, Refusal) and trouble.is_token
                self._trouble = REFUSED_TOKEN if refused_token else ""
                wait, pause = pause, min(pause * 2, LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001  see below
                # A fault of ours must not take the other channels down with it.
                _log.error("Matrix failed", exc_info=error)
                wait, pause = pause, min(pause * 2, LONGEST_PAUSE)
            else:
                wait = 0.0
            await asyncio.sleep(wait)

    async def send(self, message: OutboundMessage) -> Receipt:
        """Put one message into her room, locked for her devices; "not_connected" before rooms are known."""
        if self._line is None:
            return NOT_CONNECTED
        self._under_way += 1
        self._still.clear()
        try:
            return await self._line.sending.send(message)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._still.set()

    async def forget(self, address: Address, *, for_good: bool) -> None:
        """Nothing that waited to be read is read any more. The room is left by a message of its own kind.

        After a close it stays; what was in it goes from our homeserver a day later.
        """
        if self._line is not None:
            self._line.unreadable.forget(address.handle)
            if not for_good:
                self._line.station.chat_is_over(address.handle)

    def erased(self, handle: str) -> None:
        """The host erased all it kept of somebody, rows of ours included: nothing of her stays in memory."""
        if self._line is not None:
            self._line.unreadable.forget(handle)
            self._line.station.forget(handle)

    async def close(self) -> None:
        """Store what can be stored, close the connection."""
        if self._line is not None:
            with suppress(Exception):
                await self._ledger.save()
        self._line = None
        if self._client is not None:
            await self._client.close()
            self._client = None

    def vitals(self) -> dict[str, float]:
        """Numbers for whoever watches: none of them tells of one person."""
        line = self._line
        if line is None:
            return {"token_age": self._token_age(), "one_time_keys": 0, "unreadable": 0, "lost": 0}
        station = line.station
        return {
            "token_age": self._token_age(),
            "one_time_keys": float(station.stock.one_time or 0),
            "unreadable": float(len(line.unreadable)),
            "lost": float(station.lost),
        }

    def reasons(self) -> list[str]:
        """What keeps the line from being on Matrix, in sentences; empty when all is well."""
        if self._trouble:
            return [self._trouble]
        if self._token_age() > self._settings.token_age_alarm.total_seconds():
            return [SILENT]
        return []

    def _token_age(self) -> float:
        """Seconds since the homeserver last answered, or since we began to ask it."""
        if self._began is None:
            return 0.0
        heard = self._line.station.heard_at if self._line is not None else 0.0
        return asyncio.get_running_loop().time() - max(heard, self._began)

    async def _connected(self) -> "_Line":
        """The line as it is, or entered anew."""
        if self._line is None:
            if self._client is not None:
                await self._client.close()
            limits = AsyncClientConfig(encryption_enabled=False, max_limit_exceeded=0, max_timeouts=0)
            client = Client(self._settings.homeserver, self._settings.user, config=limits, ssl=self._trust)
            self._client = client
            station = await entrance.enter(self._settings, client, self._ledger, self._clock, self._token)
            self._line = _Line(station, self._since)
        return self._line


class _Line:
    """Everything that works on one station."""

    def __init__(self, station: Station, since: str | None) -> None:
        self.station = station
        self._since: str | None = since
        self.unreadable = Unreadable(station.ledger)
        self.unreadable.open()
        sharing, leaving = Sharing(station), Leaving(station)
        sender = StaffSending if station.settings.staff else Sending
        self.sending = sender(station, sharing, leaving)
        self._hearing = Hearing(station, self.unreadable)
        self._syncing = Syncing(station, self._hearing)
        self._late = Gathered()
        upkeep = Upkeep(station, sharing, self._hearing, self.unreadable, self._late)
        self._errands = Errands(station, leaving, upkeep, Doorkeeper(station.settings))
        self._failures = 0
        self._first = True

    async def serve(self, sink: Sink) -> None:
        """Sync and hand over, until the homeserver fails."""
        running = asyncio.create_task(self._errands.run())
        asking: asyncio.Task[Table] | None = None
        try:
            while True:
                asking = asking or asyncio.create_task(self._ask())
                await self._something({asking, running})
                if running.done():
                    running.result()
                if asking.done():
                    answer, asking = asking.result(), None
                    await self._take(answer, sink)
                else:
                    await self._hand_over_late(sink)
        except Refusal as refused:
            if not await self._mend(refused):
                raise
        finally:
            for task in (asking, running):
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError, Exception):
                        await task

    async def _something(self, tasks: "set[asyncio.Task[Any]]") -> None:
        """Wait for the homeserver, for the bell, or until somebody is to be told something."""
        ringing = asyncio.create_task(self.station.bell.wait())
        due = self.unreadable.next_word()
        within = None if due is None else max(0.05, (due - self.station.now()).total_seconds())
        try:
            await asyncio.wait({*tasks, ringing}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()
        self.station.bell.clear()

    async def _mend(self, refused: Refusal) -> bool:
        """A refused token may be had anew. A place in the story that is refused is counted: see `_ask`."""
        if refused.is_token:
            station = self.station
            return await entrance.log_in_again(station.settings, station.client, station.ledger)
        self._failures += bool(refused.code) and not refused.is_limit
        return False

    async def _ask(self) -> Table:
        """One sync. After several failures at one token all is looked at anew, from what we know on."""
        station, settings = self.station, self.station.settings
        query = {"filter": await entrance.filter_id(station)}
        if self._first:
            query["full_state"] = "true"
        else:
            query["timeout"] = str(int(settings.poll_for.total_seconds() * 1000))
        if self._since is not None and self._failures < TRIES_AT_ONE_TOKEN:
            query["since"] = self._since
        patience = (settings.poll_for + settings.patience).total_seconds() * (3 if self._first else 1)
        answer = await station.client.get("/sync", query=query, patience=patience)
        station.heard_at = asyncio.get_running_loop().time()
        return answer

    async def _take(self, answer: Table, sink: Sink) -> None:
        token = text(answer.get("next_batch"))
        if not token:
            raise Refusal(200)
        gathered, found = await self._syncing.take(answer)
        self._merge(gathered)
        pending = self.station.ledger.pending(with_batch=True)
        if token != self._since or pending.rows or not gathered.is_empty:
            await self._offer(sink, gathered, token)
        self._since, self._first, self._failures = token, False, 0
        self.station.ready.set()
        self._errands.note(gathered, found)

    async def _hand_over_late(self, sink: Sink) -> None:
        """What came from errands, or can be read by now, without waiting for the homeserver."""
        gathered = Gathered()
        self._hearing.try_again(gathered)
        self._merge(gathered)
        if not gathered.is_empty:
            await self._offer(sink, gathered, None)
            self._errands.note(gathered, Findings())

    def _merge(self, gathered: Gathered) -> None:
        gathered.messages += self._late.messages
        self._late.messages.clear()
        self._hearing.tell_waiting(gathered, self.unreadable.untold(self.station.now()))

    async def _offer(self, sink: Sink, gathered: Gathered, token: str | None) -> None:
        """Hand a batch over until it is stored, with the keys that belong to it."""
        ledger, pause = self.station.ledger, 0.1
        while True:
            async with ledger.storing:
                pending = ledger.pending(with_batch=True)
                batch = Batch(
                    self.station.settings.name,
                    messages=tuple(gathered.messages),
                    left=tuple(gathered.left),
                    cursor=token,
                    poison=gathered.poison,
                    own_rows=pending.rows,
                )
                try:
                    await sink(batch)
                except Exception as error:  # noqa: BLE001  nothing was stored: it is offered again
                    _log.warning("a batch could not be stored", extra={"error": type(error).__name__})
                else:
                    ledger.stored(pending)
                    return
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
